#include "mulberry/formats/format.h"

#include <fmt/format.h>

#include "mulberry/base/error.h"

namespace mulberry {

ValueKind KindOf(const Format& format) {
  if (SignificandBits(format)) return ValueKind::kSignificands;
  return std::holds_alternative<BlockFormat>(format) ? ValueKind::kBlocks : ValueKind::kIntegers;
}

std::string_view Name(ValueKind kind) {
  constexpr std::string_view kNames[] = {"floats and posits", "integers and fixed point", "blocks"};
  return kNames[static_cast<size_t>(kind)];
}

std::optional<int> SignificandBits(const Format& format) {
  if (const auto* floats = std::get_if<FloatFormat>(&format)) return floats->mantissa_bits + 1;
  if (const auto* posits = std::get_if<PositFormat>(&format)) return posits->mantissa_bits() + 1;
  return std::nullopt;
}

std::optional<IntegerFormat> IntegersOf(const Format& format) {
  if (const auto* integers = std::get_if<IntegerFormat>(&format)) return *integers;
  int bits = 0;
  if (const auto* fixed = std::get_if<FixedFormat>(&format)) bits = fixed->length() + 1;
  if (const auto* dynamic = std::get_if<DynamicFixedFormat>(&format)) bits = dynamic->bits;
  if (bits < IntegerFormat::kMinBits || bits > IntegerFormat::kMaxBits) return std::nullopt;
  return IntegerFormat{.bits = bits, .is_signed = true};
}

Format ElementFormat(const BlockFormat& format) {
  if (format.is_integer()) {
    return IntegerFormat{.bits = format.element_bits(), .is_signed = true};
  }
  const FloatFormat same = MakeFloatFormat(format.exponent_bits, format.mantissa_bits);
  if (same == kE5m2) return kE5m2;
  if (same.exponent_bits == 4) return kE4m3;
  // Elements of 6 and 4 bits have no special values: one exponent bit more makes room for theirs.
  return MakeFloatFormat(format.exponent_bits + 1, format.mantissa_bits);
}

std::string Name(const OperandFormats& formats) {
  if (formats.same()) return Name(formats.first);
  return fmt::format("{}x{}", Name(formats.first), Name(formats.second));
}

}  // namespace mulberry
