// What a circuit costs in a cell library: area, delay, power, and the energy of an operation.
//
// A design is mapped twice: with the adders that it names as the library's adder cells, and with
// all as logic (AdderMapping); its cost is that of the mapping with the smaller power-delay
// product. No wires: cells and pins only. Absolute figures are those of the library; ratios are
// what travels to others.
#pragma once

#include <cstddef>
#include <string>

#include "mulberry/hardware/design.h"
#include "mulberry/hardware/liberty.h"
#include "mulberry/hardware/operand_stream.h"
#include "mulberry/hardware/synthesis.h"

namespace mulberry {

struct CircuitCostOptions {
  double period_s = 10e-9;  ///< Between two operations where power is said: 100 MHz for all.
  int seconds = 900;        ///< For each tool.
};

struct CircuitCost {
  std::string spec;
  AdderMapping adders = AdderMapping::kCells;
  size_t cells = 0;
  double area = 0;                 ///< In the library's unit, um2.
  double delay_s = 0;              ///< The longest path; of a clocked design the smallest period.
  double zero_delay_energy_j = 0;  ///< Dynamic, of one operation, without glitches.
  double energy_j = 0;             ///< With them.
  double leakage_w = 0;
  double dynamic_w = 0;  ///< energy_j over CircuitCostOptions::period_s.
  size_t operations = 0;

  double power_w() const { return dynamic_w + leakage_w; }
  /// Power-delay product.
  double pdp_j() const { return power_w() * delay_s; }
};

/// Throws Error where a tool fails (synthesis.h), or a netlist does not compute the model's outputs
/// for these operands.
CircuitCost CostOf(const Design& design, const Library& library, const OperandPairs& operands,
                   const CircuitCostOptions& options = {});
/// Under one mapping.
CircuitCost CostOf(const Design& design, const Library& library, const OperandPairs& operands,
                   AdderMapping adders, const CircuitCostOptions& options);

}  // namespace mulberry
