#include "mulberry/formats/integer_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace mulberry {

std::string Name(const IntegerFormat& format) {
  return fmt::format("{}{}", format.is_signed ? "int" : "uint", format.bits);
}

std::string Name(const IntegerFormats& formats) {
  const std::string first = Name(formats.first);
  return formats.first == formats.second ? first : first + "x" + Name(formats.second);
}

std::optional<IntegerFormat> FindIntegerFormat(std::string_view name) {
  IntegerFormat format;
  format.is_signed = !name.starts_with('u');
  std::string_view digits = name.substr(format.is_signed ? 0 : 1);
  if (!digits.starts_with("int")) return std::nullopt;
  digits.remove_prefix(3);
  const char* end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, format.bits);
  if (error != std::errc() || rest != end || digits.starts_with('0')) return std::nullopt;
  if (format.bits < IntegerFormat::kMinBits || format.bits > IntegerFormat::kMaxBits) {
    return std::nullopt;
  }
  return format;
}

float Round(const IntegerFormat& format, Rounding rounding, float value, uint32_t random) {
  if (std::isnan(value)) return 0.0f;
  const double clamped = std::clamp(double{value}, double(format.min()), double(format.max()));
  // Adding +0 makes a negative zero positive: integers have one zero.
  return static_cast<float>(RoundToInteger(rounding, clamped, random) + 0.0);
}

}  // namespace mulberry
