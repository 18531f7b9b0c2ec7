// Integer formats: uint4 ... uint16, int4 ... int16 (two's complement). FP32 carries their values
// exactly. Not here: the scale that relates an integer to a real number; it belongs to the tensor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mulberry/formats/rounding.h"

namespace mulberry {

struct IntegerFormat {
  static constexpr int kMinBits = 4;
  static constexpr int kMaxBits = 16;

  int bits = 8;
  bool is_signed = false;

  constexpr int32_t min() const { return is_signed ? -(1 << (bits - 1)) : 0; }
  constexpr int32_t max() const { return (1 << (is_signed ? bits - 1 : bits)) - 1; }

  friend constexpr bool operator==(const IntegerFormat&, const IntegerFormat&) = default;
};

/// The formats of a product's two operands.
struct IntegerFormats {
  IntegerFormat first;
  IntegerFormat second;

  constexpr IntegerFormats(const IntegerFormat& both) : first(both), second(both) {}
  constexpr IntegerFormats(const IntegerFormat& a, const IntegerFormat& b) : first(a), second(b) {}

  constexpr bool any_signed() const { return first.is_signed || second.is_signed; }

  friend constexpr bool operator==(const IntegerFormats&, const IntegerFormats&) = default;
};

/// "uint8", "int16".
std::string Name(const IntegerFormat& format);
/// "uint8" where both are, else "uint8xint4".
std::string Name(const IntegerFormats& formats);
/// The format of that name, with 4 to 16 bits.
std::optional<IntegerFormat> FindIntegerFormat(std::string_view name);

/// `value` rounded to an integer and clamped to the format's range; infinities clamp too, and NaN
/// becomes 0. `random` is read only by kStochastic, as for floats (rounding.h).
float Round(const IntegerFormat& format, Rounding rounding, float value, uint32_t random = 0);

/// The two's complement encoding of a value of the format, in its low `bits` bits.
constexpr uint32_t EncodeInteger(const IntegerFormat& format, int32_t value) {
  return static_cast<uint32_t>(value) & ((uint32_t{1} << format.bits) - 1);
}

/// The value that EncodeInteger encodes so.
constexpr int32_t DecodeInteger(const IntegerFormat& format, uint32_t encoding) {
  const auto value = static_cast<int32_t>(encoding);
  return value > format.max() ? value - (1 << format.bits) : value;
}

}  // namespace mulberry
