// `mulberry synth`: what circuits cost in a cell library, beside the exact ones.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <optional>

#include "mulberry/analysis/trace_file.h"
#include "mulberry/base/error.h"
#include "mulberry/cli/command.h"
#include "mulberry/cli/measured_units.h"
#include "mulberry/cli/synth_options.h"
#include "mulberry/hardware/circuit_cost.h"
#include "mulberry/hardware/exact_baseline.h"
#include "mulberry/report/table.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

/// A circuit that is asked for, or an exact one beside it.
struct Row {
  Arithmetic arithmetic;
  Design design;
  std::optional<CircuitCost> cost = {};
};

/// Rows of the same exact arithmetic have the same baseline.
struct Rows {
  std::vector<Row> asked;
  std::map<std::string, std::vector<Row>> exact;  ///< By ExactOf.

  const CircuitCost& BaselineOf(const Row& row) const {
    const std::vector<Row>& rows = exact.at(Print(ExactOf(row.arithmetic)));
    return *std::ranges::min_element(rows, {}, [](const Row& r) { return r.cost->pdp_j(); })->cost;
  }
};

Rows RowsOf(const SynthArguments& arguments) {
  const Unit unit = arguments.hardware.UnitAsked();
  Rows rows;
  for (const std::string& spec : arguments.hardware.specs) {
    const Arithmetic arithmetic = ParseArithmetic(spec);
    rows.asked.push_back({arithmetic, DesignOf(arithmetic, unit)});
    std::vector<Row>& exact = rows.exact[Print(ExactOf(arithmetic))];
    if (!exact.empty()) continue;
    for (const Design& design : ExactDesigns(arithmetic, unit)) {
      exact.push_back({ExactOf(arithmetic), design});
    }
  }
  return rows;
}

OperandPairs OperandsFor(const SynthArguments& arguments, const Arithmetic& arithmetic) {
  if (arguments.operands == "uniform") {
    return UniformOperands(arithmetic, arguments.vectors, arguments.seed);
  }
  const OperandTrace trace = ReadTrace(arguments.operands);
  const OperandFormats format = ParseArithmetic(trace.arithmetic).format;
  if (format != arithmetic.format) {
    throw UsageError("{}: has operands of {}, and {} takes {}: record a trace of that format",
                     arguments.operands, Name(format), Print(arithmetic), Name(arithmetic.format));
  }
  OperandPairs pairs(trace.pairs.begin(), trace.pairs.end());
  pairs.resize(std::min(pairs.size(), arguments.vectors));
  return pairs;
}

void Measure(const SynthArguments& arguments, const Library& library, Rows& rows) {
  std::vector<Row*> all;
  for (Row& row : rows.asked) all.push_back(&row);
  for (auto& [spec, exact] : rows.exact) {
    for (Row& row : exact) all.push_back(&row);
  }
  CircuitCostOptions options;
  options.period_s = arguments.period_ns * 1e-9;
  MeasureAll(all.size(), [&](size_t i) {
    Row& row = *all[i];
    row.cost = CostOf(row.design, library, OperandsFor(arguments, row.arithmetic), options);
  });
}

/// "2000 uniform operands".
std::string OperandsText(const SynthArguments& arguments) {
  if (arguments.operands == "uniform") return fmt::format("{} uniform operands", arguments.vectors);
  return "operands of " + arguments.operands;
}

std::string Ratio(double value, double exact) {
  return fmt::format("{:.3f}", value / exact);
}

void AddRow(Table& table, const CircuitCost& cost, const CircuitCost& exact) {
  table.AddRow({cost.spec, fmt::format("{:.0f}", cost.area), Ratio(cost.area, exact.area),
                fmt::format("{:.2f}", cost.delay_s * 1e9), Ratio(cost.delay_s, exact.delay_s),
                fmt::format("{:.2f}", cost.zero_delay_energy_j * 1e12),
                fmt::format("{:.2f}", cost.energy_j * 1e12), Ratio(cost.energy_j, exact.energy_j),
                fmt::format("{:.1f}", cost.leakage_w * 1e9),
                fmt::format("{:.3f}", cost.power_w() * 1e3), Ratio(cost.pdp_j(), exact.pdp_j()),
                std::string(Name(cost.adders))});
}

void PrintTable(const SynthArguments& arguments, const Library& library, const Rows& rows) {
  constexpr const char* kRatio = "/exact";
  Table table({{"circuit"},
               {"area", Align::kRight},
               {kRatio, Align::kRight},
               {"delay, ns", Align::kRight},
               {kRatio, Align::kRight},
               {"pJ, no glitches", Align::kRight},
               {"pJ", Align::kRight},
               {kRatio, Align::kRight},
               {"leakage, nW", Align::kRight},
               {"power, mW", Align::kRight},
               {"PDP/exact", Align::kRight},
               {"adders"}});
  for (const auto& [spec, exact] : rows.exact) {
    const auto is_asked = [&](const Row& row) {
      return std::ranges::any_of(rows.asked,
                                 [&](const Row& r) { return r.design.spec == row.design.spec; });
    };
    for (const Row& row : exact) {
      if (!is_asked(row)) AddRow(table, *row.cost, rows.BaselineOf(row));
    }
    for (const Row& row : rows.asked) {
      if (Print(ExactOf(row.arithmetic)) == spec) AddRow(table, *row.cost, rows.BaselineOf(row));
    }
  }
  std::cout << fmt::format(
      "{}s in {} ({} V), {}, power at one operation in {:g} ns.\n"
      "Area: in the library's unit. pJ: dynamic energy of an operation. /exact: over the exact "
      "circuit's, the better one by its power-delay product (PDP).\n\n{}",
      Name(arguments.hardware.UnitAsked()), library.name, library.voltage, OperandsText(arguments),
      arguments.period_ns, table.Text());
}

