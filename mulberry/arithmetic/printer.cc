#include "mulberry/arithmetic/spec.h"
#include "mulberry/multipliers/imported.h"

namespace mulberry {
namespace {

std::string Print(const Multiplier& multiplier) {
  if (IsImported(multiplier.family)) {
    const char* mark = multiplier.function.empty() ? "" : "#";
    return fmt::format("{}:{}{}{}", multiplier.family, multiplier.path, mark, multiplier.function);
  }
  const MultiplierFamily* family = FindMultiplierFamily(multiplier.family);
  if (!family) throw UsageError("unknown multiplier \"{}\"", multiplier.family);
  std::vector<std::string> written;
  for (size_t i = 0; i < family->parameters.size(); ++i) {
    const Parameter& parameter = family->parameters[i];
    const int value = multiplier.values.at(i);
    if (parameter.required || value != parameter.default_value) {
      written.push_back(fmt::format("{}={}", parameter.name, value));
    }
  }
  if (written.empty()) return family->name;
  return fmt::format("{}({})", family->name, fmt::join(written, ","));
}

std::string IntegerOptions(const Arithmetic& arithmetic) {
  std::string options;
  if (arithmetic.rounding != Rounding::kNearestEven) {
    options += fmt::format("+round={}", Name(arithmetic.rounding));
  }
  if (arithmetic.integer_formats().any_signed() &&
      arithmetic.sign != DefaultSign(arithmetic.multiplier)) {
    options += fmt::format("+sign={}", Name(arithmetic.sign));
  }
  return options;
}

/// Of floats and posits.
std::string SignificandOptions(const Arithmetic& arithmetic) {
  const FloatDefaults defaults = DefaultsOf(arithmetic.multiplier, arithmetic.format);
  std::string options;
  if (arithmetic.rounding != defaults.rounding) {
    options += fmt::format("+round={}", Name(arithmetic.rounding));
  }
  if (arithmetic.result != defaults.result) {
    options += fmt::format("+result={}", Name(arithmetic.result));
  }
  const auto* format = std::get_if<FloatFormat>(&arithmetic.format);
  if (format && format->overflow != DefaultOverflow(*format)) {
    options += fmt::format("+overflow={}", format->overflow == Overflow::kSaturate
                                               ? kSaturateName
                                               : SpecialOverflowName(*format));
  }
  if (arithmetic.order != SumOrder::kAscending) {
    options += fmt::format("+order={}", Name(arithmetic.order));
  }
  return options;
}

}  // namespace

std::string Print(const Arithmetic& arithmetic) {
  if (arithmetic.native) return "fp32";
  std::string spec = Print(arithmetic.multiplier) + "@" + Name(arithmetic.format);
  return spec +
         (arithmetic.is_integer() ? IntegerOptions(arithmetic) : SignificandOptions(arithmetic));
}

}  // namespace mulberry
