#include "mulberry/hardware/multiplier_module.h"

#include <fmt/format.h>

#include "mulberry/base/error.h"

namespace mulberry {

std::string MultiplierModule::Instance(const std::string& instance, const std::string& a,
                                       const std::string& b, const std::string& p) const {
  std::string list;
  for (const auto& [parameter, value] : parameters) {
    list += fmt::format("{}.{}({})", list.empty() ? "" : ", ", parameter, value);
  }
  return fmt::format("{} #({}) {} (.a({}), .b({}), .p({}));", name, list, instance, a, b, p);
}

MultiplierModule ModuleOf(const Multiplier& multiplier, const OperandKind& operand) {
  MakeModel(multiplier, operand);  // Refuses what does not fit.
  if (multiplier.family == "exact") return {"exact", {{"N", operand.bits}}, {"exact.v"}};
  throw UsageError("{} has no circuit in rtl/", multiplier.family);
}

}  // namespace mulberry
