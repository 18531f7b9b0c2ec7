// Posits, posit(n,es): n bits (2 to 32), of which up to es (0 to 8) are exponent bits. Precision is
// tapered: values near 1 have most fraction bits, the largest and the smallest have none.
//
// An encoding is an integer of n bits, in the low bits of a uint32_t. 0 is zero, 1000...0 is NaR
// (not a real), and -x has the two's complement of x's encoding, so that encodings order as signed
// integers in the order of their values. A positive one is, from the high bits down: 0; the regime,
// a run of k equal bits ended by another one or by the end, r = k - 1 for ones and -k for zeros; es
// exponent bits x; the fraction bits f. Its value is 2^(r·2^es + x)·(1 + f). Exponent and fraction
// bits that the regime leaves no room for are 0.
//
// Sources: Gustafson and Yonemoto, "Beating Floating Point at its Own Game", Supercomputing
// Frontiers and Innovations 4(2), 2017 (any es); Standard for Posit Arithmetic (2022), which is
// posit(n,2) here. Not here: sums and products (posit_arithmetic.h), exact sums (quire.h).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "mulberry/formats/rounding.h"

namespace mulberry {

struct PositFormat {
  static constexpr int kMinBits = 2, kMaxBits = 32;
  static constexpr int kMaxExponentBits = 8;

  int bits = 16;
  int exponent_bits = 1;

  /// maxpos, the largest value, is 2^max_exponent(); minpos, the smallest positive one, its
  /// inverse.
  constexpr int max_exponent() const { return (bits - 2) << exponent_bits; }
  /// Of the values with most fraction bits, in the binades around 1: every value is a significand
  /// of this many bits after its leading one, times a power of two.
  constexpr int mantissa_bits() const { return std::max(0, bits - 3 - exponent_bits); }
  constexpr uint32_t minpos() const { return 1; }
  constexpr uint32_t maxpos() const { return nar() - 1; }
  constexpr uint32_t nar() const { return uint32_t{1} << (bits - 1); }
  /// The encoding of -x, given that of x; zero and NaR stay.
  constexpr uint32_t Negated(uint32_t encoding) const { return -encoding & (nar() | maxpos()); }

  friend constexpr bool operator==(const PositFormat&, const PositFormat&) = default;
};

/// Throws UsageError unless 2 <= bits <= 32 and 0 <= exponent_bits <= 8.
PositFormat MakePositFormat(int bits, int exponent_bits);

/// "posit(16,1)".
std::string Name(const PositFormat& format);

/// Why FP32 cannot carry the format's values as normal numbers, or nothing: operands of networks
/// must be so carried, posits otherwise need not.
std::optional<std::string> WhyNotCarried(const PositFormat& format);

/// A real number taken apart, before it is rounded: ±(significand + t)·2^exponent with 0 < t < 1
/// where `sticky`, else t = 0. A sticky one has a significand of 34 bits or more, which is more
/// than any posit keeps, so that t decides ties and no more. Zero has significand 0. A number that
/// is `nan` is none.
struct UnpackedReal {
  bool nan = false;
  bool negative = false;
  uint64_t significand = 0;
  bool sticky = false;
  int exponent = 0;
};
/// Exactly; infinities are no numbers.
UnpackedReal Unpack(double value);
/// The value of an encoding; NaR is no number. Bits above format.bits must be zero.
UnpackedReal Unpack(const PositFormat& format, uint32_t encoding);

/// The encoding of the posit that `value` is rounded to: the infinite string of regime, exponent
/// and fraction bits of its magnitude, cut to n - 1 bits after the sign.
///   kNearestEven  the Standard's rounding: up if the dropped bits are above 1000..., or equal it
///                 and the last kept bit is 1. Where the cut is in the fraction this is to the
///                 nearest value; where it is in the exponent bits or before, the tie lies between
///                 the neighbours' exponents.
///   kNearestUp    the same, but such a tie goes toward +infinity.
///   kTowardZero   the dropped bits are dropped.
///   kStochastic   up with the probability of the dropped bits as a fraction, in steps of 2^-32, as
///                 for floats: exactly if floor(2^32 · fraction) exceeds `random`. The mean is the
///                 value where the cut is in the fraction, and only there.
/// In all of them magnitudes above maxpos become maxpos and nonzero ones below minpos become
/// minpos, so that nothing but zero becomes zero; a NaN becomes NaR.
uint32_t RoundToPosit(const PositFormat& format, Rounding rounding, const UnpackedReal& value,
                      uint32_t random = 0);

// The following are of formats that FP32 carries.

/// `value` rounded as by RoundToPosit; infinities and NaN become the quiet NaN 0x7fc00000, which
/// stands for NaR. There is one zero, +0.
float Round(const PositFormat& format, Rounding rounding, float value, uint32_t random = 0);

/// The encoding of a value of the format; NaN is NaR. Throws Error if `value` is not in the format.
uint32_t Encode(const PositFormat& format, float value);

/// The value of an encoding; NaR is the quiet NaN. Bits above format.bits must be zero.
float Decode(const PositFormat& format, uint32_t encoding);

}  // namespace mulberry
