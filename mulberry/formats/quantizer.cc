#include "mulberry/formats/quantizer.h"

#include <algorithm>
#include <cmath>

namespace mulberry {

Quantizer FitQuantizer(const IntegerFormat& format, const Scaling& scaling, const Range& range) {
  using enum Scaling::Kind;
  Quantizer quantizer{format};
  if (scaling.kind == kPower) {
    quantizer.step = std::ldexp(1.0f, scaling.exponent);
    return quantizer;
  }
  const bool affine = scaling.kind == kAffine;
  const double width =
      affine ? double{range.largest} - range.smallest : std::max(range.largest, -range.smallest);
  const auto step = static_cast<float>(width / (format.max() - (affine ? format.min() : 0)));
  if (step > 0.0f) quantizer.step = step;
  if (affine) {
    const double zero = std::round(format.min() - double{range.smallest} / quantizer.step);
    quantizer.zero = static_cast<int32_t>(std::clamp<double>(zero, format.min(), format.max()));
  }
  return quantizer;
}

float Quantize(const Quantizer& quantizer, Rounding rounding, float value, uint32_t random) {
  const float quotient = value / quantizer.step;
  if (std::isnan(quotient)) return static_cast<float>(quantizer.zero);
  const double lowest = quantizer.format.min() - quantizer.zero;
  const double highest = quantizer.format.max() - quantizer.zero;
  const double clamped = std::clamp(double{quotient}, lowest, highest);
  return static_cast<float>(RoundToInteger(rounding, clamped, random) + quantizer.zero);
}

}  // namespace mulberry
