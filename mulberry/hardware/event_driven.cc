#include "mulberry/hardware/event_driven.h"

#include <algorithm>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

int32_t LargestDelay(const SimulatedNetlist& model) {
  int32_t largest = 0;
  for (const SimulatedOutput& output : model.outputs) {
    for (const auto& delays : output.delay) {
      largest = std::max(largest, *std::max_element(delays.begin(), delays.end()));
    }
  }
  return largest;
}

/// The delay of the input that changed last; of several, the shortest. 0: none has a path.
int32_t DelayOf(SimulatedOutput& output, const SimulatedGate& gate, bool rises) {
  int64_t latest = -1;
  int32_t delay = -1;
  for (int i = 0; i < gate.inputs; ++i) {
    const auto at = static_cast<size_t>(i);
    const int32_t path = output.delay[rises][at];
    if (path < 0 || gate.changed[at] < latest) continue;
    if (gate.changed[at] > latest || path < delay) {
      delay = path;
      output.cause = i;
    }
    latest = gate.changed[at];
  }
  return std::max(delay, 0);
}

}  // namespace

EventDriven::EventDriven(SwitchingState& state, int64_t period, double needed)
    : state_(state), period_(period), needed_(needed) {
  size_t size = 1;
  while (size < static_cast<size_t>(LargestDelay(state.model)) + 2) size *= 2;
  wheel_.resize(size);
}

void EventDriven::Step(const std::vector<uint64_t>& vector) {
  const int64_t begin = state_.now;
  const bool has_clock = state_.model.clock_net >= 0;
  if (has_clock) {
    ClockEdge(false);
    UpdateGates();
    state_.CountClock();
  }
  state_.ApplyInputs(vector);
  UpdateGates();
  if (has_clock) {
    RunUntil(begin + period_ / 2);
    ClockEdge(true);
    UpdateGates();
  }
  RunUntil(begin + period_);
  if (pending_ > 0) {
    throw Error("{}: has not settled within {} ps, expected a period of at least {:.0f} ps",
                state_.netlist.module, period_, needed_ * 1e12);
  }
}

void EventDriven::ClockEdge(bool falls) {
  state_.Sample(falls);
  for (const int i : state_.netlist.flip_flops) {
    SimulatedGate& gate = state_.Gate(i);
    if (gate.samples_fall != falls) continue;
    gate.changed[static_cast<size_t>(gate.clock_input)] = state_.now;
    state_.MakeDirty(i);
  }
}

void EventDriven::RunUntil(int64_t end) {
  for (; state_.now < end; ++state_.now) {
    std::vector<int>& bucket = wheel_[static_cast<size_t>(state_.now) & (wheel_.size() - 1)];
    // Delays of 0 append to the bucket, which may move it.
    for (size_t k = 0; k < bucket.size();) {
      const size_t ready = bucket.size();
      for (; k < ready; ++k) Deliver(bucket[k]);
      UpdateGates();
    }
    bucket.clear();
    if (pending_ == 0) state_.now = end - 1;
  }
}

void EventDriven::UpdateGates() {
  for (size_t k = 0; k < state_.dirty.size(); ++k) {
    SimulatedGate& gate = state_.Gate(state_.dirty[k]);
    gate.queued = false;
    if (gate.is_flip_flop) SwitchingState::ResetState(gate);
    for (int o = gate.outputs_begin; o < gate.outputs_end; ++o) {
      SimulatedOutput& output = state_.model.outputs[static_cast<size_t>(o)];
      const bool value = SwitchingState::Value(output, gate);
      if (value == output.next) continue;
      output.next = value;
      Schedule(o, DelayOf(output, gate, value));
    }
  }
  state_.dirty.clear();
}

void EventDriven::Schedule(int output, int32_t delay) {
  const int64_t time = state_.now + delay;
  wheel_[static_cast<size_t>(time) & (wheel_.size() - 1)].push_back(output);
  ++pending_;
}

void EventDriven::Deliver(int o) {
  const SimulatedOutput& output = state_.model.outputs[static_cast<size_t>(o)];
  --pending_;
  if (state_.IsSet(output.net) == output.next) return;
  const uint32_t in_case = state_.Gate(output.instance).Case();
  for (int e = output.entries_begin; e < output.entries_end; ++e) {
    const EnergyEntry& entry = state_.model.entries[static_cast<size_t>(e)];
    if (!(entry.when >> in_case & 1)) continue;
    if (entry.input >= 0 && entry.input != output.cause) continue;
    ++state_.counts[static_cast<size_t>(e)][output.next];
  }
  state_.SetNet(output.net, output.next);
}

}  // namespace mulberry
