// Block formats: `block` consecutive elements share one scale, a power of two that fits the largest
// of them. Two families: the OCP's microscaling formats mxfp8(e4m3), mxfp8(e5m2), mxfp6(e3m2),
// mxfp6(e2m3), mxfp4 and mxint8, whose elements are narrow floats or integers; and block floating
// point, bfp(m,block), whose elements are m-bit mantissas with sign. mxint8 is bfp(8,32).
//
// Source: OCP Microscaling Formats (MX) Specification 1.0 (2023), its conversion included. What it
// leaves to implementations is decided so:
//   an infinity or NaN in the block   the scale is NaN, and so is every element: no element format
//                                     but fp8 could say it, and a tensor that diverged must show it
//   a block of zeros                  the smallest scale; elements +0 and -0 (+0 for integers)
//   integer elements                  symmetric: the most negative encoding is not used
//
// FP32 holds scale · element exactly, as a subnormal where it must: no element is finer than 2^-22,
// no scale smaller than 2^-127, and none so large that an element exceeds FP32's largest value.
// Not here: along which axis a tensor is cut into blocks, which is the caller's choice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mulberry/base/random.h"
#include "mulberry/formats/rounding.h"

namespace mulberry {

struct BlockFormat {
  /// Exponents of the scales that E8M0 encodes, 2^-127 to 2^127.
  static constexpr int kMinScale = -127, kMaxScale = 127;
  static constexpr int kMaxBlock = 1 << 16;

  /// Of an element: 2 to 5 for floats; 0 for integers, which have no exponent.
  int exponent_bits = 0;
  /// Of an element, below the leading bit. An integer's leading bit is explicit and worth 1.
  int mantissa_bits = 6;
  int block = 32;

  constexpr bool is_integer() const { return exponent_bits == 0; }
  /// Bits of an element, with the sign.
  constexpr int element_bits() const {
    return 1 + exponent_bits + mantissa_bits + (is_integer() ? 1 : 0);
  }
  /// Exponent of an element's smallest normal value; the gap below it is 2^-mantissa_bits of that.
  constexpr int min_exponent() const { return is_integer() ? 0 : 2 - (1 << (exponent_bits - 1)); }
  /// Exponent of an element's largest value, the specification's emax.
  constexpr int max_exponent() const {
    if (is_integer()) return 0;
    // Only e5m2 gives its highest exponent field to infinity and NaN.
    return (1 << (exponent_bits - 1)) - (exponent_bits == 5 ? 1 : 0);
  }
  /// The largest value's significand, an integer of mantissa_bits + 1 bits.
  constexpr int max_significand() const {
    // e4m3 gives its last encoding to NaN.
    return (2 << mantissa_bits) - (exponent_bits == 4 ? 2 : 1);
  }
  /// The largest value of an element, in units of the scale.
  float max_element() const;

  friend constexpr bool operator==(const BlockFormat&, const BlockFormat&) = default;
};

/// bfp(m,block): mantissas of m bits, the sign included. Throws UsageError unless 2 <= m <= 24 and
/// 1 <= block <= 65536.
BlockFormat MakeBlockFloatingPoint(int mantissa_bits, int block);

struct NamedBlockFormat {
  std::string_view name;
  BlockFormat format;
  std::string_view summary;
};
/// The microscaling formats.
const std::vector<NamedBlockFormat>& NamedBlockFormats();
/// The format of that name. "mxfp8" alone is mxfp8(e4m3), the usual one.
std::optional<BlockFormat> FindBlockFormat(std::string_view name);

/// The format's name where it has one ("mxfp4"), else "bfp(m,block)".
std::string Name(const BlockFormat& format);

/// Exponent of the scale of a block of n elements: floor(log2 of the largest magnitude) -
/// max_exponent(), at least kMinScale; nothing, for the NaN, where an element is infinite or NaN.
std::optional<int> ScaleExponent(const BlockFormat& format, const float* in, int64_t n);

/// Rounds one block of n elements, 1 <= n <= block: out[i] = scale · element i, where element i is
/// in[i] / scale rounded to the values of an element and clamped to the largest. `stream` is read
/// only by kStochastic, which takes number first + i for element i. `in` and `out` may be the same.
void RoundBlock(const BlockFormat& format, Rounding rounding, const float* in, float* out,
                int64_t n, RandomStream stream = {}, uint64_t first = 0);

}  // namespace mulberry
