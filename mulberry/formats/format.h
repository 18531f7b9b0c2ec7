// Any operand format: a set of values that FP32 can carry, and a rounding into it; and the formats
// of a product's two operands. Not here: the roundings, which each family has (rounding.h, posit.h,
// integer_format.h, fixed.h, block.h).
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "mulberry/formats/block.h"
#include "mulberry/formats/fixed.h"
#include "mulberry/formats/float_format.h"
#include "mulberry/formats/integer_format.h"
#include "mulberry/formats/posit.h"

namespace mulberry {

using Format = std::variant<FloatFormat, PositFormat, IntegerFormat, FixedFormat,
                            DynamicFixedFormat, BlockFormat>;

inline std::string Name(const Format& format) {
  return std::visit([](const auto& f) { return Name(f); }, format);
}

/// How the values of a format are multiplied.
enum class ValueKind : uint8_t {
  kSignificands,  ///< Floats and posits: significands, whose exponents are added.
  kIntegers,      ///< Integers, and fixed point as multiples of its eps.
  kBlocks,        ///< The elements of blocks as their kind is, their scales apart.
};
ValueKind KindOf(const Format& format);
/// "floats and posits", "integers and fixed point", "blocks".
std::string_view Name(ValueKind kind);

/// Bits of the significands that stand for the format's values in a product, the leading one
/// included: values are these times powers of two. Of floats and posits only.
std::optional<int> SignificandBits(const Format& format);

/// The integers that stand for the format's values in a product: of integers themselves, and of
/// fixed point the multiples of eps; nothing of others, and of fixed point of more than
/// IntegerFormat::kMaxBits or fewer than kMinBits bits with the sign.
std::optional<IntegerFormat> IntegersOf(const Format& format);

/// The format of the elements of blocks: integers, or floats, perhaps with more exponents.
Format ElementFormat(const BlockFormat& format);

/// Which operand of a product.
enum class OperandIndex : uint8_t { kFirst, kSecond };
constexpr std::string_view Name(OperandIndex index) {
  return index == OperandIndex::kFirst ? "first" : "second";
}

/// One thing for each operand of a product.
template <typename T>
struct PerOperand {
  T first{}, second{};

  constexpr PerOperand() = default;
  template <typename U>
  requires std::convertible_to<U, T>
  constexpr PerOperand(const U& both) : first(both), second(both) {}
  constexpr PerOperand(T a, T b) : first(std::move(a)), second(std::move(b)) {}

  constexpr const T& operator[](OperandIndex index) const {
    return index == OperandIndex::kFirst ? first : second;
  }
  constexpr bool same() const { return first == second; }

  friend constexpr bool operator==(const PerOperand&, const PerOperand&) = default;
};

using OperandFormats = PerOperand<Format>;

/// "bf16" where both are, else "posit(8,2)xposit(8,1)".
std::string Name(const OperandFormats& formats);

}  // namespace mulberry
