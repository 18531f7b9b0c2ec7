#include "mulberry/formats/scaling.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "mulberry/base/error.h"

namespace mulberry {

Scaling DefaultScaling(const Format& format) {
  if (std::holds_alternative<IntegerFormat>(format)) return {Scaling::Kind::kMax};
  return {};
}

bool CanScale(const Format& format, Scaling::Kind kind) {
  using enum Scaling::Kind;
  if (std::holds_alternative<FloatFormat>(format)) return kind != kAffine;
  if (std::holds_alternative<PositFormat>(format)) return kind != kAffine && kind != kMax;
  if (std::holds_alternative<IntegerFormat>(format)) {
    return kind == kMax || kind == kAffine || kind == kPower;
  }
  return kind == kNone;
}

std::string Name(const Scaling& scaling) {
  using enum Scaling::Kind;
  const char* channel = scaling.per_channel ? "(channel)" : "";
  switch (scaling.kind) {
    case kNone:
      return "none";
    case kMax:
      return fmt::format("max{}", channel);
    case kAffine:
      return fmt::format("affine{}", channel);
    case kCenter:
      return scaling.exponent == Scaling::kUsualShift ? "center"
                                                      : fmt::format("center({})", scaling.exponent);
    case kPower:
      return fmt::format("power({})", scaling.exponent);
  }
  throw Error("Scaling has no kind {}", static_cast<int>(scaling.kind));
}

int ScaleExponent(const Scaling& scaling, const Format& format, double largest, double mean_log2) {
  using enum Scaling::Kind;
  double exponent = 0;
  if (scaling.kind == kPower) exponent = scaling.exponent;
  if (scaling.kind == kCenter) exponent = std::round(mean_log2) + scaling.exponent;
  if (scaling.kind == kMax && largest > 0) {
    // The least power with largest / 2^exponent <= the format's largest value.
    exponent = std::ceil(std::log2(largest / MagnitudesOf(format).largest));
    if (std::ldexp(largest, -static_cast<int>(exponent)) > MagnitudesOf(format).largest) ++exponent;
  }
  constexpr int kMost = Scaling::kMaxExponent;
  return static_cast<int>(std::clamp<double>(exponent, -kMost, kMost));
}

Magnitudes MagnitudesOf(const Format& format) {
  if (const auto* floats = std::get_if<FloatFormat>(&format)) {
    return {floats->min_positive(), floats->max_finite()};
  }
  const auto& posit = std::get<PositFormat>(format);
  return {std::ldexp(1.0f, -posit.max_exponent()), std::ldexp(1.0f, posit.max_exponent())};
}

}  // namespace mulberry
