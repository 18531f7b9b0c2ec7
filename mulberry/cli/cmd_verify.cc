// `mulberry verify`: whether circuits compute their functional models, by simulation and by proof.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <mutex>

#include "mulberry/base/error.h"
#include "mulberry/base/threads.h"
#include "mulberry/cli/command.h"
#include "mulberry/cli/hardware_options.h"
#include "mulberry/hardware/flexible_mac.h"
#include "mulberry/hardware/verify.h"
#include "mulberry/report/progress.h"
#include "mulberry/report/table.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFullBits = 32;

std::string Hexadecimal(uint64_t value) {
  return fmt::format("{:#x}", value);
}

/// "a = 0xd, b = 0x29: found 0x214, expected 0x215".
std::string Text(const Design& design, const Counterexample& wrong) {
  std::string text;
  for (size_t i = 0; i < wrong.inputs.size(); ++i) {
    text += fmt::format("{}{} = {}", i == 0 ? "" : ", ", design.inputs[i].name,
                        Hexadecimal(wrong.inputs[i]));
  }
  return fmt::format("{}: found {}, expected {}", text, Hexadecimal(wrong.found),
                     Hexadecimal(wrong.expected));
}

/// A circuit and what was found of it.
struct Row {
  Design design;
  std::vector<Check> checks = {};
  double seconds = 0;
};

void PrintTable(std::string_view unit, const std::vector<Row>& rows, const VerifyOptions& options) {
  Table table({{"circuit"},
               {"inputs", Align::kRight},
               {"simulated", Align::kRight},
               {"by simulation"},
               {"Verilog formally"},
               {"netlist formally"},
               {"s", Align::kRight}});
  std::string wrong;
  bool some_sampled = false, some_not_tried = false;
  for (const Row& row : rows) {
    const bool sampled = row.design.input_bits() > options.exhaustive_bits;
    some_sampled = some_sampled || sampled;
    std::vector<std::string> cells = {row.design.spec, fmt::format("2^{}", row.design.input_bits()),
                                      sampled ? fmt::format("{}", row.checks[0].inputs) : "all"};
    for (const Check& check : row.checks) {
      cells.emplace_back(Name(check.finding));
      some_not_tried = some_not_tried || check.finding == Finding::kNotTried;
      if (!check.counterexample) continue;
      wrong += fmt::format("\n{}, {}:\n  {}\n", row.design.spec, check.what,
                           Text(row.design, *check.counterexample));
    }
    cells.push_back(fmt::format("{:.1f}", row.seconds));
    table.AddRow(cells);
  }
  std::cout << fmt::format(
      "{}s: the Verilog simulated beside the model, the Verilog proved equal to the model, the "
      "netlist proved equal to the Verilog.\n",
      unit);
  if (some_sampled) {
    std::cout << fmt::format("Where not all inputs are simulated: directed and random, seed {}.\n",
                             options.seed);
  }
  if (some_not_tried) {
    std::cout << fmt::format(
        "Not tried: it has a clock, or more than {} input bits and is no float multiplier whose "
        "parts have fewer.\n",
        kMaxModelBits);
  }
  std::cout << "\n" << table.Text() << wrong;
}

Json ToJson(const Design& design, std::string_view unit, const std::vector<Check>& checks) {
  Json routes = Json::array();
  for (const Check& check : checks) {
    Json route = {{"check", check.what},
                  {"verdict", Name(check.finding)},
                  {"extent", check.extent},
                  {"seconds", check.seconds}};
    if (check.counterexample) {
      Json inputs = Json::object();
      for (size_t i = 0; i < design.inputs.size(); ++i) {
        inputs[design.inputs[i].name] = Hexadecimal(check.counterexample->inputs[i]);
      }
      route["counterexample"] = {{"inputs", inputs},
                                 {"found", Hexadecimal(check.counterexample->found)},
                                 {"expected", Hexadecimal(check.counterexample->expected)}};
    }
    routes.push_back(route);
  }
  return {{"arithmetic", design.spec}, {"unit", unit}, {"checks", routes}};
}

