#include "mulberry/hardware/switching.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr int kMaxInputs = 6;

/// The internal energy of an output for transitions that one input causes, in some states.
struct EnergyEntry {
  int input = -1;                ///< Number of the causing input; -1: any.
  uint64_t when = ~uint64_t{0};  ///< Truth table over the inputs.
  double energy[2] = {0, 0};     ///< J of a fall, of a rise.
};

struct Output {
  int net = 0, instance = 0;
  uint64_t function = 0;  ///< Truth table over the inputs; of a flip-flop: over its state (0 or 1).
  std::array<int32_t, kMaxInputs> delay[2] = {};  ///< ps, to a fall and a rise; -1: no path.
  int entries_begin = 0, entries_end = 0;
  bool next = false;  ///< The value on its way.
  int cause = 0;      ///< The input that set `next`.
};

struct Gate {
  std::array<int, kMaxInputs> nets = {};
  int inputs = 0;
  int outputs_begin = 0, outputs_end = 0;
  uint32_t state = 0;                            ///< Bit i: input i.
  std::array<int64_t, kMaxInputs> changed = {};  ///< When each input changed last.
  bool is_flip_flop = false, samples_fall = false;
  int clock_input = -1;
  bool stored = false;
  uint64_t next_state = 0, clear = 0, preset = 0;  ///< Truth tables over the inputs.
  bool queued = false;
};

struct Sink {
  int gate, input;
};

class Simulation {
 public:
  Simulation(const MappedNetlist& netlist, const Library& library, const TimingReport& timing,
             const Stimulus& stimulus, const std::string& clock)
      : netlist_(netlist), library_(library), timing_(timing), stimulus_(stimulus) {
    const size_t nets = netlist.net_names.size();
    value_.resize(nets);
    settled_.resize(nets);
    touched_flag_.resize(nets);
    sinks_.resize(nets);
    report_.functional.resize(nets);
    report_.total.resize(nets);
    value_[MappedNetlist::kOne] = 1;
    for (size_t i = 0; i < netlist.instances.size(); ++i) AddGate(static_cast<int>(i));
    FindPorts(clock);
    AddPinEnergies();
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
  const LibraryCell& Cell(int instance) const {
    return library_
        .cells[static_cast<size_t>(netlist_.instances[static_cast<size_t>(instance)].cell)];
  }

  // --- Preparation -------------------------------------------------------------------------------

  uint64_t Table(const LogicFunction& function, const LibraryCell& cell,
                 const std::vector<int>& inputs) const {
    return function.TruthTable(inputs, static_cast<int>(cell.pins.size()) + 2);
  }

  void AddGate(int instance) {
    const LibraryCell& cell = Cell(instance);
    const std::vector<int> inputs = cell.Inputs();
    if (inputs.size() > kMaxInputs) {
      throw Error(
          "the cell {} has {} inputs, expected at most {} for simulation: set dont_use on it",
          cell.name, inputs.size(), kMaxInputs);
    }
    Gate gate;
    gate.inputs = static_cast<int>(inputs.size());
    const auto& nets = netlist_.instances[static_cast<size_t>(instance)].nets;
    for (size_t i = 0; i < inputs.size(); ++i) {
      gate.nets[i] = nets[static_cast<size_t>(inputs[i])];
      if (value_[static_cast<size_t>(gate.nets[i])]) gate.state |= 1u << i;
      sinks_[static_cast<size_t>(gate.nets[i])].push_back({instance, static_cast<int>(i)});
    }
    if (cell.flip_flop) AddState(cell, inputs, gate);
    gate.outputs_begin = static_cast<int>(outputs_.size());
    for (const int pin : cell.Outputs()) {
      if (nets[static_cast<size_t>(pin)] >= 0) AddOutput(instance, cell, inputs, pin);
    }
    gate.outputs_end = static_cast<int>(outputs_.size());
    AddLeakageStates(cell, inputs);
    gates_.push_back(gate);
  }

  void AddState(const LibraryCell& cell, const std::vector<int>& inputs, Gate& gate) const {
    gate.is_flip_flop = true;
    gate.next_state = Table(cell.flip_flop->next_state, cell, inputs);
    if (cell.flip_flop->clear) gate.clear = Table(*cell.flip_flop->clear, cell, inputs);
    if (cell.flip_flop->preset) gate.preset = Table(*cell.flip_flop->preset, cell, inputs);
    const uint64_t clocked_on = Table(cell.flip_flop->clocked_on, cell, inputs);
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (cell.flip_flop->clocked_on.Uses(inputs[i])) gate.clock_input = static_cast<int>(i);
    }
    if (gate.clock_input < 0) throw Error("the cell {} has no clock, expected one", cell.name);
    gate.samples_fall = clocked_on & 1;  // True while the clock is 0.
  }