Json ToJson(const CircuitCost& cost, const CircuitCost& exact) {
  return {{"circuit", cost.spec},
          {"cells", cost.cells},
          {"area", cost.area},
          {"delay_ns", cost.delay_s * 1e9},
          {"zero_delay_energy_pj", cost.zero_delay_energy_j * 1e12},
          {"energy_pj", cost.energy_j * 1e12},
          {"leakage_nw", cost.leakage_w * 1e9},
          {"power_mw", cost.power_w() * 1e3},
          {"pdp_pj", cost.pdp_j() * 1e12},
          {"adders", Name(cost.adders)},
          {"operations", cost.operations},
          {"exact", exact.spec},
          {"ratio",
           {{"area", cost.area / exact.area},
            {"delay", cost.delay_s / exact.delay_s},
            {"energy", cost.energy_j / exact.energy_j},
            {"power", cost.power_w() / exact.power_w()},
            {"pdp", cost.pdp_j() / exact.pdp_j()}}}};
}

void PrintAsJson(const SynthArguments& arguments, const Library& library, const Rows& rows) {
  Json circuits = Json::array(), baselines = Json::array();
  for (const Row& row : rows.asked) circuits.push_back(ToJson(*row.cost, rows.BaselineOf(row)));
  for (const auto& [spec, exact] : rows.exact) {
    for (const Row& row : exact) baselines.push_back(ToJson(*row.cost, rows.BaselineOf(row)));
  }
  PrintJson({{"library", library.name},
             {"voltage", library.voltage},
             {"unit", Name(arguments.hardware.UnitAsked())},
             {"operands", arguments.operands},
             {"seed", arguments.seed},
             {"period_ns", arguments.period_ns},
             {"circuits", circuits},
             {"exact", baselines}});
}

MacUnits UnitsOf(const Library& library, const Rows& rows) {
  MacUnits units("", library.name);
  for (const Row& row : rows.asked) units.Add(ToMacUnit(Print(row.arithmetic), *row.cost));
  for (const auto& [spec, exact] : rows.exact) units.Add(ToMacUnit(spec, *exact[0].cost));
  return units;
}

}  // namespace

int RunSynth(int argc, char** argv) {
  CLI::App app(
      "Maps multipliers or multiply-accumulate units to a cell library and measures area, delay, "
      "power and energy, beside the exact circuit.",
      "mulberry synth");
  SynthArguments arguments;
  arguments.hardware.Add(app);
  app.add_option("--operands", arguments.operands,
                 "what the circuits get while their power is measured: uniform (default), or a "
                 "trace FILE of `mulberry train --record-traces`")
      ->type_name("uniform|FILE");
  app.add_option("--vectors", arguments.vectors, "operands at most; default 2000")
      ->check(CLI::Range(2, 10000000))
      ->type_name("N");
  app.add_option("--seed", arguments.seed, "of uniform operands; default 1")->type_name("N");
  app.add_option("--period", arguments.period_ns,
                 "between operations where power is said, in ns; default 10")
      ->check(CLI::PositiveNumber)
      ->excludes("--flexible")
      ->type_name("NS");
  app.add_option("--units", arguments.units,
                 "with --mac or --flexible: write the units' figures, for `mulberry cost`")
      ->type_name("FILE.toml");
  app.add_option("--verilog", arguments.verilog, "write each circuit's Verilog into this folder")
      ->type_name("FOLDER");
  app.add_flag("--json", arguments.json, "print JSON");
  app.footer(
      "Examples:\n"
      "  mulberry synth mitchell@uint8 'drum(k=4)@uint8' 'bam(v=4,h=0)@uint8'\n"
      "  mulberry synth --mac --pipelined exact@bf16 mitchell@bf16 --units units.toml\n"
      "  mulberry synth --flexible 4 exact@uint8\n"
      "  mulberry synth mitchell@bf16 --liberty mine.lib --operands traces/conv2.forward.trace");
  if (!ParseArguments(app, argc, argv)) return 0;
  if (arguments.hardware.flexible_digits > 0) {
    SynthFlexible(arguments, arguments.hardware.ReadLibrary());
    return 0;
  }
  if (!arguments.units.empty() && !arguments.hardware.mac) {
    throw UsageError("--units: holds units that multiply and accumulate; add --mac or --flexible");
  }
  Rows rows = RowsOf(arguments);
  for (const Row& row : rows.asked) WriteVerilog(arguments, row.design.spec, row.design.verilog);
  const Library library = arguments.hardware.ReadLibrary();
  Measure(arguments, library, rows);
  WriteUnits(arguments, UnitsOf(library, rows),
             fmt::format("{}s, {}", Name(arguments.hardware.UnitAsked()), OperandsText(arguments)));
  if (arguments.json) {
    PrintAsJson(arguments, library, rows);
  } else {
    PrintTable(arguments, library, rows);
  }
  return 0;
}

}  // namespace mulberry
