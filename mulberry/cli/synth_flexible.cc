// `mulberry synth --flexible`: what units of several precisions cost in each of their modes.
#include <fmt/format.h>

#include <iostream>

#include "mulberry/base/error.h"
#include "mulberry/cli/command.h"
#include "mulberry/cli/measured_units.h"
#include "mulberry/cli/synth_options.h"
#include "mulberry/report/table.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

void Print(const SynthArguments& arguments, const std::vector<FlexibleMacCost>& costs,
           const Library& library) {
  Table table({{"unit"},
               {"area", Align::kRight},
               {"clock, ns", Align::kRight},
               {"bits", Align::kRight},
               {"clocks", Align::kRight},
               {"time, ns", Align::kRight},
               {"faster", Align::kRight},
               {"pJ", Align::kRight},
               {"energy, %", Align::kRight},
               {"adders"}});
  for (const FlexibleMacCost& cost : costs) {
    const ModeCost& longest = cost.modes.back();
    for (const ModeCost& mode : cost.modes) {
      const bool first = &mode == &cost.modes.front();
      table.AddRow({first ? cost.spec : "", first ? fmt::format("{:.0f}", cost.area) : "",
                    first ? fmt::format("{:.2f}", cost.period_s * 1e9) : "",
                    fmt::format("{}", mode.mode.bits), fmt::format("{}", mode.mode.cycles),
                    fmt::format("{:.1f}", mode.time_s * 1e9),
                    fmt::format("{:.2f} x", longest.time_s / mode.time_s),
                    fmt::format("{:.1f}", mode.energy_j * 1e12),
                    fmt::format("{:.1f}", 100 * mode.energy_j / longest.energy_j),
                    first ? std::string(Name(cost.adders)) : ""});
    }
  }
  std::cout << fmt::format(
      "flexible MACs in {} ({} V), {} uniform products a mode, clocked as fast as they can be.\n"
      "Area: in the library's unit. pJ: dynamic energy of a multiply-accumulate. faster, energy: "
      "to the longest mode.\n\n{}",
      library.name, library.voltage, arguments.vectors, table.Text());
}

Json ToJson(const FlexibleMacCost& cost) {
  Json modes = Json::array();
  for (const ModeCost& mode : cost.modes) {
    modes.push_back({{"bits", mode.mode.bits},
                     {"cycles", mode.mode.cycles},
                     {"time_ns", mode.time_s * 1e9},
                     {"energy_pj", mode.energy_j * 1e12}});
  }
  return {{"unit", cost.spec},
          {"cells", cost.cells},
          {"area", cost.area},
          {"period_ns", cost.period_s * 1e9},
          {"leakage_nw", cost.leakage_w * 1e9},
          {"adders", Name(cost.adders)},
          {"modes", modes}};
}

}  // namespace

void SynthFlexible(const SynthArguments& arguments, const Library& library) {
  if (arguments.operands != "uniform") {
    throw UsageError("--operands: a flexible unit is measured under uniform operands of each mode");
  }
  std::vector<FlexibleUnit> units;
  for (const std::string& spec : arguments.hardware.specs) {
    units.push_back(MakeFlexibleMac(ParseArithmetic(spec), arguments.hardware.flexible_digits));
  }
  if (!arguments.units.empty() && units.size() != 1) {
    throw UsageError("--units: a file has one flexible unit; give one SPEC, not {}", units.size());
  }
  for (const FlexibleUnit& unit : units) WriteVerilog(arguments, unit.step.spec, unit.verilog);
  std::vector<FlexibleMacCost> costs(units.size());
  MeasureAll(units.size(), [&](size_t i) {
    costs[i] = CostOf(units[i], library, arguments.vectors, arguments.seed);
  });
  MacUnits file("", library.name);
  file.SetFlexible(costs[0].spec, ToModes(costs[0]));
  WriteUnits(arguments, file,
             fmt::format("a flexible unit, {} uniform products a mode", arguments.vectors));
  if (!arguments.json) {
    Print(arguments, costs, library);
    return;
  }
  Json list = Json::array();
  for (const FlexibleMacCost& cost : costs) list.push_back(ToJson(cost));
  PrintJson({{"library", library.name},
             {"voltage", library.voltage},
             {"products", arguments.vectors},
             {"seed", arguments.seed},
             {"units", list}});
}

}  // namespace mulberry
