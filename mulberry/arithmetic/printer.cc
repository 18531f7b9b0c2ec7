#include "mulberry/arithmetic/spec.h"

namespace mulberry {
namespace {

std::string Print(const Multiplier& multiplier) {
  if (multiplier.family == kTableFamily) return fmt::format("table:{}", multiplier.path);
  const MultiplierFamily& family = *FindMultiplierFamily(multiplier.family);
  std::vector<std::string> written;
  for (size_t i = 0; i < family.parameters.size(); ++i) {
    const Parameter& parameter = family.parameters[i];
    const int value = multiplier.values.at(i);
    if (parameter.required || value != parameter.default_value) {
      written.push_back(fmt::format("{}={}", parameter.name, value));
    }
  }
  if (written.empty()) return family.name;
  return fmt::format("{}({})", family.name, fmt::join(written, ","));
}

}  // namespace

std::string Print(const Arithmetic& arithmetic) {
  if (arithmetic.native) return "fp32";
  const FloatDefaults defaults = DefaultsOf(arithmetic.multiplier);
  std::string spec = Print(arithmetic.multiplier) + "@" + Name(arithmetic.format);
  if (arithmetic.rounding != defaults.rounding) {
    spec += fmt::format("+round={}", Name(arithmetic.rounding));
  }
  if (arithmetic.result != defaults.result) {
    spec += fmt::format("+result={}", Name(arithmetic.result));
  }
  if (arithmetic.format.overflow != DefaultOverflow(arithmetic.format)) {
    spec += fmt::format("+overflow={}", arithmetic.format.overflow == Overflow::kSaturate
                                            ? kSaturateName
                                            : SpecialOverflowName(arithmetic.format));
  }
  return spec;
}

}  // namespace mulberry
