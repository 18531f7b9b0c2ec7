#include "mulberry/hardware/switching.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "mulberry/base/error.h"
#include "mulberry/hardware/simulated_netlist.h"
#include "mulberry/hardware/switching_energy.h"

namespace mulberry {
namespace {

class Simulation {
 public:
  Simulation(const MappedNetlist& netlist, const Library& library, const TimingReport& timing,
             const Stimulus& stimulus, const std::string& clock)
      : netlist_(netlist),
        library_(library),
        timing_(timing),
        stimulus_(stimulus),
        model_(PrepareForSimulation(netlist, library, timing, stimulus.ports, clock)) {
    const size_t nets = netlist.net_names.size();
    value_.resize(nets);
    settled_.resize(nets);
    touched_flag_.resize(nets);
    counts_.resize(model_.entries.size());
    report_.functional.resize(nets);
    report_.total.resize(nets);
    value_[MappedNetlist::kOne] = 1;
    for (const std::vector<uint64_t>& vector : stimulus.vectors) {
      if (vector.size() == model_.inputs.size()) continue;
      throw Error("found a vector of {} values, expected {}", vector.size(), model_.inputs.size());
    }
    SetPeriod();
  }

  SwitchingReport Run(SwitchingMode mode) {
    for (size_t k = 0; k < stimulus_.vectors.size(); ++k) {
      if (k == 0) {
        Settle();
      } else if (mode == SwitchingMode::kGlitchAware) {
        RunPeriod(stimulus_.vectors[k]);
      } else {
        StepZeroDelay(stimulus_.vectors[k]);
      }
      CountFunctional(k > 0);
      RecordOutputs();
      AddLeakage();
    }
    Finish();
    return std::move(report_);
  }

 private:
  void SetPeriod() {
    const double needed = std::max(timing_.longest_path, timing_.smallest_period);
    report_.period = stimulus_.period > 0 ? stimulus_.period : 1.5 * needed + 0.1e-9;
    period_ = static_cast<int64_t>(std::llround(report_.period * 1e12));
    if (period_ < 2 || period_ > 100'000'000) {
      throw Error("found a period of {} s, expected 2 ps to 100 us", report_.period);
    }
    size_t wheel = 1;
    while (wheel < static_cast<size_t>(LargestDelay()) + 2) wheel *= 2;
    wheel_.resize(wheel);
  }

  int32_t LargestDelay() const {
    int32_t largest = 0;
    for (const SimulatedOutput& output : model_.outputs) {
      for (const auto& delays : output.delay) {
        largest = std::max(largest, *std::max_element(delays.begin(), delays.end()));
      }
    }
    return largest;
  }

  // --- Values ------------------------------------------------------------------------------------

  bool Value(const SimulatedOutput& output, const SimulatedGate& gate) const {
    return output.function >> (gate.is_flip_flop ? gate.stored : gate.state) & 1;
  }

  void SetNet(int net, bool value) {
    if (static_cast<bool>(value_[static_cast<size_t>(net)]) == value) return;
    value_[static_cast<size_t>(net)] = value;
    ++report_.total[static_cast<size_t>(net)];
    if (!touched_flag_[static_cast<size_t>(net)]) {
      touched_flag_[static_cast<size_t>(net)] = 1;
      touched_.push_back(net);
    }
    for (const GateInput& sink : model_.sinks[static_cast<size_t>(net)]) {
      SimulatedGate& gate = model_.gates[static_cast<size_t>(sink.gate)];
      gate.state ^= 1u << sink.input;
      gate.changed[static_cast<size_t>(sink.input)] = now_;
      if (!gate.queued) {
        gate.queued = true;
        dirty_.push_back(sink.gate);
      }
    }
  }

  void ApplyInputs(const std::vector<uint64_t>& vector) {
    for (size_t p = 0; p < model_.inputs.size(); ++p) {
      for (size_t bit = 0; bit < model_.inputs[p]->nets.size(); ++bit) {
        SetNet(model_.inputs[p]->nets[bit], vector[p] >> bit & 1);
      }
    }
  }

  void ResetState(SimulatedGate& gate) const {
    if (gate.clear >> gate.state & 1) gate.stored = false;
    if (gate.preset >> gate.state & 1) gate.stored = true;
  }

  void Sample(bool on_fall) {
    for (const int i : netlist_.flip_flops) {
      SimulatedGate& gate = model_.gates[static_cast<size_t>(i)];
      if (gate.samples_fall == on_fall) gate.stored = gate.next_state >> gate.state & 1;
      ResetState(gate);
    }
  }

