#include "mulberry/hardware/simulated_netlist.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

/// Over the inputs, for logic.
uint64_t Table(const LogicFunction& function, const LibraryCell& cell,
               const std::vector<int>& inputs) {
  return function.TruthTable(inputs, static_cast<int>(cell.pins.size()) + 2);
}

/// Of a condition, which may name outputs and the state too: over SimulatedGate::Case().
uint64_t CaseTable(const LogicFunction& condition, const LibraryCell& cell,
                   const std::vector<int>& inputs) {
  const auto variable = [](size_t i) {
    uint64_t word = 0;
    for (uint64_t k = 0; k < 64; ++k) word |= (k >> i & 1) << k;
    return word;
  };
  std::vector<uint64_t> words(cell.pins.size() + 2);
  for (size_t i = 0; i < inputs.size(); ++i) words[static_cast<size_t>(inputs[i])] = variable(i);
  if (cell.flip_flop) {
    words[cell.pins.size()] = variable(inputs.size());
    words[cell.pins.size() + 1] = ~words[cell.pins.size()];
  }
  for (const int pin : cell.Outputs()) {
    const auto& function = cell.pins[static_cast<size_t>(pin)].function;
    if (function) words[static_cast<size_t>(pin)] = (*function)(words.data());
  }
  return condition(words.data());
}

/// For each internal_power of a pin the cases in which it applies: where its condition holds, and
/// without one where that of no other for the same input holds.
std::vector<uint64_t> CasesOf(const std::vector<InternalPower>& powers, const LibraryCell& cell,
                              const std::vector<int>& inputs) {
  std::vector<uint64_t> cases(powers.size());
  for (size_t i = 0; i < powers.size(); ++i) {
    if (powers[i].when) cases[i] = CaseTable(*powers[i].when, cell, inputs);
  }
  for (size_t i = 0; i < powers.size(); ++i) {
    if (powers[i].when) continue;
    cases[i] = ~uint64_t{0};
    for (size_t k = 0; k < powers.size(); ++k) {
      if (powers[k].when && powers[k].related_pin == powers[i].related_pin) cases[i] &= ~cases[k];
    }
  }
  return cases;
}

class Preparation {
 public:
  Preparation(const MappedNetlist& netlist, const Library& library, const TimingReport& timing)
      : netlist_(netlist), library_(library), timing_(timing) {}

  SimulatedNetlist Run(const std::vector<std::string>& ports, const std::string& clock) {
    made_.sinks.resize(netlist_.net_names.size());
    made_.pin_energy.resize(netlist_.net_names.size());
    for (size_t i = 0; i < netlist_.instances.size(); ++i) AddGate(static_cast<int>(i));
    FindPorts(ports, clock);
    CheckClocks(clock);
    return std::move(made_);
  }

 private:
  const std::vector<int>& Nets(int instance) const {
    return netlist_.instances[static_cast<size_t>(instance)].nets;
  }

  void AddGate(int instance) {
    const LibraryCell& cell =
        library_.cells[static_cast<size_t>(netlist_.instances[static_cast<size_t>(instance)].cell)];
    const std::vector<int> inputs = cell.Inputs();
    if (inputs.size() + (cell.flip_flop ? 1 : 0) > kMaxGateInputs) {
      throw Error(
          "the cell {} has {} inputs, expected at most {} for simulation: set dont_use on "
          "it",
          cell.name, inputs.size(), kMaxGateInputs - (cell.flip_flop ? 1 : 0));
    }
    SimulatedGate gate;
    gate.inputs = static_cast<int>(inputs.size());
    for (size_t i = 0; i < inputs.size(); ++i) {
      gate.nets[i] = Nets(instance)[static_cast<size_t>(inputs[i])];
      if (gate.nets[i] == MappedNetlist::kOne) gate.state |= 1u << i;
      made_.sinks[static_cast<size_t>(gate.nets[i])].push_back({instance, static_cast<int>(i)});
    }
    if (cell.flip_flop) AddState(cell, inputs, gate);
    gate.outputs_begin = static_cast<int>(made_.outputs.size());
    for (const int pin : cell.Outputs()) {
      if (Nets(instance)[static_cast<size_t>(pin)] >= 0) AddOutput(instance, cell, inputs, pin);
    }
    gate.outputs_end = static_cast<int>(made_.outputs.size());
    AddLeakage(cell, inputs);
    AddPinEnergies(cell, inputs, gate);
    made_.gates.push_back(gate);
  }

  static void AddState(const LibraryCell& cell, const std::vector<int>& inputs,
                       SimulatedGate& gate) {
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
    SimulatedOutput output;
    output.instance = instance;
    output.net = Nets(instance)[static_cast<size_t>(pin)];
    const int state = static_cast<int>(cell.pins.size());
    if (cell.flip_flop) {
      // Two variables: the state and its inverse, of which 1, 0 and 0, 1 are possible.
      const uint64_t table = library_pin.function->TruthTable({state, state + 1}, state + 2);
      output.function = (table >> 2 & 1) | (table >> 1 & 1) << 1;
    } else {
      output.function = Table(*library_pin.function, cell, inputs);
    }
    AddDelays(pin, inputs, output);
    output.entries_begin = static_cast<int>(made_.entries.size());
    AddEntries(output, cell, inputs, library_pin);
    output.entries_end = static_cast<int>(made_.entries.size());
    made_.outputs.push_back(output);
  }

