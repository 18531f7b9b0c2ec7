#include "mulberry/hardware/liberty_tables.h"

#include <algorithm>
#include <functional>

#include "mulberry/base/error.h"

namespace mulberry {

void LibertyTables::ReadIndex(const LibertyGroup& group, Axes& axes) const {
  for (int i = 0; i < 2; ++i) {
    const LibertyAttribute* a = group.Find(i ? "index_2" : "index_1");
    if (!a) continue;
    axes.index[i] = values_.Numbers(*a);
    if (axes.index[i].empty() ||
        std::adjacent_find(axes.index[i].begin(), axes.index[i].end(), std::greater_equal<>()) !=
            axes.index[i].end()) {
      values_.Fail(
          a->line,
          fmt::format("{}: found numbers that do not ascend, expected ascending ones", a->name));
    }
  }
}

void LibertyTables::AddTemplate(const LibertyGroup& group) {
  if (group.arguments.empty())
    values_.Fail(group.line, group.name + ": found no name, expected one");
  Axes axes;
  axes.variable[0] = values_.TextOf(group, "variable_1");
  axes.variable[1] = values_.TextOf(group, "variable_2");
  if (group.Find("variable_3")) axes.variable[0] = "variable_3";  // Refused where it is used.
  ReadIndex(group, axes);
  templates_[group.arguments[0]] = axes;
}

int LibertyTables::AxisOf(const std::string& variable, int line) const {
  if (variable == "input_net_transition" || variable == "input_transition_time" ||
      variable == "related_pin_transition") {
    return 0;
  }
  if (variable == "total_output_net_capacitance" || variable == "constrained_pin_transition") {
    return 1;
  }
  values_.Fail(line, fmt::format("a table over \"{}\", expected input_net_transition, "
                                 "input_transition_time, total_output_net_capacitance, "
                                 "related_pin_transition or constrained_pin_transition",
                                 variable));
}

LookUpTable LibertyTables::Read(const LibertyGroup& group, double unit) const {
  Axes axes;
  const std::string name = group.arguments.empty() ? "" : group.arguments[0];
  if (name != "scalar") {
    const auto found = templates_.find(name);
    if (found == templates_.end()) {
      values_.Fail(group.line,
                   fmt::format("{}: found the template \"{}\", expected scalar or one of the "
                               "library's templates",
                               group.name, name));
    }
    axes = found->second;
    ReadIndex(group, axes);
  }
  const LibertyAttribute* values = group.Find("values");
  if (!values) values_.Fail(group.line, group.name + ": found no values, expected values (...)");
  LookUpTable table;
  table.values = values_.Numbers(*values);
  for (double& value : table.values) value *= unit;
  Arrange(axes, group, *values, table);
  return table;
}

void LibertyTables::Arrange(Axes& axes, const LibertyGroup& group, const LibertyAttribute& values,
                            LookUpTable& table) const {
  int order[2] = {-1, -1};
  size_t size = 1, sizes[2] = {1, 1};
  for (int i = 0; i < 2; ++i) {
    if (axes.variable[i].empty()) continue;
    order[i] = AxisOf(axes.variable[i], group.line);
    const bool is_load = axes.variable[i] == "total_output_net_capacitance";
    for (double& x : axes.index[i]) x *= is_load ? units_.capacitance : units_.time;
    sizes[i] = axes.index[i].size();
    size *= sizes[i];
    (order[i] == 0 ? table.first : table.second) = axes.index[i];
  }
  if (order[0] >= 0 && order[0] == order[1]) {
    values_.Fail(
        group.line,
        fmt::format("{}: found the same kind of variable twice, expected two kinds", group.name));
  }
  if (size == 0 || table.values.size() != size) {
    values_.Fail(values.line, fmt::format("{}: found {} values, expected {}", group.name,
                                          table.values.size(), size));
  }
  if (order[0] == 1 && order[1] == 0) {
    const std::vector<double> old = table.values;
    for (size_t i = 0; i < sizes[0]; ++i) {
      for (size_t j = 0; j < sizes[1]; ++j) table.values[j * sizes[0] + i] = old[i * sizes[1] + j];
    }
  }
}

}  // namespace mulberry
