// What the logarithmic families share: antilogarithms, corrected or not, and the truncation of
// fractions. Internal to this folder; fractions and their sums are those of fixed_point.h.
#pragma once

#include "mulberry/multipliers/fixed_point.h"

namespace mulberry {

/// The antilogarithm of k + sum, 0 <= sum < 2, in Mitchell's approximation: the floor of
/// 2^k·(1 + sum) if sum < 1, else of 2^(k+1)·sum.
inline uint64_t Antilogarithm(int k, uint64_t sum) {
  return sum < kOne ? FloorOfScaled(kOne + sum, k - kFractionBits)
                    : FloorOfScaled(sum, k + 1 - kFractionBits);
}

/// The same with a correction of the significand, which the carry halves: the floor of
/// 2^k·(1 + sum + c) or 2^(k+1)·(sum + c/2). The latter can have more than 2n bits for the largest
/// of n-bit operands; the correction is then left out.
inline uint64_t CorrectedAntilogarithm(int k, uint64_t sum, uint64_t correction, int n) {
  if (sum < kOne) return FloorOfScaled(kOne + sum + correction, k - kFractionBits);
  const uint64_t corrected = FloorOfScaled(sum + correction / 2, k + 1 - kFractionBits);
  return corrected >> 2 * n ? Antilogarithm(k, sum) : corrected;
}

/// Keeps the first bits of a fraction and sets the last of those, which makes up for the dropped
/// ones on average.
class FractionTruncation {
 public:
  FractionTruncation(int kept, bool set_lowest)
      : mask_(~((kOne >> kept) - 1)), lowest_(set_lowest && kept > 0 ? kOne >> kept : 0) {}

  uint64_t operator()(uint64_t fraction) const { return (fraction & mask_) | lowest_; }
  /// The bits that are kept.
  uint64_t mask() const { return mask_; }

 private:
  uint64_t mask_;
  uint64_t lowest_;
};

}  // namespace mulberry