  void AddDelays(int pin, const std::vector<int>& inputs, SimulatedOutput& output) const {
    const auto picoseconds = [](double seconds) {
      return static_cast<int32_t>(std::max(0.0, std::round(seconds * 1e12)));
    };
    output.delay[0].fill(-1);
    output.delay[1].fill(-1);
    for (const PathDelay& path : timing_.delays[static_cast<size_t>(output.instance)]) {
      if (path.to_pin != pin) continue;
      const auto at = std::find(inputs.begin(), inputs.end(), path.from_pin) - inputs.begin();
      output.delay[0][static_cast<size_t>(at)] = picoseconds(path.fall);
      output.delay[1][static_cast<size_t>(at)] = picoseconds(path.rise);
    }
  }

  void AddEntries(const SimulatedOutput& output, const LibraryCell& cell,
                  const std::vector<int>& inputs, const LibraryPin& pin) {
    const size_t net = static_cast<size_t>(output.net);
    const std::vector<uint64_t> cases = CasesOf(pin.internal_power, cell, inputs);
    for (size_t i = 0; i < cases.size(); ++i) {
      const InternalPower& power = pin.internal_power[i];
      EnergyEntry entry;
      entry.when = cases[i];
      const auto at = std::find(inputs.begin(), inputs.end(), power.related_pin);
      if (at != inputs.end()) entry.input = static_cast<int>(at - inputs.begin());
      for (const bool rises : {false, true}) {
        const LookUpTable& table = rises ? power.rise : power.fall;
        const double load = rises ? timing_.rise_load[net] : timing_.fall_load[net];
        entry.energy[rises] = table.At(InputSlew(output.instance, power, cell, pin, rises), load);
      }
      made_.entries.push_back(entry);
    }
  }

  /// Of the edge at the related input that makes the output rise or fall.
  double InputSlew(int instance, const InternalPower& power, const LibraryCell& cell,
                   const LibraryPin& pin, bool rises) const {
    if (power.related_pin < 0) return 0;
    const auto related =
        static_cast<size_t>(Nets(instance)[static_cast<size_t>(power.related_pin)]);
    const double rise = timing_.rise[related].slew;
    const double fall = timing_.fall[related].slew;
    for (const TimingArc& arc : pin.timing) {
      if (arc.related_pin != power.related_pin) continue;
      if (cell.flip_flop) return arc.type == TimingType::kFallingEdge ? fall : rise;
      if (arc.sense == TimingSense::kPositive) return rises ? rise : fall;
      if (arc.sense == TimingSense::kNegative) return rises ? fall : rise;
    }
    return (rise + fall) / 2;
  }

  void AddLeakage(const LibraryCell& cell, const std::vector<int>& inputs) {
    std::array<double, 64> powers;
    powers.fill(cell.leakage);
    for (const LeakageState& state : cell.leakage_states) {
      const uint64_t table = CaseTable(state.when, cell, inputs);
      for (size_t i = 0; i < powers.size(); ++i) {
        if (table >> i & 1) powers[i] = state.power;
      }
    }
    made_.leakage.push_back(powers);
    made_.has_leakage_states = made_.has_leakage_states || !cell.leakage_states.empty();
  }

  /// Energies of input pins (of flip-flops mostly: the clock's buffers) belong to the net's edges:
  /// the mean of a rise and a fall, and over all cases.
  void AddPinEnergies(const LibraryCell& cell, const std::vector<int>& inputs,
                      const SimulatedGate& gate) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      const auto& powers = cell.pins[static_cast<size_t>(inputs[i])].internal_power;
      const std::vector<uint64_t> cases = CasesOf(powers, cell, inputs);
      const auto net = static_cast<size_t>(gate.nets[i]);
      for (size_t k = 0; k < powers.size(); ++k) {
        made_.pin_energy[net] += std::popcount(cases[k]) / 128.0 *
                                 (powers[k].rise.At(timing_.rise[net].slew, 0) +
                                  powers[k].fall.At(timing_.fall[net].slew, 0));
      }
    }
  }

  void FindPorts(const std::vector<std::string>& ports, const std::string& clock) {
    for (const NetlistPort& port : netlist_.ports) {
      if (!port.is_input) continue;
      if (port.name == clock && port.nets.size() == 1) {
        made_.clock_net = port.nets[0];
      } else if (std::find(ports.begin(), ports.end(), port.name) == ports.end()) {
        throw Error("{}: found no stimulus for the input {}, expected one", netlist_.module,
                    port.name);
      }
    }
    for (const std::string& name : ports) {
      const NetlistPort* port = netlist_.FindPort(name);
      if (!port || !port->is_input || port->nets.size() > 64) {
        throw Error("{}: found a stimulus for {}, expected an input of at most 64 bits",
                    netlist_.module, name);
      }
      made_.inputs.push_back(port);
    }
  }

  void CheckClocks(const std::string& clock) const {
    for (const int i : netlist_.flip_flops) {
      const SimulatedGate& gate = made_.gates[static_cast<size_t>(i)];
      const int net = gate.nets[static_cast<size_t>(gate.clock_input)];
      if (net == made_.clock_net) continue;
      throw Error("{}: the flip-flop {} is clocked by {}, expected the input port {}",
                  netlist_.module, netlist_.instances[static_cast<size_t>(i)].name,
                  netlist_.net_names[static_cast<size_t>(net)], clock);
    }
  }

  const MappedNetlist& netlist_;
  const Library& library_;
  const TimingReport& timing_;
  SimulatedNetlist made_;
};

}  // namespace

SimulatedNetlist PrepareForSimulation(const MappedNetlist& netlist, const Library& library,
                                      const TimingReport& timing,
                                      const std::vector<std::string>& ports,
                                      const std::string& clock) {
  return Preparation(netlist, library, timing).Run(ports, clock);
}

}  // namespace mulberry
