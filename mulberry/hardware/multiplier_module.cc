#include "mulberry/hardware/multiplier_module.h"

#include <fmt/format.h>

#include <algorithm>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

/// A family's module, its parameters after N in the order of the family's values, and others that
/// the module needs.
struct FamilyModule {
  std::string family;
  std::string module;
  std::vector<std::string> parameters = {};
  std::vector<std::pair<std::string, int>> others = {};
  bool sets_lowest_bit = false;  ///< It has SET_LOWEST: the lowest kept fraction bit is set.
};

const std::vector<FamilyModule>& FamilyModules() {
  static const std::vector<FamilyModule> modules = {
      {.family = "exact", .module = "exact"},
      {.family = "mitchell", .module = "mitchell"},
      {.family = "mbm", .module = "mbm", .parameters = {"T"}, .sets_lowest_bit = true},
      {.family = "realm", .module = "realm", .parameters = {"M", "T"}, .sets_lowest_bit = true},
      {.family = "alm_soa", .module = "alm", .parameters = {"M"}, .others = {{"OR_LOW", 0}}},
      {.family = "alm_loa", .module = "alm", .parameters = {"M"}, .others = {{"OR_LOW", 1}}},
      {.family = "drum", .module = "drum", .parameters = {"K"}},
      {.family = "ssm", .module = "ssm", .parameters = {"M"}},
      {.family = "essm", .module = "essm", .parameters = {"M"}},
      {.family = "tosam", .module = "tosam", .parameters = {"T", "H"}},
      {.family = "letam", .module = "letam", .parameters = {"K"}},
      {.family = "roba", .module = "roba"},
      {.family = "bam", .module = "bam", .parameters = {"V", "H"}},
      {.family = "truncated", .module = "bam", .parameters = {"V"}, .others = {{"H", 0}}},
      {.family = "rounded", .module = "rounded", .parameters = {"V"}},
      {.family = "kulkarni", .module = "kulkarni"},
      {.family = "etm", .module = "etm"},
      {.family = "low_drop", .module = "low_drop", .parameters = {"P", "Q"}},
  };
  return modules;
}

/// As FractionTruncation of the models (multipliers/logarithm.h): t is the last value.
bool SetsLowestBit(const Multiplier& multiplier, const OperandKind& operand) {
  const int t = multiplier.values.back();
  return (t > 0 || operand.dropped_bits > 0) && operand.bits - 1 - t > 0;
}

}  // namespace

std::string MultiplierModule::Instance(const std::string& instance, const std::string& a,
                                       const std::string& b, const std::string& p) const {
  std::string list;
  for (const auto& [parameter, value] : parameters) {
    list += fmt::format("{}.{}({})", list.empty() ? "" : ", ", parameter, value);
  }
  if (!list.empty()) list = "#(" + list + ") ";
  return fmt::format("{} {}{} (.a({}), .b({}), .p({}));", name, list, instance, a, b, p);
}

MultiplierModule ModuleOf(const Multiplier& multiplier, const OperandKind& operand) {
  const std::vector<FamilyModule>& modules = FamilyModules();
  const auto found = std::ranges::find(modules, multiplier.family, &FamilyModule::family);
  if (found == modules.end() && !FindMultiplierFamily(multiplier.family) && !multiplier.errors &&
      multiplier.path.empty()) {
    MakeModel(multiplier, operand);  // Refuses an unknown family.
  }
  if (found == modules.end()) {
    throw UsageError(
        "{} has no circuit in rtl/: a family of `mulberry list multipliers` has, and a file "
        "verilog:FILE#MODULE is one",
        multiplier.family);
  }
  MakeModel(multiplier, operand);  // Refuses what does not fit.
  MultiplierModule module{found->module, {{"N", operand.bits}}, {found->module + ".v"}};
  for (size_t i = 0; i < found->parameters.size(); ++i) {
    module.parameters.emplace_back(found->parameters[i], multiplier.values[i]);
  }
  module.parameters.insert(module.parameters.end(), found->others.begin(), found->others.end());
  if (found->sets_lowest_bit) {
    module.parameters.emplace_back("SET_LOWEST", SetsLowestBit(multiplier, operand));
  }
  return module;
}

MultiplierModule BehaviouralModule(int bits) {
  return {"exact_behavioural", {{"N", bits}}, {"exact_behavioural.v"}};
}

MultiplierModule SignedExactModule(int bits) {
  return {"exact_signed", {{"N", bits}}, {"exact_signed.v"}};
}

MultiplierModule MixedModule(int a_bits, int b_bits, int v) {
  return {"mixed_rounded", {{"A", a_bits}, {"B", b_bits}, {"V", v}}, {"mixed_rounded.v"}};
}

}  // namespace mulberry
