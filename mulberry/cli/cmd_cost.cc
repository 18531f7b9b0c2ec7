// `mulberry cost`: what a network's training or inference costs on an array of MACs.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "mulberry/base/error.h"
#include "mulberry/cli/cost_options.h"
#include "mulberry/data/dataset.h"
#include "mulberry/models/registry.h"
#include "mulberry/report/table.h"
#include "mulberry/train/config.h"
#include "mulberry/train/dynamic_precision.h"
#include "mulberry/train/hybrid.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

struct Arguments : ArrayArguments {
  std::string what;
  std::string arithmetic;
  std::string lengths;
  int64_t steps = 0;
  int64_t classes = 0;
  bool inference = false;
  bool memory = false;
  bool json = false;
};

void AddOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("RUN", arguments.what, "folder of a run, or a configuration, FILE.toml")
      ->required()
      ->type_name("");
  AddArrayOptions(app, arguments);
  app.add_flag("--inference", arguments.inference, "of one batch of images, not of training");
  app.add_option("--arithmetic", arguments.arithmetic,
                 "of a configuration: not its own arithmetic, but this one")
      ->type_name("SPEC");
  app.add_option(
         "--steps", arguments.steps,
         "of a configuration: steps of training, spread evenly over its epochs; default: its "
         "iterations")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  app.add_option("--classes", arguments.classes,
                 "of a configuration: not the data set's images, but those that the network was "
                 "made for, and so many classes")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  app.add_option(
         "--lengths", arguments.lengths,
         "of a configuration: run on the unit 'flexible' with operands of so many bits, sign "
         "included, from these steps on")
      ->type_name("BITS@STEP,...");
  CLI::Option* memory =
      app.add_flag("--memory", arguments.memory,
                   "a column with the energy of memory, by a model of its own, which is in no sum");
  app.add_option("--sram-pj", arguments.memory_energy.sram_pj_per_byte,
                 "pJ to move a byte between array and SRAM; default: 12.5, in 45 nm (Horowitz, "
                 "ISSCC 2014)")
      ->check(CLI::NonNegativeNumber)
      ->needs(memory)
      ->type_name("X");
  app.add_option("--dram-pj", arguments.memory_energy.dram_pj_per_byte,
                 "the same of DRAM; default: 162.5")
      ->check(CLI::NonNegativeNumber)
      ->needs(memory)
      ->type_name("X");
  app.add_flag("--json", arguments.json, "print JSON");
  app.footer(
      "Examples:\n"
      "  mulberry cost runs/lenet5-mnist/mitchell@bf16 --array 16x16\n"
      "  mulberry cost experiments/dps.toml --lengths 32@0,16@89,32@760,16@888\n"
      "A file of units, as `mulberry synth --units FILE` writes it of --mac or of --flexible, and "
      "which may have both:\n"
      "  [units.\"mitchell@bf16\"]\n"
      "  area_um2 = 9000\n"
      "  period_ns = 5      # of the clock\n"
      "  energy_pj = 4      # of one MAC, without leakage\n"
      "  leakage_nw = 30\n"
      "  cycles = 1         # of one MAC\n"
      "  [units.flexible]   # for --lengths and runs of schedule dps; its modes from short to "
      "long\n"
      "  name = \"2 digits of exact@uint16\"\n"
      "  area_um2 = 30000\n"
      "  period_ns = 5\n"
      "  leakage_nw = 90\n"
      "  [[units.flexible.mode]]\n"
      "  bits = 16          # of an operand, sign included\n"
      "  cycles = 1\n"
      "  energy_pj = 3");
}

// The steps of a configuration, which has not run: what only a run's losses decide is told.
std::vector<Stretch> StretchesOf(const Config& config, const Arguments& arguments) {
  const int64_t steps = arguments.inference   ? 1
                        : arguments.steps > 0 ? arguments.steps
                                              : config.iterations;
  if (steps == 0) {
    throw UsageError("{}: says in epochs how long it trains; give --steps, or iterations there",
                     arguments.what);
  }
  if (!arguments.lengths.empty()) return ParseLengths(arguments.lengths, steps);
  if (DynamicPrecisionOf(config)) {
    throw UsageError(
        "{}: the lengths of schedule dps follow the training; give --lengths, or the folder of a "
        "run",
        arguments.what);
  }
  for (const HybridOptions& options : HybridOf(config)) {
    if (!options.on_plateau) continue;
    Warn("cost", fmt::format("{}: when layers {} switch on a plateau only a run tells; the cost is "
                             "as if they never did",
                             arguments.what, options.layers));
  }
  if (arguments.inference) return LastStretch(config, std::max<int64_t>(config.epochs, 1), {});
  return TrainingStretches(config, static_cast<double>(config.epochs),
                           static_cast<double>(steps) / static_cast<double>(config.epochs), {});
}

NetworkCost CostOfConfig(const Arguments& arguments, const UnitSource& units) {
  Config given = ReadConfig(arguments.what);
  if (!arguments.arithmetic.empty()) given.arithmetic = {arguments.arithmetic};
  const Config config = arguments.classes > 0 ? CompleteUntrained(given) : Complete(given);
  if (config.arithmetic.size() != 1) {
    throw UsageError("{}: has {} arithmetics, expected one: choose it with --arithmetic",
                     arguments.what, config.arithmetic.size());
  }
  const DatasetInfo& data = FindDataset(config.data);
  const NetworkInput input =
      arguments.classes > 0 ? NetworkInput{FindNetwork(config.model).input, arguments.classes}
                            : NetworkInput{{data.channels, data.height, data.width}, data.classes};
  const std::vector<Stretch> stretches = StretchesOf(config, arguments);
  KnownProducts known("cost");
  const auto& products = known.Of(config, input, config.batch_size,
                                  arguments.inference ? Work::kInference : Work::kTraining);
  return CostOf(products, stretches, arguments.options(), units);
}

