// A mapped netlist made ready for simulation: each cell's functions as truth tables, its delays in
// picoseconds, its energies and leakage for the loads and slews that it has there. Not the
// simulation itself (switching.h).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "mulberry/hardware/timing.h"

namespace mulberry {

inline constexpr int kMaxGateInputs = 6;  ///< Of a flip-flop, its state counts as one.

/// The internal energy of an output for transitions that one input causes, in some states.
struct EnergyEntry {
  int input = -1;                ///< Number of the causing input; -1: any.
  uint64_t when = ~uint64_t{0};  ///< Bit k: whether it applies in SimulatedGate::Case() k.
  double energy[2] = {0, 0};     ///< J of a fall, of a rise.
};

struct SimulatedOutput {
  int net = 0, instance = 0;
  uint64_t function = 0;  ///< Truth table over the inputs; of a flip-flop: over its state (0 or 1).
  std::array<int32_t, kMaxGateInputs> delay[2] = {};  ///< ps, to a fall and a rise; -1: no path.
  int entries_begin = 0, entries_end = 0;
  bool next = false;  ///< The value on its way.
  int cause = 0;      ///< The input that set `next`.
};

struct SimulatedGate {
  std::array<int, kMaxGateInputs> nets = {};
  int inputs = 0;
  int outputs_begin = 0, outputs_end = 0;
  uint32_t state = 0;                                ///< Bit i: input i.
  std::array<int64_t, kMaxGateInputs> changed = {};  ///< When each input changed last.
  bool is_flip_flop = false, samples_fall = false;
  int clock_input = -1;
  bool stored = false;
  uint64_t next_state = 0, clear = 0, preset = 0;  ///< Truth tables over the inputs.
  bool queued = false;

  /// The inputs, and above them a flip-flop's state: the index of tables of power.
  uint32_t Case() const { return state | static_cast<uint32_t>(stored) << inputs; }
};

struct GateInput {
  int gate, input;
};

/// Vectors by instance, by net, or by the indices named.
struct SimulatedNetlist {
  std::vector<SimulatedGate> gates;
  std::vector<SimulatedOutput> outputs;
  std::vector<EnergyEntry> entries;
  std::vector<std::array<double, 64>> leakage;  ///< W, of each gate in each case.
  bool has_leakage_states = false;              ///< Else leakage is the same in all cases.
  std::vector<double> pin_energy;               ///< J of an edge of each net: its sinks' own.
  std::vector<std::vector<GateInput>> sinks;
  std::vector<const NetlistPort*> inputs;  ///< In the order of `ports`.
  int clock_net = -1;
};

/// `ports` are all input ports but the one named `clock`. Throws Error where one is missing, where
/// a cell has too many inputs or no function, and where a flip-flop has another clock.
SimulatedNetlist PrepareForSimulation(const MappedNetlist& netlist, const Library& library,
                                      const TimingReport& timing,
                                      const std::vector<std::string>& ports,
                                      const std::string& clock);

}  // namespace mulberry
