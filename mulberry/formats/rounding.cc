// Rounding in the stages of a software float: specials, exact integer significand, one rounding
// decision, range check. This is the definition; it is written to be read, not to be fast.
#include "mulberry/formats/rounding.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

/// What a magnitude beyond the largest finite value becomes.
float Overflowed(const FloatFormat& format, float value) {
  if (format.overflow == Overflow::kSaturate) return std::copysign(format.max_finite(), value);
  if (format.specials == Specials::kNanOnly) return std::numeric_limits<float>::quiet_NaN();
  return std::copysign(std::numeric_limits<float>::infinity(), value);
}

/// Whether a magnitude of `kept` whole gaps and `rest` / 2^dropped of the next goes up to kept + 1.
/// 0 <= rest < 2^min(dropped, 53), and 2^min(dropped, 24) for kStochastic; dropped <= 63.
bool RoundsAway(Rounding rounding, bool negative, uint64_t kept, uint64_t rest, int dropped,
                uint32_t random) {
  const uint64_t twice = 2 * rest, gap = uint64_t{1} << dropped;
  switch (rounding) {
    case Rounding::kNearestEven:
      return twice > gap || (twice == gap && kept % 2 == 1);
    case Rounding::kNearestUp:
      return twice > gap || (twice == gap && !negative);
    case Rounding::kTowardZero:
      return false;
    case Rounding::kStochastic:
      return (rest << 32) >> dropped > random;
  }
  return false;
}

/// A value of `kBits` significant bits, float or double.
template <int kBits, typename Value>
float RoundValue(const FloatFormat& format, Rounding rounding, Value value, uint32_t random) {
  if (std::isnan(value)) return std::numeric_limits<float>::quiet_NaN();
  const float sign = std::signbit(value) ? -1.0f : 1.0f;
  if (std::isinf(value)) return Overflowed(format, sign);
  if (value == 0) return std::copysign(0.0f, sign);

  // |value| = significand * 2^exponent with 2^(kBits - 1) <= significand < 2^kBits.
  int exponent;
  const Value fraction = std::frexp(std::fabs(value), &exponent);
  const uint64_t significand = static_cast<uint64_t>(std::ldexp(fraction, kBits));
  exponent -= kBits;

  // The values of the format around `value` are 2^gap apart; below min_exponent they get no closer.
  const int gap = std::max(exponent + kBits - 1, format.min_exponent()) - format.mantissa_bits;
  // All bits and more may be dropped; 63 is as good as any number above 56, where not even the
  // stochastic rounding's 2^-32 steps see the rest.
  const int dropped = std::min(gap - exponent, 63);
  uint64_t kept = significand >> dropped;
  const uint64_t rest = significand - (kept << dropped);
  if (RoundsAway(rounding, std::signbit(value), kept, rest, dropped, random)) ++kept;

  const double magnitude = std::ldexp(static_cast<double>(kept), gap);
  if (magnitude <= format.max_finite()) {
    return std::copysign(static_cast<float>(magnitude), sign);
  }
  if (rounding == Rounding::kTowardZero) return std::copysign(format.max_finite(), sign);
  return Overflowed(format, sign);
}

}  // namespace

std::string_view Name(Rounding rounding) {
  switch (rounding) {
    case Rounding::kNearestEven:
      return "nearest";
    case Rounding::kNearestUp:
      return "half-up";
    case Rounding::kTowardZero:
      return "zero";
    case Rounding::kStochastic:
      return "stochastic";
  }
  return "";
}

float Round(const FloatFormat& format, Rounding rounding, float value, uint32_t random) {
  return RoundValue<24>(format, rounding, value, random);
}

float RoundDouble(const FloatFormat& format, Rounding rounding, double value) {
  if (rounding == Rounding::kStochastic) {
    throw Error("doubles are not rounded stochastically: round to nearest, half up or toward zero");
  }
  return RoundValue<53>(format, rounding, value, 0);
}

double RoundToInteger(Rounding rounding, double value, uint32_t random) {
  const double toward_zero = std::trunc(value);
  const double rest = std::fabs(value - toward_zero);
  bool away = false;
  switch (rounding) {
    case Rounding::kNearestEven:
      away = rest > 0.5 || (rest == 0.5 && std::fmod(toward_zero, 2.0) != 0);
      break;
    case Rounding::kNearestUp:
      away = rest > 0.5 || (rest == 0.5 && value > 0);
      break;
    case Rounding::kTowardZero:
      break;
    case Rounding::kStochastic:
      away = std::floor(rest * 0x1p32) > static_cast<double>(random);
      break;
  }
  return away ? toward_zero + std::copysign(1.0, value) : toward_zero;
}

}  // namespace mulberry
