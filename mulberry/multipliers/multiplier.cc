#include "mulberry/multipliers/multiplier.h"

#include "mulberry/base/error.h"
#include "mulberry/base/suggest.h"
#include "mulberry/multipliers/imported.h"

namespace mulberry {
namespace {

std::string FamilyProblem(std::string_view name) {
  std::vector<std::string_view> names(kImportedFamilies.begin(), kImportedFamilies.end());
  names.push_back(kNoiseFamily);
  for (const MultiplierFamily& family : MultiplierFamilies()) names.push_back(family.name);
  const std::string_view nearest = Nearest(name, names);
  std::string problem = fmt::format("unknown multiplier \"{}\"; ", name);
  if (!nearest.empty()) return problem + fmt::format("did you mean \"{}\"?", nearest);
  return problem + fmt::format("known are {}", fmt::join(names, ", "));
}

void CheckRanges(const MultiplierFamily& family, const std::vector<int>& values) {
  if (values.size() != family.parameters.size()) {
    throw UsageError("{} takes {} parameters, not {}", family.name, family.parameters.size(),
                     values.size());
  }
  for (size_t i = 0; i < values.size(); ++i) {
    const Parameter& parameter = family.parameters[i];
    if (values[i] < parameter.minimum || values[i] > parameter.maximum) {
      throw UsageError("{}'s {} is {}: it is from {} to {}", family.name, parameter.name, values[i],
                       parameter.minimum, parameter.maximum);
    }
  }
}

}  // namespace

std::string_view Name(ResultRounding rounding) {
  switch (rounding) {
    case ResultRounding::kFull:
      return "full";
    case ResultRounding::kNearest:
      return "nearest";
    case ResultRounding::kZero:
      return "zero";
  }
  throw Error("no such result rounding: {}", static_cast<int>(rounding));
}

const MultiplierFamily* FindMultiplierFamily(std::string_view name) {
  for (const MultiplierFamily& family : MultiplierFamilies()) {
    if (family.name == name) return &family;
  }
  return nullptr;
}

Model MakeModel(const Multiplier& multiplier, const OperandKind& first, const OperandKind& second) {
  for (const int bits : {first.bits, second.bits}) {
    if (bits < 1 || bits > 24) throw UsageError("operands have 1 to 24 bits, not {}", bits);
  }
  if (multiplier.errors) {
    throw UsageError(
        "{} says what errors products have, not what they are: it serves the layers of networks, "
        "and has no products to look at one by one",
        kNoiseFamily);
  }
  if (IsImported(multiplier.family)) return MakeImportedModel(multiplier, first, second);
  const MultiplierFamily* family = FindMultiplierFamily(multiplier.family);
  if (!family) throw UsageError("{}", FamilyProblem(multiplier.family));
  CheckRanges(*family, multiplier.values);
  return family->make(multiplier.values, first.bits < second.bits ? second : first);
}

}  // namespace mulberry
