// Any operand format: a set of values that FP32 can carry, and a rounding into it; and the formats
// of a product's two operands.
#pragma once

#include <cstdint>
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

/// Which operand of a product.
enum class OperandIndex : uint8_t { kFirst, kSecond };
constexpr std::string_view Name(OperandIndex index) {
  return index == OperandIndex::kFirst ? "first" : "second";
}

/// The formats of both operands: of floats one for both, of integers one for each.
using OperandFormats = std::variant<FloatFormat, IntegerFormats>;

inline std::string Name(const OperandFormats& formats) {
  return std::visit([](const auto& f) { return Name(f); }, formats);
}

inline Format FormatOf(const OperandFormats& formats, OperandIndex index) {
  if (const auto* both = std::get_if<FloatFormat>(&formats)) return *both;
  const IntegerFormats& each = std::get<IntegerFormats>(formats);
  return index == OperandIndex::kFirst ? each.first : each.second;
}

}  // namespace mulberry