/// Circuits side by side where they keep all threads busy, else one after another; the widest,
/// which take longest, first.
void VerifyAll(std::vector<Row>& rows, const Library& library, const VerifyOptions& options) {
  std::vector<Row*> order;
  for (Row& row : rows) order.push_back(&row);
  std::ranges::stable_sort(order, std::greater{},
                           [](const Row* row) { return row->design.input_bits(); });
  ProgressDisplay progress(std::cerr, ProgressDisplay::StandardErrorOptions());
  progress.Start(TaskProgress{"verify", 0});
  std::mutex mutex;
  std::map<const Row*, double> done;
  const auto verify = [&](Row& row) {
    const auto show = [&](double share) {
      const std::lock_guard lock(mutex);
      done[&row] = share;
      double sum = 0;
      for (const auto& [each, part] : done) sum += part;
      progress.Update(TaskProgress{"verify", sum / static_cast<double>(rows.size())});
    };
    VerifyOptions of_row = options;
    of_row.progress = show;
    const auto start = std::chrono::steady_clock::now();
    row.checks = Verify(row.design, library, of_row);
    row.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    show(1);
  };
  if (order.size() < static_cast<size_t>(Threads())) {
    for (Row* row : order) verify(*row);
  } else {
    ParallelFor(static_cast<int64_t>(order.size()),
                [&](int64_t i) { verify(*order[static_cast<size_t>(i)]); });
  }
}

}  // namespace

int RunVerify(int argc, char** argv) {
  CLI::App app(
      "Checks that the Verilog of multipliers and multiply-accumulate units computes their "
      "functional models, and that synthesis keeps it so.",
      "mulberry verify");
  HardwareOptions hardware;
  hardware.Add(app);
  VerifyOptions options;
  bool full = false, json = false;
  app.add_flag("--full", full,
               "simulate all inputs up to 2^32 of them, default 2^26: minutes of all cores");
  app.add_option("--samples", options.samples,
                 "inputs to simulate where all are too many; default 2^22")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40))
      ->type_name("N");
  app.add_option("--seed", options.seed, "of these inputs; default 1")->type_name("N");
  app.add_option("--seconds", options.formal_seconds, "at most, for each proof; default 120")
      ->check(CLI::Range(1, 1000000))
      ->type_name("S");
  app.add_flag("--json", json, "print JSON");
  app.footer(
      "The exit code is 1 if any circuit is wrong.\n\nExamples:\n"
      "  mulberry verify mitchell@uint8 'drum(k=4)@bf16'\n"
      "  mulberry verify --mac --pipelined exact@bf16\n"
      "  mulberry verify --flexible 4 exact@uint8    # what it does in a clock\n"
      "  mulberry verify --full exact@bf16");
  if (!ParseArguments(app, argc, argv)) return 0;
  const bool flexible = hardware.flexible_digits > 0;
  const std::string_view unit = flexible ? "flexible MAC step" : Name(hardware.UnitAsked());
  if (full) options.exhaustive_bits = kFullBits;

  std::vector<Row> rows;
  for (const std::string& spec : hardware.specs) {
    const Arithmetic arithmetic = ParseArithmetic(spec);
    rows.push_back({flexible ? MakeFlexibleMac(arithmetic, hardware.flexible_digits).step
                             : DesignOf(arithmetic, hardware.UnitAsked())});
  }
  VerifyAll(rows, hardware.ReadLibrary(), options);
  if (json) {
    Json results = Json::array();
    for (const Row& row : rows) results.push_back(ToJson(row.design, unit, row.checks));
    PrintJson(results);
  } else {
    PrintTable(unit, rows, options);
  }
  const bool right =
      std::ranges::all_of(rows, [](const Row& row) { return NoneWrong(row.checks); });
  return right ? 0 : 1;
}

}  // namespace mulberry
