#include "examples/log2_format.h"

#include <algorithm>
#include <cmath>

#include "mulberry/base/error.h"
#include "mulberry/formats/format_facts.h"

namespace mulberry {

Log2Format MakeLog2Format(int bits) {
  if (bits < 3 || bits > 8) throw UsageError("log2({}) does not exist: it has 3 to 8 bits", bits);
  return {bits};
}

std::string Name(const Log2Format& format) {
  return fmt::format("log2({})", format.bits);
}

float Round(const Log2Format& format, Rounding rounding, float value, uint32_t random) {
  const int most = format.max_exponent();
  if (std::isnan(value) || value == 0) return 0.0f;
  const float magnitude = std::min(std::fabs(value), std::ldexp(1.0f, most));
  int exponent = std::max(std::ilogb(magnitude), -most - 1);
  // Of what lies between 0 and the smallest value, the lower neighbour is 0.
  const double low = exponent < -most ? 0 : std::ldexp(1.0, exponent);
  const double high = std::ldexp(1.0, exponent + 1), ratio = magnitude / std::ldexp(1.0, exponent);
  bool up = false;
  switch (rounding) {
    case Rounding::kNearestEven:
    case Rounding::kNearestUp:
      up = ratio * ratio > 2;  // Exact: FP32's 24 bits, squared.
      break;
    case Rounding::kTowardZero:
      break;
    case Rounding::kStochastic:
      up = std::floor((magnitude - low) / (high - low) * 0x1p32) > random;
      break;
  }
  const auto rounded = static_cast<float>(up ? high : low);
  return rounded == 0 ? 0.0f : std::copysign(rounded, value);
}

FormatFacts Facts(const Log2Format& format) {
  FormatFacts facts;
  facts.bits = format.bits;
  facts.largest = std::ldexp(1.0, format.max_exponent());
  facts.lowest = -facts.largest;
  facts.smallest_positive = 1 / facts.largest;
  facts.gap_at_one = 1;
  facts.values = 2 * (2 * format.max_exponent() + 1) + 1;
  facts.overflow = "saturates";
  facts.specials = "none";
  facts.source = "after Miyashita, Lee and Murmann, 2016";
  return facts;
}

EncodedValue ValueOf(const Log2Format& format, uint32_t encoding) {
  const uint32_t sign = uint32_t{1} << (format.bits - 1);
  const int field = static_cast<int>(encoding & (sign - 1));
  const double magnitude = field == 0 ? 0 : std::ldexp(1.0, field - format.max_exponent() - 1);
  return {encoding, encoding & sign ? -magnitude : magnitude, "",
          fmt::format("{} {:0{}b}", encoding >> (format.bits - 1), field, format.bits - 1)};
}

}  // namespace mulberry
