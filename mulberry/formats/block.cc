// Block formats in double arithmetic, which is exact here: the definition.
#include "mulberry/formats/block.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

/// in / scale rounded to the values of an element.
double RoundElement(const BlockFormat& format, Rounding rounding, double value, uint32_t random) {
  int exponent = format.min_exponent();
  if (value != 0) exponent = std::max(exponent, std::ilogb(value));
  const int gap = exponent - format.mantissa_bits;
  const double steps = RoundToInteger(rounding, std::ldexp(value, -gap), random);
  const double largest = format.max_element();
  return std::clamp(std::ldexp(steps, gap), -largest, largest);
}

}  // namespace

float BlockFormat::max_element() const {
  return std::ldexp(static_cast<float>(max_significand()), max_exponent() - mantissa_bits);
}

BlockFormat MakeBlockFloatingPoint(int mantissa_bits, int block) {
  if (mantissa_bits < 2 || mantissa_bits > 24 || block < 1 || block > BlockFormat::kMaxBlock) {
    throw UsageError(
        "bfp({},{}) does not exist: mantissas have 2 to 24 bits, blocks 1 to {} elements",
        mantissa_bits, block, BlockFormat::kMaxBlock);
  }
  return {.exponent_bits = 0, .mantissa_bits = mantissa_bits - 2, .block = block};
}

const std::vector<NamedBlockFormat>& NamedBlockFormats() {
  static const std::vector<NamedBlockFormat> formats = {
      {"mxfp8(e4m3)", {4, 3, 32}, "OCP microscaling, elements of 8 bits, 4 of them exponent"},
      {"mxfp8(e5m2)", {5, 2, 32}, "OCP microscaling, elements of 8 bits, 5 of them exponent"},
      {"mxfp6(e3m2)", {3, 2, 32}, "OCP microscaling, elements of 6 bits, 3 of them exponent"},
      {"mxfp6(e2m3)", {2, 3, 32}, "OCP microscaling, elements of 6 bits, 2 of them exponent"},
      {"mxfp4", {2, 1, 32}, "OCP microscaling, elements of 4 bits, 2 of them exponent"},
      {"mxint8", {0, 6, 32}, "OCP microscaling, integer elements of 8 bits"},
  };
  return formats;
}

std::optional<BlockFormat> FindBlockFormat(std::string_view name) {
  if (name == "mxfp8") name = "mxfp8(e4m3)";
  for (const NamedBlockFormat& named : NamedBlockFormats()) {
    if (named.name == name) return named.format;
  }
  return std::nullopt;
}

std::string Name(const BlockFormat& format) {
  for (const NamedBlockFormat& named : NamedBlockFormats()) {
    if (named.format == format) return std::string(named.name);
  }
  return fmt::format("bfp({},{})", format.element_bits(), format.block);
}

std::optional<int> ScaleExponent(const BlockFormat& format, const float* in, int64_t n) {
  float largest = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (!std::isfinite(in[i])) return std::nullopt;
    largest = std::max(largest, std::fabs(in[i]));
  }
  if (largest == 0) return BlockFormat::kMinScale;
  // E8M0's upper end is out of reach: FP32's largest exponent is 127, and emax is not negative.
  return std::max(std::ilogb(largest) - format.max_exponent(), BlockFormat::kMinScale);
}

void RoundBlock(const BlockFormat& format, Rounding rounding, const float* in, float* out,
                int64_t n, RandomStream stream, uint64_t first) {
  const std::optional<int> scale = ScaleExponent(format, in, n);
  for (int64_t i = 0; i < n; ++i) {
    if (!scale) {
      out[i] = std::numeric_limits<float>::quiet_NaN();
      continue;
    }
    const uint32_t random =
        rounding == Rounding::kStochastic ? stream.At(first + static_cast<uint64_t>(i)) : 0;
    const double value = std::ldexp(double{in[i]}, -*scale);
    const double element = RoundElement(format, rounding, value, random);
    out[i] = static_cast<float>(std::ldexp(element, *scale));
    if (out[i] == 0 && format.is_integer()) out[i] = 0.0f;  // Integers have one zero.
  }
}

}  // namespace mulberry
