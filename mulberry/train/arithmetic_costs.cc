#include "mulberry/train/arithmetic_costs.h"

#include <cmath>

#include "mulberry/base/error.h"
#include "mulberry/nn/policy.h"
#include "mulberry/train/toml_file.h"

namespace mulberry {
namespace {

ArithmeticCosts FromToml(const toml::table& table, const std::string& name) {
  ArithmeticCosts costs;
  costs.file = name;
  auto line = table.source().begin.line;
  try {
    for (const auto& [key, node] : table) {
      line = key.source().begin.line;
      if (key != "unit" && key != "costs") {
        throw UsageError("unknown key '{}'; the keys are unit and [costs]", key.str());
      }
    }
    line = table.source().begin.line;
    costs.unit = table["unit"].value_or(std::string());
    if (costs.unit.empty()) throw UsageError("unit: must be a string, such as \"MACs of FP32\"");
    const toml::table* list = table["costs"].as_table();
    if (!list || list->empty()) throw UsageError("[costs]: must have a cost for each arithmetic");
    for (const auto& [key, node] : *list) {
      line = key.source().begin.line;
      const std::string spec = Print(ParseNetworkArithmetic(key.str()));
      const auto cost = node.value<double>();
      if (!cost || node.is_boolean() || !std::isfinite(*cost) || *cost < 0) {
        throw UsageError("{}: a cost must be a number, 0 or more", spec);
      }
      if (!costs.costs.emplace(spec, *cost).second) throw UsageError("{}: is given twice", spec);
    }
  } catch (const UsageError& e) {
    // A text of several lines has a caret in it, which a prefix would shift.
    const std::string text = e.what();
    throw UsageError("{}:{}:{}{}", name, line, text.find('\n') == std::string::npos ? " " : "\n",
                     text);
  }
  return costs;
}

}  // namespace

ArithmeticCosts ParseArithmeticCosts(std::string_view toml, const std::string& name) {
  return FromToml(ParseToml(toml, name), name);
}

ArithmeticCosts ReadArithmeticCosts(const std::string& path) {
  return FromToml(ReadToml(path), path);
}

}  // namespace mulberry
