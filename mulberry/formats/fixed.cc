// Fixed point in units of eps, which doubles hold exactly.
#include "mulberry/formats/fixed.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr int kFp32Bits = 24;

}  // namespace

float FixedFormat::epsilon() const {
  return std::ldexp(1.0f, -fraction_bits);
}

float FixedFormat::min() const {
  return -std::ldexp(1.0f, integer_bits);
}

float FixedFormat::max() const {
  const int bits = std::min(length(), kFp32Bits);
  return std::ldexp(static_cast<float>((1 << bits) - 1), integer_bits - bits);
}

FixedFormat MakeFixedFormat(int integer_bits, int fraction_bits) {
  constexpr int kMost = FixedFormat::kMaxExponent;
  if (std::abs(integer_bits) > kMost || std::abs(fraction_bits) > kMost ||
      integer_bits + fraction_bits < 1 || integer_bits + fraction_bits > FixedFormat::kMaxLength) {
    throw UsageError(
        "fixed({},{}) does not exist: integer and fraction bits are -{} to {}, together 1 to {}",
        integer_bits, fraction_bits, kMost, kMost, FixedFormat::kMaxLength);
  }
  return {integer_bits, fraction_bits};
}

std::string Name(const FixedFormat& format) {
  return fmt::format("fixed({},{})", format.integer_bits, format.fraction_bits);
}

float Round(const FixedFormat& format, Rounding rounding, float value, uint32_t random) {
  if (std::isnan(value)) return 0.0f;
  const float clamped = std::clamp(value, format.min(), format.max());
  const double units = std::ldexp(double{clamped}, format.fraction_bits);
  const double rounded = RoundToInteger(rounding, units, random);
  // Adding +0 makes a negative zero positive: fixed point has one zero.
  return static_cast<float>(std::ldexp(rounded, -format.fraction_bits) + 0.0);
}

bool Overflows(const FixedFormat& format, float value) {
  const double units = std::ldexp(double{value}, format.fraction_bits);
  const double bound = std::ldexp(1.0, format.length());
  return units <= -bound || units >= bound - 1;
}

DynamicFixedFormat MakeDynamicFixedFormat(int bits) {
  if (bits < DynamicFixedFormat::kMinBits || bits > DynamicFixedFormat::kMaxBits) {
    throw UsageError("dfx({}) does not exist: there are {} to {} bits, the sign included", bits,
                     DynamicFixedFormat::kMinBits, DynamicFixedFormat::kMaxBits);
  }
  return {bits};
}

std::string Name(const DynamicFixedFormat& format) {
  return fmt::format("dfx({})", format.bits);
}

FixedFormat FittedTo(const DynamicFixedFormat& format, float smallest, float largest) {
  const int length = format.bits - 1;
  const int fewest = std::max(-FixedFormat::kMaxExponent, length - FixedFormat::kMaxExponent);
  FixedFormat fitted{fewest, length - fewest};
  while (fitted.integer_bits < FixedFormat::kMaxExponent &&
         (Overflows(fitted, smallest) || Overflows(fitted, largest))) {
    ++fitted.integer_bits;
    --fitted.fraction_bits;
  }
  return fitted;
}

}  // namespace mulberry
