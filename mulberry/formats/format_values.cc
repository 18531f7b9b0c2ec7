// All encodings of small formats. See format_facts.h.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "mulberry/base/error.h"
#include "mulberry/formats/format_facts.h"

namespace mulberry {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// The bits in groups of the given widths, from the highest; the last group is the rest.
std::string Grouped(uint32_t encoding, int bits, std::initializer_list<int> widths) {
  const std::string digits = fmt::format("{:0{}b}", encoding, bits);
  std::string text;
  size_t start = 0;
  for (const int width : widths) {
    if (width <= 0 || start >= digits.size()) continue;
    text += digits.substr(start, static_cast<size_t>(width)) + " ";
    start += static_cast<size_t>(width);
  }
  text += start < digits.size() ? digits.substr(start) : "";
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

std::string WordFor(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "infinity" : "-infinity";
  return "";
}

EncodedValue ValueOf(const FloatFormat& format, uint32_t encoding) {
  const double value = Decode(format, encoding);
  return {encoding, value, WordFor(value),
          Grouped(encoding, format.bits(), {1, format.exponent_bits})};
}

/// Of a negative posit the fields are those of its magnitude, whose encoding is not the bits shown;
/// the bits are then not set apart.
EncodedValue ValueOf(const PositFormat& format, uint32_t encoding) {
  const double value = Decode(format, encoding);
  const std::string special = std::isnan(value) ? "NaR" : "";
  if (value == 0 || !(value > 0)) {
    return {encoding, value, special, Grouped(encoding, format.bits, {1})};
  }
  const std::string digits = fmt::format("{:0{}b}", encoding, format.bits - 1);
  const size_t run = std::min(digits.find(digits[0] == '1' ? '0' : '1'), digits.size() - 1);
  return {encoding, value, special,
          Grouped(encoding, format.bits, {1, static_cast<int>(run) + 1, format.exponent_bits})};
}

EncodedValue ValueOf(const IntegerFormat& format, uint32_t encoding) {
  return {encoding, double(DecodeInteger(format, encoding)), "",
          Grouped(encoding, format.bits, {format.is_signed ? 1 : 0})};
}

/// Two's complement of `bits` bits, in units of 2^-fraction_bits.
double TwosComplement(uint32_t encoding, int bits, int fraction_bits) {
  const int64_t sign = int64_t{1} << (bits - 1);
  return std::ldexp(static_cast<double>((encoding ^ sign) - sign), -fraction_bits);
}

EncodedValue ValueOf(const FixedFormat& format, uint32_t encoding) {
  const int bits = format.length() + 1;
  return {encoding, TwosComplement(encoding, bits, format.fraction_bits), "",
          Grouped(encoding, bits, {1, format.integer_bits})};
}

EncodedValue ValueOf(const DynamicFixedFormat& format, uint32_t encoding) {
  return ValueOf(FixedFormat{format.bits - 1, 0}, encoding);
}

EncodedValue ValueOf(const BlockFormat& format, uint32_t encoding) {
  const int bits = format.element_bits();
  if (format.is_integer()) {
    const double value = TwosComplement(encoding, bits, format.mantissa_bits);
    const bool used = value >= -format.max_element();
    return {encoding, used ? value : kNan, used ? "" : "not used", Grouped(encoding, bits, {2})};
  }
  const int field =
      static_cast<int>(encoding >> format.mantissa_bits) & ((1 << format.exponent_bits) - 1);
  const int mantissa = static_cast<int>(encoding) & ((1 << format.mantissa_bits) - 1);
  const int significand = mantissa + (field > 0 ? 1 << format.mantissa_bits : 0);
  // The field of the lowest normal binade is 1.
  const int exponent = format.min_exponent() + std::max(field - 1, 0) - format.mantissa_bits;
  double value = std::ldexp(static_cast<double>(significand), exponent);
  // Above the largest value e5m2 has an infinity and NaNs, and e4m3 a NaN.
  if (value > format.max_element()) {
    value = format.exponent_bits == 5 && mantissa == 0 ? HUGE_VAL : kNan;
  }
  if (encoding >> (bits - 1) == 1) value = -value;
  return {encoding, value, WordFor(value), Grouped(encoding, bits, {1, format.exponent_bits})};
}

}  // namespace

std::vector<EncodedValue> AllValues(const Format& format) {
  const FormatFacts facts = FactsOf(format);
  if (facts.bits > kMostListedBits) {
    throw UsageError("{} has encodings of {} bits: values of at most {} bits are listed",
                     facts.name, facts.bits, kMostListedBits);
  }
  std::vector<EncodedValue> values;
  for (uint32_t encoding = 0; encoding >> facts.bits == 0; ++encoding) {
    values.push_back(std::visit([&](const auto& f) { return ValueOf(f, encoding); }, format));
  }
  return values;
}

}  // namespace mulberry