NetworkCost CostOfFolder(const Arguments& arguments, const UnitSource& units) {
  if (arguments.steps > 0 || arguments.classes > 0 || !arguments.lengths.empty() ||
      !arguments.arithmetic.empty()) {
    throw UsageError(
        "{}: is a run, and has its own arithmetic and steps; --arithmetic, --steps, --classes and "
        "--lengths are of configurations",
        arguments.what);
  }
  KnownProducts known("cost");
  const FoundRuns found = FindRuns({arguments.what});
  for (const std::string& damage : found.damaged) Warn("cost", damage);
  if (found.runs.size() != 1) {
    throw UsageError("{}: has {} runs, expected one; name a run's own folder", arguments.what,
                     found.runs.size());
  }
  return CostOfRun("cost", found.runs[0], arguments.inference ? Work::kInference : Work::kTraining,
                   arguments.options(), units, known);
}

Json ToJson(const ArrayCost& cost) {
  return {{"macs", cost.macs},           {"utilisation", cost.utilisation()},
          {"cycles", cost.cycles},       {"time_s", cost.time_s},
          {"energy_j", cost.energy_j()}, {"leakage_j", cost.leakage_j}};
}

Json ToJson(const NetworkCost& cost, const Arguments& arguments, const UnitSource& units) {
  Json json = {{"array", arguments.array},  {"dataflow", arguments.dataflow},
               {"units", units.source()},   {"library", units.library()},
               {"area_mm2", cost.area_mm2}, {"period_ns", cost.period_ns}};
  for (const CostLine& line : cost.lines) {
    Json of_line = {{"layer", line.layer}, {"pass", Name(line.pass)}, {"unit", line.arithmetic}};
    of_line.update(ToJson(line.cost));
    if (arguments.memory) of_line["memory_j"] = line.memory_j;
    json["lines"].push_back(of_line);
  }
  json["total"] = ToJson(cost.total);
  if (arguments.memory) json["total"]["memory_j"] = cost.memory_j;
  json["exact"] = cost.exact ? ToJson(*cost.exact) : Json();
  json["fp32"] = cost.fp32 ? ToJson(*cost.fp32) : Json();
  return json;
}

std::vector<std::string> Cells(const std::string& layer, std::string_view pass,
                               const std::string& unit, const ArrayCost& cost) {
  return {layer,
          std::string(pass),
          unit,
          fmt::format("{:.4g}", cost.macs),
          fmt::format("{:.1f}", 100 * cost.utilisation()),
          fmt::format("{:.4g}", cost.cycles),
          fmt::format("{:.4g}", cost.time_s),
          fmt::format("{:.4g}", cost.energy_j())};
}

void PrintBaseline(const char* name, const std::optional<ArrayCost>& baseline,
                   const ArrayCost& total) {
  if (!baseline) {
    std::cout << fmt::format("{}: not all of its units are there\n", name);
    return;
  }
  std::cout << fmt::format(
      "{}: {:.4g} s, {:.4g} J; this is {:.3g} times as fast, with {:.1f} % of the energy\n", name,
      baseline->time_s, baseline->energy_j(), baseline->time_s / total.time_s,
      100 * total.energy_j() / baseline->energy_j());
}

void Print(const NetworkCost& cost, const Arguments& arguments, const UnitSource& units) {
  std::vector<Column> columns = {{"layer"},
                                 {"pass"},
                                 {"unit"},
                                 {"MACs", Align::kRight},
                                 {"used, %", Align::kRight},
                                 {"cycles", Align::kRight},
                                 {"time, s", Align::kRight},
                                 {"energy, J", Align::kRight}};
  if (arguments.memory) columns.push_back({"memory, J", Align::kRight});
  Table table(columns);
  const auto add = [&](std::vector<std::string> cells, double memory_j) {
    if (arguments.memory) cells.push_back(fmt::format("{:.4g}", memory_j));
    table.AddRow(std::move(cells));
  };
  for (const CostLine& line : cost.lines) {
    add(Cells(line.layer, Name(line.pass), line.arithmetic, line.cost), line.memory_j);
  }
  add(Cells("total", "", "", cost.total), cost.memory_j);
  std::cout << table.Text() << "\n"
            << fmt::format("array {}, {} stationary, {:.4g} mm2; units: {} ({})\n", arguments.array,
                           arguments.dataflow, cost.area_mm2, units.source(), units.library());
  PrintBaseline(cost.flexible ? "flexible, always 32 bits" : "exact multipliers", cost.exact,
                cost.total);
  PrintBaseline("fp32", cost.fp32, cost.total);
}

}  // namespace

int RunCost(int argc, char** argv) {
  CLI::App app("What a network's training or inference costs on an array of MACs.",
               "mulberry cost");
  Arguments arguments;
  AddOptions(app, arguments);
  if (!ParseArguments(app, argc, argv)) return 0;
  arguments.options();  // Wrong ones are told before the work.
  const std::unique_ptr<UnitSource> units = UnitsOf("cost", arguments);
  const NetworkCost cost = std::filesystem::is_directory(arguments.what)
                               ? CostOfFolder(arguments, *units)
                               : CostOfConfig(arguments, *units);
  if (arguments.json) {
    PrintJson(ToJson(cost, arguments, *units));
  } else {
    Print(cost, arguments, *units);
  }
  return 0;
}

}  // namespace mulberry
