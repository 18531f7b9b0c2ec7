// Any operand format: a set of values that FP32 can carry, and a rounding into it.
#pragma once

#include <string>
#include <variant>

#include "mulberry/formats/float_format.h"
#include "mulberry/formats/integer_format.h"

namespace mulberry {

using Format = std::variant<FloatFormat, IntegerFormat>;

inline std::string Name(const Format& format) {
  return std::visit([](const auto& f) { return Name(f); }, format);
}

inline float Round(const Format& format, Rounding rounding, float value, uint32_t random = 0) {
  return std::visit([&](const auto& f) { return Round(f, rounding, value, random); }, format);
}

}  // namespace mulberry
