// What the flexible multiply-accumulate unit costs in each of its modes: clocks and energy of a
// product, from a simulation of the whole unit's gates, registers and control among them. With it
// lower precision is worth its energy and time, as in Na and Mukhopadhyay, ISLPED 2016. Not here:
// units of one precision (circuit_cost.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "mulberry/hardware/flexible_mac.h"
#include "mulberry/hardware/liberty.h"
#include "mulberry/hardware/synthesis.h"

namespace mulberry {

struct ModeCost {
  FlexibleMode mode;
  double energy_j = 0;  ///< Dynamic, glitches included, of one multiply-accumulate.
  double time_s = 0;    ///< Of one, at the unit's smallest period.
};

struct FlexibleMacCost {
  std::string spec;
  AdderMapping adders = AdderMapping::kCells;
  size_t cells = 0;
  double area = 0;       ///< In the library's unit, um2.
  double period_s = 0;   ///< The smallest.
  double leakage_w = 0;  ///< Averaged over the modes.
  std::vector<ModeCost> modes;
};

/// Each mode is given `macs` (1 or more) pairs of operands, independent and uniform over the
/// mode's, with zeros above them, after one clock of reset. Of the adder mapping (circuit_cost.h)
/// with the smaller product of time and energy in the longest mode. Throws as Synthesise does, and
/// Error where the netlist's accumulator or `done` is not the model's at any clock.
FlexibleMacCost CostOf(const FlexibleUnit& mac, const Library& library, size_t macs, uint64_t seed,
                       int seconds = 900);

}  // namespace mulberry
