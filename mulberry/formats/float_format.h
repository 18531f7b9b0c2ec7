// Floating-point formats of at most 32 bits, float(e,m): one sign bit, e exponent bits (2 to 8),
// m mantissa bits (0 to 23), gradual underflow. Their values are a subset of FP32's, and FP32 is
// what carries them: a "value in the format" is a float that the format can represent.
//
// Layout of an encoding, low bits first: mantissa, exponent biased by 2^(e-1) - 1, sign.
// Sources: IEEE 754-2019 (fp32, fp16 and the pattern of the others); OCP 8-bit Floating Point
// Specification 1.0 (e4m3, e5m2). bf16 and tf32 are FP32 with a shorter mantissa.
// Not here: rounding (rounding.h), arithmetic (multipliers/), posits and fixed point.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mulberry {

/// What the encodings with all exponent bits set mean.
enum class Specials : uint8_t {
  /// Mantissa 0: infinity; else NaN. Needs m >= 1.
  kIeee,
  /// Mantissa all ones: NaN; else ordinary values. No infinity (OCP e4m3). Needs e <= 7 or m = 0:
  /// with e = 8 the ordinary values would exceed FP32's.
  kNanOnly,
};

/// What rounding does with a finite value beyond the largest finite one (and, saturating, with an
/// infinity).
enum class Overflow : uint8_t {
  kSpecial,   ///< To infinity, or to NaN where the format has no infinity.
  kSaturate,  ///< To the largest finite value of that sign.
};

struct FloatFormat {
  int exponent_bits = 8;
  int mantissa_bits = 23;
  Specials specials = Specials::kIeee;
  Overflow overflow = Overflow::kSpecial;

  /// 1 + exponent_bits + mantissa_bits.
  constexpr int bits() const { return 1 + exponent_bits + mantissa_bits; }
  constexpr int bias() const { return (1 << (exponent_bits - 1)) - 1; }
  /// Exponent of the smallest normal value, 2^min_exponent.
  constexpr int min_exponent() const { return 1 - bias(); }
  /// Exponent of the largest finite value.
  constexpr int max_exponent() const {
    const bool top_is_finite = specials == Specials::kNanOnly && mantissa_bits > 0;
    return (1 << exponent_bits) - 1 - bias() - (top_is_finite ? 0 : 1);
  }
  float max_finite() const;
  float min_normal() const;
  /// The smallest positive value: min_normal() where there is no mantissa, hence no subnormals.
  float min_positive() const;

  friend constexpr bool operator==(const FloatFormat&, const FloatFormat&) = default;
};

inline constexpr FloatFormat kFp32{8, 23};
inline constexpr FloatFormat kTf32{8, 10};
inline constexpr FloatFormat kBf16{8, 7};
inline constexpr FloatFormat kFp16{5, 10};
inline constexpr FloatFormat kE5m2{5, 2};
/// e4m3 has no infinity to overflow to, so it saturates unless told otherwise.
inline constexpr FloatFormat kE4m3{4, 3, Specials::kNanOnly, Overflow::kSaturate};

/// float(e,m) with its default specials: IEEE's, but NaN only (and so saturating, as e4m3 is) where
/// m = 0, since a NaN beside an infinity needs a mantissa. Throws UsageError unless 2 <= e <= 8 and
/// 0 <= m <= 23.
FloatFormat MakeFloatFormat(int exponent_bits, int mantissa_bits);

/// A name of the table above, with one line that says what the format is.
struct NamedFormat {
  std::string_view name;
  FloatFormat format;
  std::string_view summary;
};
const std::vector<NamedFormat>& NamedFormats();
std::optional<FloatFormat> FindFormat(std::string_view name);

/// The format's name where it has one ("bf16"), else "float(e,m)". Overflow is an option of the
/// arithmetic and does not change the name.
std::string Name(const FloatFormat& format);

/// The encoding of a value in the format; NaN becomes the positive quiet NaN (exponent and mantissa
/// all ones for kNanOnly; top mantissa bit for kIeee). Throws Error if `value` is not in the
/// format.
uint32_t Encode(const FloatFormat& format, float value);

/// The value of an encoding; bits above format.bits() must be zero.
float Decode(const FloatFormat& format, uint32_t encoding);

}  // namespace mulberry
