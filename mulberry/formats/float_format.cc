// The figures, names and encodings of float(e,m), straight from the layout in the header.
#include "mulberry/formats/float_format.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

/// An encoding taken apart.
struct Fields {
  uint32_t sign;      ///< 0 or 1.
  uint32_t exponent;  ///< Biased.
  uint32_t mantissa;
};

uint32_t ExponentMask(const FloatFormat& format) {
  return (1u << format.exponent_bits) - 1;
}
uint32_t MantissaMask(const FloatFormat& format) {
  return (1u << format.mantissa_bits) - 1;
}

Fields Unpack(const FloatFormat& format, uint32_t encoding) {
  return {encoding >> (format.bits() - 1),
          (encoding >> format.mantissa_bits) & ExponentMask(format),
          encoding & MantissaMask(format)};
}

uint32_t Pack(const FloatFormat& format, const Fields& fields) {
  return fields.sign << (format.bits() - 1) | fields.exponent << format.mantissa_bits |
         fields.mantissa;
}

bool IsNan(const FloatFormat& format, const Fields& fields) {
  if (fields.exponent != ExponentMask(format)) return false;
  return format.specials == Specials::kIeee ? fields.mantissa != 0
                                            : fields.mantissa == MantissaMask(format);
}

bool IsInfinity(const FloatFormat& format, const Fields& fields) {
  return format.specials == Specials::kIeee && fields.exponent == ExponentMask(format) &&
         fields.mantissa == 0;
}

uint32_t NanMantissa(const FloatFormat& format) {
  return format.specials == Specials::kIeee ? 1u << (format.mantissa_bits - 1)
                                            : MantissaMask(format);
}

/// The fields of a finite value other than zero of at most max_finite(); mantissa bits that the
/// format lacks are cut off.
Fields FieldsOfFinite(const FloatFormat& format, float value) {
  const int exponent = std::max(std::ilogb(value), format.min_exponent());
  const double units = std::ldexp(std::fabs(double{value}), format.mantissa_bits - exponent);
  const uint32_t significand = static_cast<uint32_t>(units);
  const bool normal = significand >> format.mantissa_bits != 0;
  return {std::signbit(value), normal ? static_cast<uint32_t>(exponent + format.bias()) : 0,
          significand & MantissaMask(format)};
}

}  // namespace

float FloatFormat::max_finite() const {
  // In a format whose top binade holds a NaN, the mantissa before the NaN's.
  const bool top_is_nan = specials == Specials::kNanOnly && mantissa_bits > 0;
  const int significand = (2 << mantissa_bits) - (top_is_nan ? 2 : 1);
  return std::ldexp(static_cast<float>(significand), max_exponent() - mantissa_bits);
}

float FloatFormat::min_normal() const {
  return std::ldexp(1.0f, min_exponent());
}

float FloatFormat::min_positive() const {
  return std::ldexp(1.0f, min_exponent() - mantissa_bits);
}

FloatFormat MakeFloatFormat(int exponent_bits, int mantissa_bits) {
  if (exponent_bits < 2 || exponent_bits > 8 || mantissa_bits < 0 || mantissa_bits > 23) {
    throw UsageError("float({},{}) does not exist: exponent bits are 2 to 8, mantissa bits 0 to 23",
                     exponent_bits, mantissa_bits);
  }
  if (mantissa_bits == 0) return {exponent_bits, 0, Specials::kNanOnly, Overflow::kSaturate};
  return {exponent_bits, mantissa_bits};
}

const std::vector<NamedFormat>& NamedFormats() {
  static const std::vector<NamedFormat> formats = {
      {"fp32", kFp32, "IEEE 754 binary32"},
      {"tf32", kTf32, "FP32's exponents, 10 mantissa bits (tensor cores)"},
      {"bf16", kBf16, "FP32's exponents, 7 mantissa bits (brain float)"},
      {"fp16", kFp16, "IEEE 754 binary16"},
      {"e5m2", kE5m2, "OCP 8-bit float, 5 exponent bits, with infinities"},
      {"e4m3", kE4m3, "OCP 8-bit float, 4 exponent bits, without infinities"},
  };
  return formats;
}

std::optional<FloatFormat> FindFormat(std::string_view name) {
  for (const NamedFormat& named : NamedFormats()) {
    if (named.name == name) return named.format;
  }
  return std::nullopt;
}

std::string Name(const FloatFormat& format) {
  for (const NamedFormat& named : NamedFormats()) {
    FloatFormat other = named.format;
    other.overflow = format.overflow;
    if (format == other) return std::string(named.name);
  }
  return fmt::format("float({},{})", format.exponent_bits, format.mantissa_bits);
}

uint32_t Encode(const FloatFormat& format, float value) {
  Fields fields{std::signbit(value), 0, 0};  // Zero.
  if (std::isnan(value)) {
    fields = {0, ExponentMask(format), NanMantissa(format)};
  } else if (std::isinf(value)) {
    fields.exponent = ExponentMask(format);
  } else if (value != 0 && std::fabs(value) <= format.max_finite()) {
    fields = FieldsOfFinite(format, value);
  }
  const uint32_t encoding = Pack(format, fields);
  const float decoded = Decode(format, encoding);
  if (decoded != value && !(std::isnan(decoded) && std::isnan(value))) {
    throw Error("{} is not a value of {}: round it into the format first", value, Name(format));
  }
  return encoding;
}

float Decode(const FloatFormat& format, uint32_t encoding) {
  const Fields fields = Unpack(format, encoding);
  if (IsNan(format, fields)) return std::numeric_limits<float>::quiet_NaN();
  const float sign = fields.sign ? -1.0f : 1.0f;
  if (IsInfinity(format, fields)) return sign * std::numeric_limits<float>::infinity();
  const bool normal = fields.exponent != 0;
  const uint32_t significand =
      normal ? fields.mantissa + (1u << format.mantissa_bits) : fields.mantissa;
  const int exponent =
      normal ? static_cast<int>(fields.exponent) - format.bias() : format.min_exponent();
  return std::ldexp(sign * static_cast<float>(significand), exponent - format.mantissa_bits);
}

}  // namespace mulberry
