// What both simulations of switching.h have in common: the values of the nets, which gates they
// change, and the counts of it. Not here: when a gate's output follows (zero_delay.h,
// event_driven.h).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "mulberry/hardware/simulated_netlist.h"
#include "mulberry/hardware/switching.h"

namespace mulberry {

struct SwitchingState {
  /// Throws Error as PrepareForSimulation does.
  SwitchingState(const MappedNetlist& of_netlist, const TimingReport& timing,
                 const Library& library, const std::vector<std::string>& ports,
                 const std::string& clock);

  /// The value that the gate's inputs, or a flip-flop's state, give its output.
  static bool Value(const SimulatedOutput& output, const SimulatedGate& gate) {
    return output.function >> (gate.is_flip_flop ? gate.stored : gate.state) & 1;
  }
  static void ResetState(SimulatedGate& gate) {
    if (gate.clear >> gate.state & 1) gate.stored = false;
    if (gate.preset >> gate.state & 1) gate.stored = true;
  }

  SimulatedGate& Gate(int instance) { return model.gates[static_cast<size_t>(instance)]; }
  bool IsSet(int net) const { return value[static_cast<size_t>(net)] != 0; }
  /// A net's new value, now: its gates are dirty then.
  void SetNet(int net, bool is_set) {
    const auto at = static_cast<size_t>(net);
    if (IsSet(net) == is_set) return;
    value[at] = is_set;
    ++report.total[at];
    if (!touched_flag[at]) {
      touched_flag[at] = 1;
      touched.push_back(net);
    }
    for (const GateInput& sink : model.sinks[at]) {
      SimulatedGate& gate = Gate(sink.gate);
      gate.state ^= 1u << sink.input;
      gate.changed[static_cast<size_t>(sink.input)] = now;
      MakeDirty(sink.gate);
    }
  }
  void MakeDirty(int instance) {
    SimulatedGate& gate = Gate(instance);
    if (gate.queued) return;
    gate.queued = true;
    dirty.push_back(instance);
  }

  void ApplyInputs(const std::vector<uint64_t>& vector);
  /// The flip-flops of that edge take their next state.
  void Sample(bool on_fall);
  /// A rise and a fall in each period; the gates never see the clock as data.
  void CountClock();
  /// At the end of a period: its functional transitions if they count, the outputs and the leakage.
  void EndPeriod(bool counts);

  const MappedNetlist& netlist;
  SimulatedNetlist model;
  SwitchingReport report;
  std::vector<std::array<uint64_t, 2>> counts;  ///< Of each of the model's entries: falls, rises.
  double spread_energy = 0;                     ///< J, of what is not counted by entries.
  std::vector<uint8_t> value, settled, touched_flag;  ///< Of each net.
  std::vector<int> touched;                           ///< Nets that changed in this period.
  std::vector<int> dirty;                             ///< Gates whose inputs changed.
  int64_t now = 0;                                    ///< ps

 private:
  void CountFunctional(bool counts_them);
  void RecordOutputs();
  void AddLeakage();
};

}  // namespace mulberry