  void AddOutput(int instance, const LibraryCell& cell, const std::vector<int>& inputs, int pin) {
    const LibraryPin& library_pin = cell.pins[static_cast<size_t>(pin)];
    if (!library_pin.function || library_pin.is_three_state) {
      throw Error("the output {} of the cell {} has {}, expected a function", library_pin.name,
                  cell.name, library_pin.function ? "three states" : "no function");
    }
    Output output;
    output.instance = instance;
    output.net = netlist_.instances[static_cast<size_t>(instance)].nets[static_cast<size_t>(pin)];
    const int state = static_cast<int>(cell.pins.size());
    if (cell.flip_flop) {
      // Two variables: the state and its inverse, of which 1, 0 and 0, 1 are possible.
      const uint64_t table = library_pin.function->TruthTable({state, state + 1}, state + 2);
      output.function = (table >> 2 & 1) | (table >> 1 & 1) << 1;
    } else {
      output.function = Table(*library_pin.function, cell, inputs);
    }
    output.delay[0].fill(-1);
    output.delay[1].fill(-1);
    for (const PathDelay& path : timing_.delays[static_cast<size_t>(instance)]) {
      if (path.to_pin != pin) continue;
      const auto at = std::find(inputs.begin(), inputs.end(), path.from_pin) - inputs.begin();
      output.delay[0][static_cast<size_t>(at)] = Picoseconds(path.fall);
      output.delay[1][static_cast<size_t>(at)] = Picoseconds(path.rise);
    }
    output.entries_begin = static_cast<int>(entries_.size());
    AddEntries(output, cell, inputs, library_pin);
    output.entries_end = static_cast<int>(entries_.size());
    outputs_.push_back(output);
  }

  static int32_t Picoseconds(double seconds) {
    return static_cast<int32_t>(std::max(0.0, std::round(seconds * 1e12)));
  }

  void AddEntries(const Output& output, const LibraryCell& cell, const std::vector<int>& inputs,
                  const LibraryPin& pin) {
    const size_t net = static_cast<size_t>(output.net);
    for (const InternalPower& power : pin.internal_power) {
      EnergyEntry entry;
      const auto at = std::find(inputs.begin(), inputs.end(), power.related_pin);
      if (at != inputs.end()) entry.input = static_cast<int>(at - inputs.begin());
      if (power.when) entry.when = Table(*power.when, cell, inputs);
      for (const bool rises : {false, true}) {
        const LookUpTable& table = rises ? power.rise : power.fall;
        const double load = rises ? timing_.rise_load[net] : timing_.fall_load[net];
        entry.energy[rises] = table.At(InputSlew(output.instance, power, cell, pin, rises), load);
      }
      entries_.push_back(entry);
    }
    counts_.resize(entries_.size());
  }

  /// Of the edge at the related input that makes the output rise or fall.
  double InputSlew(int instance, const InternalPower& power, const LibraryCell& cell,
                   const LibraryPin& pin, bool rises) const {
    if (power.related_pin < 0) return 0;
    const int related = netlist_.instances[static_cast<size_t>(instance)]
                            .nets[static_cast<size_t>(power.related_pin)];
    const double rise = timing_.rise[static_cast<size_t>(related)].slew;
    const double fall = timing_.fall[static_cast<size_t>(related)].slew;
    for (const TimingArc& arc : pin.timing) {
      if (arc.related_pin != power.related_pin) continue;
      if (cell.flip_flop) return arc.type == TimingType::kFallingEdge ? fall : rise;
      if (arc.sense == TimingSense::kPositive) return rises ? rise : fall;
      if (arc.sense == TimingSense::kNegative) return rises ? fall : rise;
    }
    return (rise + fall) / 2;
  }