  // --- Without delays ----------------------------------------------------------------------------

  void Evaluate(int instance) {
    SimulatedGate& gate = model_.gates[static_cast<size_t>(instance)];
    if (gate.is_flip_flop) ResetState(gate);
    for (int o = gate.outputs_begin; o < gate.outputs_end; ++o) {
      SimulatedOutput& output = model_.outputs[static_cast<size_t>(o)];
      output.next = Value(output, gate);
      const bool old = value_[static_cast<size_t>(output.net)];
      if (output.next == old) continue;
      SpreadEnergy(output, gate, output.next);
      SetNet(output.net, output.next);
    }
  }

  /// Which of several inputs caused a transition is not known: each has the same share.
  void SpreadEnergy(const SimulatedOutput& output, const SimulatedGate& gate, bool rises) {
    uint32_t causes = 0;
    double energy = 0;
    for (int e = output.entries_begin; e < output.entries_end; ++e) {
      const EnergyEntry& entry = model_.entries[static_cast<size_t>(e)];
      if (!(entry.when >> gate.Case() & 1)) continue;
      if (entry.input < 0) {
        spread_energy_ += entry.energy[rises];
        continue;
      }
      const bool is_cause = gate.is_flip_flop
                                ? entry.input == gate.clock_input
                                : gate.changed[static_cast<size_t>(entry.input)] == now_;
      if (!is_cause) continue;
      energy += entry.energy[rises];
      causes |= 1u << entry.input;
    }
    if (causes != 0) spread_energy_ += energy / std::popcount(causes);
  }

  void EvaluateAll() {
    for (const int i : netlist_.flip_flops) Evaluate(i);
    for (const int i : netlist_.combinational) {
      if (model_.gates[static_cast<size_t>(i)].queued || now_ == 0) Evaluate(i);
      model_.gates[static_cast<size_t>(i)].queued = false;
    }
    ClearDirty();
  }

  void ClearDirty() {
    for (const int i : dirty_) model_.gates[static_cast<size_t>(i)].queued = false;
    dirty_.clear();
  }

  void Settle() {
    now_ = 0;
    ApplyInputs(stimulus_.vectors[0]);
    EvaluateAll();
    EvaluateAll();  // A reset may depend on what the first evaluation found.
    std::fill(report_.total.begin(), report_.total.end(), 0);
    spread_energy_ = 0;
    now_ = 1;
  }

  void StepZeroDelay(const std::vector<uint64_t>& vector) {
    ++now_;
    if (model_.clock_net >= 0) {
      Sample(false);
      CountClock();
    }
    ApplyInputs(vector);
    EvaluateAll();
    if (model_.clock_net < 0) return;
    ++now_;
    Sample(true);
    EvaluateAll();
  }

  /// A rise and a fall in each period; the gates never see the clock as data.
  void CountClock() {
    report_.total[static_cast<size_t>(model_.clock_net)] += 2;
    report_.functional[static_cast<size_t>(model_.clock_net)] += 2;
  }

  // --- With delays -------------------------------------------------------------------------------

  void Schedule(int output, int32_t delay) {
    const int64_t time = now_ + delay;
    wheel_[static_cast<size_t>(time) & (wheel_.size() - 1)].push_back(output);
    ++pending_;
  }

