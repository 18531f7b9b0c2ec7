// Inputs by which a design too wide to be tried completely is tried.
#pragma once

#include <cstdint>
#include <vector>

#include "mulberry/hardware/design.h"

namespace mulberry {

/// A sequence of combinations of a design's inputs, a function of the seed. At first, in at most
/// half of it, those of encodings at the ends of the range and around powers of two: all of them,
/// or where that is too many, random ones of these. Then random ones: in turn with uniform bits,
/// with runs of equal bits, and with few bits set or few clear.
class VerificationInputs {
 public:
  VerificationInputs(const Design& design, uint64_t count, uint64_t seed);

  uint64_t count() const { return count_; }
  /// A word for each input.
  void Get(uint64_t index, uint64_t* inputs) const;

 private:
  std::vector<std::vector<uint64_t>> corners_;  ///< Of each input.
  std::vector<int> bits_;
  uint64_t corner_combinations_ = 1;
  uint64_t count_;
  uint64_t seed_;
};

}  // namespace mulberry