  void AddLeakageStates(const LibraryCell& cell, const std::vector<int>& inputs) {
    std::array<double, 64> powers;
    powers.fill(cell.leakage);
    for (const LeakageState& state : cell.leakage_states) {
      const uint64_t table = Table(state.when, cell, inputs);
      for (size_t i = 0; i < size_t{1} << inputs.size(); ++i) {
        if (table >> i & 1) powers[i] = state.power;
      }
    }
    leakage_.push_back(powers);
    has_leakage_states_ = has_leakage_states_ || !cell.leakage_states.empty();
  }

  void FindPorts(const std::string& clock) {
    for (const NetlistPort& port : netlist_.ports) {
      if (!port.is_input) continue;
      if (port.name == clock && port.nets.size() == 1) {
        clock_net_ = port.nets[0];
      } else if (std::find(stimulus_.ports.begin(), stimulus_.ports.end(), port.name) ==
                 stimulus_.ports.end()) {
        throw Error("{}: found no stimulus for the input {}, expected one", netlist_.module,
                    port.name);
      }
    }
    for (const std::string& name : stimulus_.ports) {
      const NetlistPort* port = netlist_.FindPort(name);
      if (!port || !port->is_input || port->nets.size() > 64) {
        throw Error("{}: found a stimulus for {}, expected an input of at most 64 bits",
                    netlist_.module, name);
      }
      inputs_.push_back(port);
    }
    for (const std::vector<uint64_t>& vector : stimulus_.vectors) {
      if (vector.size() != inputs_.size()) {
        throw Error("found a vector of {} values, expected {}", vector.size(), inputs_.size());
      }
    }
    for (const int i : netlist_.flip_flops) {
      const Gate& gate = gates_[static_cast<size_t>(i)];
      if (gate.nets[static_cast<size_t>(gate.clock_input)] != clock_net_) {
        throw Error(
            "{}: the flip-flop {} is clocked by {}, expected the input port {}", netlist_.module,
            netlist_.instances[static_cast<size_t>(i)].name,
            netlist_
                .net_names[static_cast<size_t>(gate.nets[static_cast<size_t>(gate.clock_input)])],
            clock);
      }
    }
  }

