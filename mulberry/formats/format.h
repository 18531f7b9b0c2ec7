// Any operand format: a set of values that FP32 can carry, and a rounding into it; and the formats
// of a product's two operands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>

#include "mulberry/formats/float_format.h"
#include "mulberry/formats/integer_format.h"
#include "mulberry/formats/posit.h"

namespace mulberry {

using Format = std::variant<FloatFormat, PositFormat, IntegerFormat>;

inline std::string Name(const Format& format) {
  return std::visit([](const auto& f) { return Name(f); }, format);
}

inline float Round(const Format& format, Rounding rounding, float value, uint32_t random = 0) {
  return std::visit([&](const auto& f) { return Round(f, rounding, value, random); }, format);
}

/// Bits of the significands that stand for the format's values in a product, the leading one
/// included: values are these times powers of two. Nothing of integers, which are multiplied whole.
inline std::optional<int> SignificandBits(const Format& format) {
  if (const auto* floats = std::get_if<FloatFormat>(&format)) return floats->mantissa_bits + 1;
  if (const auto* posits = std::get_if<PositFormat>(&format)) return posits->mantissa_bits() + 1;
  return std::nullopt;
}

/// Which operand of a product.
enum class OperandIndex : uint8_t { kFirst, kSecond };
constexpr std::string_view Name(OperandIndex index) {
  return index == OperandIndex::kFirst ? "first" : "second";
}

/// The formats of both operands: of floats and posits one for both, of integers one for each.
using OperandFormats = std::variant<FloatFormat, PositFormat, IntegerFormats>;

inline std::string Name(const OperandFormats& formats) {
  return std::visit([](const auto& f) { return Name(f); }, formats);
}

inline Format FormatOf(const OperandFormats& formats, OperandIndex index) {
  return std::visit(
      [&]<typename F>(const F& f) -> Format {
        if constexpr (std::is_same_v<F, IntegerFormats>) {
          return index == OperandIndex::kFirst ? f.first : f.second;
        } else {
          return f;
        }
      },
      formats);
}

}  // namespace mulberry
