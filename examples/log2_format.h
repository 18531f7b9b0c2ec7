// A format family of one's own: log2(n), n bits of sign and exponent, whose values are powers of
// two and zero, rounded to the nearest exponent. What to do with it is in docs/add-a-format.md.
//
// An encoding is, from the high bit down, the sign and an exponent field of n - 1 bits: 0 is zero,
// k >= 1 is 2^(k - 2^(n-2)). Source: Miyashita, Lee, Murmann, "Convolutional Neural Networks using
// Logarithmic Data Representation", 2016, whose exponents begin elsewhere.
#pragma once

#include <cstdint>
#include <string>

#include "mulberry/formats/rounding.h"

namespace mulberry {

struct FormatFacts;
struct EncodedValue;

struct Log2Format {
  int bits = 4;  ///< 3 to 8.

  /// Exponents of the values are -max_exponent() to max_exponent().
  constexpr int max_exponent() const { return (1 << (bits - 2)) - 1; }

  friend constexpr bool operator==(const Log2Format&, const Log2Format&) = default;
};

/// Throws UsageError unless 3 <= bits <= 8.
Log2Format MakeLog2Format(int bits);

/// "log2(4)".
std::string Name(const Log2Format& format);

/// `value` rounded to the nearest exponent (log2 of no FP32 value is a tie), toward zero, or
/// stochastically so that the mean is the value; with `random` as for floats (rounding.h).
/// Magnitudes above the largest value become it, those below the smallest it or zero; infinities
/// saturate, and NaN becomes 0. Zero is +0.
float Round(const Log2Format& format, Rounding rounding, float value, uint32_t random = 0);

FormatFacts Facts(const Log2Format& format);
EncodedValue ValueOf(const Log2Format& format, uint32_t encoding);

}  // namespace mulberry
