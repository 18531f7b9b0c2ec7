#include "mulberry/hardware/flexible_mac_cost.h"

#include <algorithm>

#include "mulberry/base/error.h"
#include "mulberry/base/random.h"
#include "mulberry/hardware/switching.h"

namespace mulberry {
namespace {

/// The inputs of one mode's run and what they have to give.
struct Run {
  Stimulus stimulus{.ports = {"reset", "enable", "top", "a", "b"}, .vectors = {}};
  std::vector<uint64_t> sums;  ///< The accumulator during each clock.
  std::vector<bool> done;
};

Run RunOf(const FlexibleUnit& mac, size_t top, size_t macs, uint64_t seed) {
  const FlexibleMode& mode = mac.modes[top];
  const RandomStream stream{seed, top};
  Run run;
  uint64_t sum = 0, held = 0;  // `held`: with the pair that is between the stages.
  const auto add = [&](bool reset, bool enable, uint64_t a, uint64_t b, bool done) {
    run.stimulus.vectors.push_back({reset, enable, top, a, b});
    run.sums.push_back(sum);
    run.done.push_back(done);
  };
  add(true, false, 0, 0, top == 0);
  for (size_t k = 0; k < macs; ++k) {
    const uint64_t a = stream.WideAt(2 * k) >> (64 - mode.bits);
    const uint64_t b = stream.WideAt(2 * k + 1) >> (64 - mode.bits);
    for (size_t i = 0; i <= top; ++i) {
      for (size_t j = 0; j <= top; ++j) {
        add(false, true, a, b, i == top && j == top);
        sum = held;
        const uint64_t inputs[] = {top, i, j, a, b, held};
        held = mac.step.model(inputs);
      }
    }
  }
  add(false, false, 0, 0, top == 0);  // The last pair is between the stages,
  sum = held;
  add(false, false, 0, 0, top == 0);  // and now in the sum.
  return run;
}

size_t OutputIndex(const MappedNetlist& netlist, std::string_view name) {
  size_t index = 0;
  for (const NetlistPort& port : netlist.ports) {
    if (port.is_input) continue;
    if (port.name == name) return index;
    ++index;
  }
  throw Error("the netlist of {} has no output {}", netlist.module, name);
}

void RequireOutputs(const FlexibleUnit& mac, const MappedNetlist& netlist, const Run& run,
                    const SwitchingReport& report) {
  const size_t y = OutputIndex(netlist, "y"), done = OutputIndex(netlist, "done");
  for (size_t t = 0; t < run.sums.size(); ++t) {
    if (report.outputs[t][y] == run.sums[t] && report.outputs[t][done] == run.done[t]) continue;
    throw Error("{}: at clock {} its netlist has the sum {:#x} and done {}, its model {:#x} and {}",
                mac.step.spec, t, report.outputs[t][y], report.outputs[t][done], run.sums[t],
                int{run.done[t]});
  }
}

FlexibleMacCost CostUnder(const FlexibleUnit& mac, const Library& library, size_t macs,
                          uint64_t seed, const SynthesisOptions& options) {
  Design unit = mac.step;
  unit.module = mac.module;
  unit.verilog = mac.verilog;
  unit.latency = 1;
  const MappedDesign mapped = Synthesise(unit, library, options);
  const MappedNetlist netlist = ReadMappedNetlist(mapped.json_path, library);
  const TimingReport timing = AnalyzeTiming(netlist, library);
  FlexibleMacCost cost;
  cost.spec = mac.step.spec;
  cost.adders = options.adders;
  cost.cells = netlist.instances.size();
  cost.area = netlist.Area(library);
  cost.period_s = timing.smallest_period;
  for (size_t top = 0; top < mac.modes.size(); ++top) {
    const Run run = RunOf(mac, top, macs, seed);
    const SwitchingReport report =
        Simulate(netlist, library, timing, run.stimulus, SwitchingMode::kGlitchAware);
    RequireOutputs(mac, netlist, run, report);
    const FlexibleMode& mode = mac.modes[top];
    cost.modes.push_back(
        {.mode = mode,
         .energy_j = report.DynamicEnergy() * static_cast<double>(report.operations) /
                     static_cast<double>(macs),
         .time_s = mode.cycles * cost.period_s});
    cost.leakage_w += report.leakage / static_cast<double>(mac.modes.size());
  }
  return cost;
}

}  // namespace

FlexibleMacCost CostOf(const FlexibleUnit& mac, const Library& library, size_t macs, uint64_t seed,
                       int seconds) {
  const auto under = [&](AdderMapping adders) {
    return CostUnder(mac, library, macs, seed, {.adders = adders, .seconds = seconds});
  };
  const auto figure = [](const FlexibleMacCost& cost) {
    return cost.modes.back().energy_j * cost.modes.back().time_s;
  };
  const FlexibleMacCost cells = under(AdderMapping::kCells), logic = under(AdderMapping::kLogic);
  return figure(logic) < figure(cells) ? logic : cells;
}

}  // namespace mulberry