  /// Energies of input pins (of flip-flops mostly: the clock's buffers) belong to the net's edges.
  /// Where they differ by state, the mean is taken.
  void AddPinEnergies() {
    pin_energy_.resize(netlist_.net_names.size());
    for (size_t i = 0; i < netlist_.instances.size(); ++i) {
      const LibraryCell& cell = Cell(static_cast<int>(i));
      for (const int pin : cell.Inputs()) {
        const auto& powers = cell.pins[static_cast<size_t>(pin)].internal_power;
        if (powers.empty()) continue;
        const size_t net =
            static_cast<size_t>(netlist_.instances[i].nets[static_cast<size_t>(pin)]);
        const double share = 1.0 / static_cast<double>(powers.size());
        for (const InternalPower& power : powers) {
          pin_energy_[net] +=
              share / 2 *
              (power.rise.At(timing_.rise[net].slew, 0) + power.fall.At(timing_.fall[net].slew, 0));
        }
      }
    }
  }

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
    for (const Output& output : outputs_) {
      for (const auto& delays : output.delay) {
        largest = std::max(largest, *std::max_element(delays.begin(), delays.end()));
      }
    }
    return largest;
  }

  // --- Values ------------------------------------------------------------------------------------

  bool Value(const Output& output, const Gate& gate) const {
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
    for (const Sink& sink : sinks_[static_cast<size_t>(net)]) {
      Gate& gate = gates_[static_cast<size_t>(sink.gate)];
      gate.state ^= 1u << sink.input;
      gate.changed[static_cast<size_t>(sink.input)] = now_;
      if (!gate.queued) {
        gate.queued = true;
        dirty_.push_back(sink.gate);
      }
    }
  }

  void ApplyInputs(const std::vector<uint64_t>& vector) {
    for (size_t p = 0; p < inputs_.size(); ++p) {
      for (size_t bit = 0; bit < inputs_[p]->nets.size(); ++bit) {
        SetNet(inputs_[p]->nets[bit], vector[p] >> bit & 1);
      }
    }
  }

  void ResetState(Gate& gate) const {
    if (gate.clear >> gate.state & 1) gate.stored = false;
    if (gate.preset >> gate.state & 1) gate.stored = true;
  }

  void Sample(bool on_fall) {
    for (const int i : netlist_.flip_flops) {
      Gate& gate = gates_[static_cast<size_t>(i)];
      if (gate.samples_fall == on_fall) gate.stored = gate.next_state >> gate.state & 1;
      ResetState(gate);
    }
  }

  // --- Without delays ----------------------------------------------------------------------------

  void Evaluate(int instance) {
    Gate& gate = gates_[static_cast<size_t>(instance)];
    if (gate.is_flip_flop) ResetState(gate);
    for (int o = gate.outputs_begin; o < gate.outputs_end; ++o) {
      Output& output = outputs_[static_cast<size_t>(o)];
      output.next = Value(output, gate);
      const bool old = value_[static_cast<size_t>(output.net)];
      if (output.next == old) continue;
      SpreadEnergy(output, gate, output.next);
      SetNet(output.net, output.next);
    }
  }

  /// Which of several inputs caused a transition is not known: each one's entry has the same share.
  void SpreadEnergy(const Output& output, const Gate& gate, bool rises) {
    int matches = 0;
    double energy = 0;
    for (int e = output.entries_begin; e < output.entries_end; ++e) {
      const EnergyEntry& entry = entries_[static_cast<size_t>(e)];
      if (!(entry.when >> gate.state & 1)) continue;
      if (gate.is_flip_flop && entry.input >= 0 && entry.input != gate.clock_input) continue;
      if (!gate.is_flip_flop && entry.input >= 0 &&
          gate.changed[static_cast<size_t>(entry.input)] != now_) {
        continue;
      }
      energy += entry.energy[rises];
      ++matches;
    }
    if (matches > 0) spread_energy_ += energy / matches;
  }

  void EvaluateAll() {
    for (const int i : netlist_.flip_flops) Evaluate(i);
    for (const int i : netlist_.combinational) {
      if (gates_[static_cast<size_t>(i)].queued || now_ == 0) Evaluate(i);
      gates_[static_cast<size_t>(i)].queued = false;
    }
    ClearDirty();
  }

  void ClearDirty() {
    for (const int i : dirty_) gates_[static_cast<size_t>(i)].queued = false;
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
    if (clock_net_ >= 0) {
      Sample(false);
      CountClock();
    }
    ApplyInputs(vector);
    EvaluateAll();
    if (clock_net_ < 0) return;
    ++now_;
    Sample(true);
    EvaluateAll();
  }

  /// A rise and a fall in each period; the gates never see the clock as data.
  void CountClock() {
    report_.total[static_cast<size_t>(clock_net_)] += 2;
    report_.functional[static_cast<size_t>(clock_net_)] += 2;
  }

  // --- With delays -------------------------------------------------------------------------------

  void Schedule(int output, int32_t delay) {
    const int64_t time = now_ + delay;
    wheel_[static_cast<size_t>(time) & (wheel_.size() - 1)].push_back(output);
    ++pending_;
  }

  /// The delay of the input that changed last; of several, the shortest. -1: none has a path.
  static int32_t DelayOf(Output& output, const Gate& gate, bool rises) {
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
      Gate& gate = gates_[static_cast<size_t>(dirty_[k])];
      gate.queued = false;
      if (gate.is_flip_flop) ResetState(gate);
      for (int o = gate.outputs_begin; o < gate.outputs_end; ++o) {
        Output& output = outputs_[static_cast<size_t>(o)];
        const bool value = Value(output, gate);
        if (value == output.next) continue;
        output.next = value;
        Schedule(o, DelayOf(output, gate, value));
      }
    }
    dirty_.clear();
  }

  void Deliver(int o) {
    const Output& output = outputs_[static_cast<size_t>(o)];
    --pending_;
    if (static_cast<bool>(value_[static_cast<size_t>(output.net)]) == output.next) return;
    const uint32_t state = gates_[static_cast<size_t>(output.instance)].state;
    for (int e = output.entries_begin; e < output.entries_end; ++e) {
      const EnergyEntry& entry = entries_[static_cast<size_t>(e)];
      if (!(entry.when >> state & 1) || (entry.input >= 0 && entry.input != output.cause)) continue;
      ++counts_[static_cast<size_t>(e)][output.next];
      break;
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
      Gate& gate = gates_[static_cast<size_t>(i)];
      if (gate.samples_fall != falls) continue;
      gate.changed[static_cast<size_t>(gate.clock_input)] = now_;
      if (gate.queued) continue;
      gate.queued = true;
      dirty_.push_back(i);
    }
  }

  void RunPeriod(const std::vector<uint64_t>& vector) {
    const int64_t begin = now_;
    if (clock_net_ >= 0) {
      ClockEdge(false);
      UpdateGates();
      CountClock();
    }
    ApplyInputs(vector);
    UpdateGates();
    if (clock_net_ >= 0) {
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
    if (!has_leakage_states_ && report_.leakage > 0) return;
    for (size_t i = 0; i < gates_.size(); ++i) report_.leakage += leakage_[i][gates_[i].state];
  }

  void Finish() {
    if (has_leakage_states_) report_.leakage /= static_cast<double>(stimulus_.vectors.size());
    report_.operations = stimulus_.vectors.size() - 1;
    const double v2 = library_.voltage * library_.voltage;
    double internal = spread_energy_, glitch = 0, driven_glitch = 0, driven = 0;
    for (size_t net = 2; net < value_.size(); ++net) {
      const double charge = (timing_.rise_load[net] + timing_.fall_load[net]) / 4 * v2;
      const double glitches = static_cast<double>(report_.total[net] - report_.functional[net]);
      report_.switching_energy += static_cast<double>(report_.total[net]) * charge;
      internal += static_cast<double>(report_.total[net]) * pin_energy_[net];
      glitch += glitches * (charge + pin_energy_[net]);
    }
    for (const Output& output : outputs_) AddInternal(output, driven, driven_glitch);
    const double operations = static_cast<double>(report_.operations);
    report_.switching_energy /= operations;
    report_.internal_energy = (internal + driven) / operations;
    report_.glitch_energy = (glitch + driven_glitch) / operations;
  }

  /// Of an output's internal energy, glitches take the share that they have of its transitions.
  void AddInternal(const Output& output, double& driven, double& driven_glitch) const {
    double energy = 0;
    for (int e = output.entries_begin; e < output.entries_end; ++e) {
      for (const int rises : {0, 1}) {
        energy += static_cast<double>(counts_[static_cast<size_t>(e)][static_cast<size_t>(rises)]) *
                  entries_[static_cast<size_t>(e)].energy[rises];
      }
    }
    const size_t net = static_cast<size_t>(output.net);
    const double total = static_cast<double>(report_.total[net]);
    driven += energy;
    if (total > 0)
      driven_glitch += energy * (1 - static_cast<double>(report_.functional[net]) / total);
  }

  const MappedNetlist& netlist_;
  const Library& library_;
  const TimingReport& timing_;
  const Stimulus& stimulus_;
  SwitchingReport report_;
  std::vector<Gate> gates_;
  std::vector<Output> outputs_;
  std::vector<EnergyEntry> entries_;
  std::vector<std::array<uint64_t, 2>> counts_;  // Of each entry: falls, rises.
  std::vector<std::array<double, 64>> leakage_;  // Of each gate, by its inputs.
  std::vector<double> pin_energy_;               // Of each net: the mean of a rise and a fall.
  std::vector<std::vector<Sink>> sinks_;
  std::vector<const NetlistPort*> inputs_;
  int clock_net_ = -1;
  bool has_leakage_states_ = false;
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
