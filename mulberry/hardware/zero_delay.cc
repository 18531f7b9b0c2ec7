#include "mulberry/hardware/zero_delay.h"

#include <algorithm>
#include <bit>

namespace mulberry {

void ZeroDelay::Settle(const std::vector<uint64_t>& vector) {
  state_.now = 0;
  state_.ApplyInputs(vector);
  EvaluateAll();
  EvaluateAll();  // A reset may depend on what the first evaluation found.
  std::fill(state_.report.total.begin(), state_.report.total.end(), 0);
  state_.spread_energy = 0;
  state_.now = 1;
}

void ZeroDelay::Step(const std::vector<uint64_t>& vector) {
  const bool has_clock = state_.model.clock_net >= 0;
  ++state_.now;
  if (has_clock) {
    state_.Sample(false);
    state_.CountClock();
  }
  state_.ApplyInputs(vector);
  EvaluateAll();
  if (!has_clock) return;
  ++state_.now;
  state_.Sample(true);
  EvaluateAll();
}

void ZeroDelay::EvaluateAll() {
  for (const int i : state_.netlist.flip_flops) Evaluate(i);
  for (const int i : state_.netlist.combinational) {
    if (state_.Gate(i).queued || state_.now == 0) Evaluate(i);
    state_.Gate(i).queued = false;
  }
  for (const int i : state_.dirty) state_.Gate(i).queued = false;
  state_.dirty.clear();
}

void ZeroDelay::Evaluate(int instance) {
  SimulatedGate& gate = state_.Gate(instance);
  if (gate.is_flip_flop) SwitchingState::ResetState(gate);
  for (int o = gate.outputs_begin; o < gate.outputs_end; ++o) {
    SimulatedOutput& output = state_.model.outputs[static_cast<size_t>(o)];
    output.next = SwitchingState::Value(output, gate);
    if (output.next == state_.IsSet(output.net)) continue;
    SpreadEnergy(output, gate, output.next);
    state_.SetNet(output.net, output.next);
  }
}

/// Which of several inputs caused a transition is not known: each has the same share.
void ZeroDelay::SpreadEnergy(const SimulatedOutput& output, const SimulatedGate& gate, bool rises) {
  uint32_t causes = 0;
  double energy = 0;
  for (int e = output.entries_begin; e < output.entries_end; ++e) {
    const EnergyEntry& entry = state_.model.entries[static_cast<size_t>(e)];
    if (!(entry.when >> gate.Case() & 1)) continue;
    if (entry.input < 0) {
      state_.spread_energy += entry.energy[rises];
      continue;
    }
    const bool is_cause = gate.is_flip_flop
                              ? entry.input == gate.clock_input
                              : gate.changed[static_cast<size_t>(entry.input)] == state_.now;
    if (!is_cause) continue;
    energy += entry.energy[rises];
    causes |= 1u << entry.input;
  }
  if (causes != 0) state_.spread_energy += energy / std::popcount(causes);
}

}  // namespace mulberry
