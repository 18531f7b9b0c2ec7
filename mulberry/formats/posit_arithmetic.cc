#include "mulberry/formats/posit_arithmetic.h"

#include <bit>
#include <utility>

namespace mulberry {
namespace {

constexpr UnpackedReal kNan = {.nan = true};

/// Two bits of a word are left for the sum's carry and for what is borrowed.
constexpr int kAlignedBits = 62;

/// The same number with a significand of kAlignedBits.
UnpackedReal Aligned(UnpackedReal value) {
  const int shift = kAlignedBits - static_cast<int>(std::bit_width(value.significand));
  value.significand <<= shift;
  value.exponent -= shift;
  return value;
}

/// The number in units of 2^exponent, not below its own; what is smaller becomes sticky.
UnpackedReal InUnitsOf(UnpackedReal value, int exponent) {
  const int dropped = exponent - value.exponent;
  const uint64_t kept = dropped < 64 ? value.significand >> dropped : 0;
  value.sticky = dropped >= 64 || kept << dropped != value.significand;
  value.significand = kept;
  value.exponent = exponent;
  return value;
}

}  // namespace

UnpackedReal Add(const UnpackedReal& a, const UnpackedReal& b) {
  if (a.nan || b.nan) return kNan;
  if (a.significand == 0) return b;
  if (b.significand == 0) return a;
  UnpackedReal large = Aligned(a), small = Aligned(b);
  if (std::pair(large.exponent, large.significand) < std::pair(small.exponent, small.significand)) {
    std::swap(large, small);
  }
  small = InUnitsOf(small, large.exponent);
  UnpackedReal sum = large;
  sum.sticky = small.sticky;
  if (large.negative == small.negative) {
    sum.significand += small.significand;
  } else {
    // The part t of a unit that is not seen is subtracted too: one unit less, and 1 - t of it.
    sum.significand -= small.significand + (small.sticky ? 1 : 0);
  }
  return sum;
}

UnpackedReal Multiply(const UnpackedReal& a, const UnpackedReal& b) {
  if (a.nan || b.nan) return kNan;
  return {.negative = a.negative != b.negative,
          .significand = a.significand * b.significand,
          .exponent = a.exponent + b.exponent};
}

uint32_t PositAdd(const PositFormat& format, uint32_t a, uint32_t b) {
  return RoundToPosit(format, Rounding::kNearestEven, Add(Unpack(format, a), Unpack(format, b)));
}

uint32_t PositMultiply(const PositFormat& format, uint32_t a, uint32_t b) {
  return RoundToPosit(format, Rounding::kNearestEven,
                      Multiply(Unpack(format, a), Unpack(format, b)));
}

}  // namespace mulberry
