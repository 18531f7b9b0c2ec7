#include "mulberry/hardware/switching_state.h"

namespace mulberry {

SwitchingState::SwitchingState(const MappedNetlist& of_netlist, const TimingReport& timing,
                               const Library& library, const std::vector<std::string>& ports,
                               const std::string& clock)
    : netlist(of_netlist), model(PrepareForSimulation(netlist, library, timing, ports, clock)) {
  const size_t nets = netlist.net_names.size();
  value.resize(nets);
  settled.resize(nets);
  touched_flag.resize(nets);
  counts.resize(model.entries.size());
  report.functional.resize(nets);
  report.total.resize(nets);
  value[MappedNetlist::kOne] = 1;
}

void SwitchingState::ApplyInputs(const std::vector<uint64_t>& vector) {
  for (size_t p = 0; p < model.inputs.size(); ++p) {
    for (size_t bit = 0; bit < model.inputs[p]->nets.size(); ++bit) {
      SetNet(model.inputs[p]->nets[bit], vector[p] >> bit & 1);
    }
  }
}

void SwitchingState::Sample(bool on_fall) {
  for (const int i : netlist.flip_flops) {
    SimulatedGate& gate = Gate(i);
    if (gate.samples_fall == on_fall) gate.stored = gate.next_state >> gate.state & 1;
    ResetState(gate);
  }
}

void SwitchingState::CountClock() {
  report.total[static_cast<size_t>(model.clock_net)] += 2;
  report.functional[static_cast<size_t>(model.clock_net)] += 2;
}

void SwitchingState::EndPeriod(bool counts_them) {
  CountFunctional(counts_them);
  RecordOutputs();
  AddLeakage();
}

void SwitchingState::CountFunctional(bool counts_them) {
  for (const int net : touched) {
    const auto at = static_cast<size_t>(net);
    touched_flag[at] = 0;
    if (counts_them && value[at] != settled[at]) ++report.functional[at];
    settled[at] = value[at];
  }
  touched.clear();
}

void SwitchingState::RecordOutputs() {
  std::vector<uint64_t> values;
  for (const NetlistPort& port : netlist.ports) {
    if (port.is_input) continue;
    uint64_t word = 0;
    for (size_t bit = 0; bit < port.nets.size() && bit < 64; ++bit) {
      word |= static_cast<uint64_t>(IsSet(port.nets[bit])) << bit;
    }
    values.push_back(word);
  }
  report.outputs.push_back(std::move(values));
}

void SwitchingState::AddLeakage() {
  if (!model.has_leakage_states && report.leakage > 0) return;
  for (size_t i = 0; i < model.gates.size(); ++i) {
    report.leakage += model.leakage[i][model.gates[i].Case()];
  }
}

}  // namespace mulberry
