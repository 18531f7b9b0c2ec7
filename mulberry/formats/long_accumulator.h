// A fixed-point number so long that sums of numbers taken apart are exact in it: Kulisch's long
// accumulator, of which the quire of posits is one. Two's complement. Source: Kulisch, "Computer
// Arithmetic and Validity", 2nd edition, 2013. Not here: widths and specials (quire.h,
// accumulator.h).
#pragma once

#include <cstdint>
#include <vector>

#include "mulberry/formats/posit.h"

namespace mulberry {

class LongAccumulator {
 public:
  /// Zero, of `bits` bits, the sign included; the lowest has the weight 2^lowest.
  LongAccumulator(int lowest, int bits);

  /// Adds `value`, which is a number, not sticky, and has no set bit that is not one of these.
  /// What overflows wraps around, unseen beyond the sum that does.
  void Add(const UnpackedReal& value);
  /// Whether the sum is beyond its bits, after one addition that made it so.
  bool Overflowed() const;
  /// The sum, of which all but the 64 highest bits are sticky.
  UnpackedReal Sum() const;

 private:
  bool negative() const;

  int lowest_, bits_;
  std::vector<uint64_t> words_;  ///< The lowest first; sign-extended above `bits_`.
};

}  // namespace mulberry
