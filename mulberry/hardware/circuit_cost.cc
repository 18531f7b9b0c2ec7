#include "mulberry/hardware/circuit_cost.h"

#include "mulberry/base/error.h"
#include "mulberry/hardware/switching.h"

namespace mulberry {
namespace {

/// Whether the netlist's outputs are the model's: power of a wrong circuit is no figure.
void RequireOutputs(const Design& design, const MappedNetlist& netlist,
                    const SwitchingReport& report,
                    const std::vector<std::vector<uint64_t>>& inputs) {
  size_t output = 0;
  for (const NetlistPort& port : netlist.ports) {
    if (port.is_input) continue;
    if (port.name == design.output.name) break;
    ++output;
  }
  const auto latency = static_cast<size_t>(design.latency);
  for (size_t i = 0; i + latency < inputs.size(); ++i) {
    const uint64_t expected = design.model(inputs[i].data());
    const uint64_t found = report.outputs.at(i + latency).at(output);
    if (found == expected) continue;
    throw Error("{}: its netlist gives {:#x} for operands {:#x} and {:#x}, and its model {:#x}",
                design.spec, found, inputs[i][0], inputs[i][1], expected);
  }
}

}  // namespace

CircuitCost CostOf(const Design& design, const Library& library, const OperandPairs& operands,
                   AdderMapping adders, const CircuitCostOptions& options) {
  const MappedDesign mapped = Synthesise(design, library, {adders, options.seconds});
  const MappedNetlist netlist = ReadMappedNetlist(mapped.json_path, library);
  const TimingReport timing = AnalyzeTiming(netlist, library);
  Stimulus stimulus;
  for (const DesignPort& port : design.inputs) stimulus.ports.push_back(port.name);
  stimulus.vectors = InputsFor(design, operands);
  const SwitchingReport report =
      Simulate(netlist, library, timing, stimulus, SwitchingMode::kGlitchAware);
  RequireOutputs(design, netlist, report, stimulus.vectors);

  CircuitCost cost;
  cost.spec = design.spec;
  cost.adders = adders;
  cost.cells = netlist.instances.size();
  cost.area = netlist.Area(library);
  cost.delay_s = design.latency > 0 ? timing.smallest_period : timing.longest_path;
  cost.energy_j = report.DynamicEnergy();
  cost.zero_delay_energy_j = report.DynamicEnergy() - report.glitch_energy;
  cost.leakage_w = report.leakage;
  cost.dynamic_w = cost.energy_j / options.period_s;
  cost.operations = report.operations;
  return cost;
}

CircuitCost CostOf(const Design& design, const Library& library, const OperandPairs& operands,
                   const CircuitCostOptions& options) {
  const CircuitCost cells = CostOf(design, library, operands, AdderMapping::kCells, options);
  const CircuitCost logic = CostOf(design, library, operands, AdderMapping::kLogic, options);
  return logic.pdp_j() < cells.pdp_j() ? logic : cells;
}

}  // namespace mulberry
