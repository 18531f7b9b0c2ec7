// The tables of a Liberty file, with their templates, in SI units.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "mulberry/hardware/liberty_values.h"
#include "mulberry/hardware/look_up_table.h"

namespace mulberry {

/// What 1 is in the file: s, F, W, J.
struct LibertyUnits {
  double time = 1e-9, capacitance = 1e-12, leakage = 1e-9, energy = 1e-12;
};

/// Throws Error as LibertyValues does, which has to outlive it.
class LibertyTables {
 public:
  explicit LibertyTables(const LibertyValues& values) : values_(values) {}

  void SetUnits(const LibertyUnits& units) { units_ = units; }
  const LibertyUnits& units() const { return units_; }
  /// A group lu_table_template or power_lut_template.
  void AddTemplate(const LibertyGroup& group);
  /// A table whose values are in `unit`. Refuses more than two variables, and other ones than slews
  /// and the load.
  LookUpTable Read(const LibertyGroup& group, double unit) const;

 private:
  struct Axes {
    std::string variable[2];
    std::vector<double> index[2];
  };

  void ReadIndex(const LibertyGroup& group, Axes& axes) const;
  /// 0: the table's first axis (an input's slew); 1: its second (load, constrained pin's slew).
  int AxisOf(const std::string& variable, int line) const;
  /// Gives the values their axes, the slew's first.
  void Arrange(Axes& axes, const LibertyGroup& group, const LibertyAttribute& values,
               LookUpTable& table) const;

  const LibertyValues& values_;
  LibertyUnits units_;
  std::map<std::string, Axes> templates_;
};

}  // namespace mulberry