  /// The delay of the input that changed last; of several, the shortest. -1: none has a path.
  static int32_t DelayOf(SimulatedOutput& output, const SimulatedGate& gate, bool rises) {
    int64_t latest = -1;
    int32_t delay = -1;
    for (int i = 0; i < gate.inputs; ++i) {
      const size_t at = static_cast<size_t>(i);
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

  void UpdateGates() {
    for (size_t k = 0; k < dirty_.size(); ++k) {
      SimulatedGate& gate = model_.gates[static_cast<size_t>(dirty_[k])];
      gate.queued = false;
      if (gate.is_flip_flop) ResetState(gate);
      for (int o = gate.outputs_begin; o < gate.outputs_end; ++o) {
        SimulatedOutput& output = model_.outputs[static_cast<size_t>(o)];
        const bool value = Value(output, gate);
        if (value == output.next) continue;
        output.next = value;
        Schedule(o, DelayOf(output, gate, value));
      }
    }
    dirty_.clear();
  }

  void Deliver(int o) {
    const SimulatedOutput& output = model_.outputs[static_cast<size_t>(o)];
    --pending_;
    if (static_cast<bool>(value_[static_cast<size_t>(output.net)]) == output.next) return;
    const uint32_t state = model_.gates[static_cast<size_t>(output.instance)].Case();
    for (int e = output.entries_begin; e < output.entries_end; ++e) {
      const EnergyEntry& entry = model_.entries[static_cast<size_t>(e)];
      if (!(entry.when >> state & 1) || (entry.input >= 0 && entry.input != output.cause)) continue;
      ++counts_[static_cast<size_t>(e)][output.next];
    }
    SetNet(output.net, output.next);
  }

  void RunUntil(int64_t end) {
    for (; now_ < end; ++now_) {
      std::vector<int>& bucket = wheel_[static_cast<size_t>(now_) & (wheel_.size() - 1)];
      // Delays of 0 append to the bucket, which may move it.
      for (size_t k = 0; k < bucket.size();) {
        const size_t ready = bucket.size();
        for (; k < ready; ++k) Deliver(bucket[k]);
        UpdateGates();
      }
      bucket.clear();
      if (pending_ == 0) now_ = end - 1;
    }
  }

  void ClockEdge(bool falls) {
    Sample(falls);
    for (const int i : netlist_.flip_flops) {
      SimulatedGate& gate = model_.gates[static_cast<size_t>(i)];
      if (gate.samples_fall != falls) continue;
      gate.changed[static_cast<size_t>(gate.clock_input)] = now_;
      if (gate.queued) continue;
      gate.queued = true;
      dirty_.push_back(i);
    }
  }

  void RunPeriod(const std::vector<uint64_t>& vector) {
    const int64_t begin = now_;
    if (model_.clock_net >= 0) {
      ClockEdge(false);
      UpdateGates();
      CountClock();
    }
    ApplyInputs(vector);
    UpdateGates();
    if (model_.clock_net >= 0) {
      RunUntil(begin + period_ / 2);
      ClockEdge(true);
      UpdateGates();
    }
    RunUntil(begin + period_);
    if (pending_ > 0) {
      throw Error("{}: has not settled within {} ps, expected a period of at least {:.0f} ps",
                  netlist_.module, period_,
                  std::max(timing_.longest_path, timing_.smallest_period) * 1e12);
    }
  }

  // --- Results -----------------------------------------------------------------------------------

  void CountFunctional(bool counts) {
    for (const int net : touched_) {
      const size_t at = static_cast<size_t>(net);
      touched_flag_[at] = 0;
      if (counts && value_[at] != settled_[at]) ++report_.functional[at];
      settled_[at] = value_[at];
    }
    touched_.clear();
  }

  void RecordOutputs() {
    std::vector<uint64_t> values;
    for (const NetlistPort& port : netlist_.ports) {
      if (port.is_input) continue;
      uint64_t value = 0;
      for (size_t bit = 0; bit < port.nets.size() && bit < 64; ++bit) {
        value |= static_cast<uint64_t>(value_[static_cast<size_t>(port.nets[bit])]) << bit;
      }
      values.push_back(value);
    }
    report_.outputs.push_back(std::move(values));
  }

  void AddLeakage() {
    if (!model_.has_leakage_states && report_.leakage > 0) return;
    for (size_t i = 0; i < model_.gates.size(); ++i)
      report_.leakage += model_.leakage[i][model_.gates[i].Case()];
  }

  void Finish() {
    if (model_.has_leakage_states) {
      report_.leakage /= static_cast<double>(stimulus_.vectors.size());
    }
    report_.operations = stimulus_.vectors.size() - 1;
    AddEnergies(model_, timing_, library_.voltage, counts_, spread_energy_, report_);
  }

  const MappedNetlist& netlist_;
  const Library& library_;
  const TimingReport& timing_;
  const Stimulus& stimulus_;
  SimulatedNetlist model_;
  SwitchingReport report_;
  std::vector<std::array<uint64_t, 2>> counts_;  // Of each entry: falls, rises.
  double spread_energy_ = 0;
  std::vector<uint8_t> value_, settled_, touched_flag_;
  std::vector<int> touched_, dirty_;
  int64_t now_ = 0, period_ = 0;
  std::vector<std::vector<int>> wheel_;  // Outputs by the time of their event, modulo its size.
  int64_t pending_ = 0;
};

}  // namespace

SwitchingReport Simulate(const MappedNetlist& netlist, const Library& library,
                         const TimingReport& timing, const Stimulus& stimulus, SwitchingMode mode,
                         const std::string& clock) {
  if (stimulus.vectors.size() < 2) {
    throw Error("found {} vectors, expected two or more", stimulus.vectors.size());
  }
  return Simulation(netlist, library, timing, stimulus, clock).Run(mode);
}

}  // namespace mulberry
