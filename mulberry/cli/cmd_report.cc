// `mulberry report`: any number of run folders as one table.
#include <fmt/format.h>

#include <functional>
#include <iostream>

#include "mulberry/analysis/pareto_plot.h"
#include "mulberry/base/error.h"
#include "mulberry/cli/command.h"
#include "mulberry/train/arithmetic_costs.h"
#include "mulberry/train/compare.h"

namespace mulberry {
namespace {

struct Arguments {
  std::vector<std::string> folders;
  std::string format = "markdown";
  std::string costs;
  std::string plot;
  bool json = false;
};

void AddOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("RUNS", arguments.folders, "folders of runs, of comparisons and of sweeps")
      ->required()
      ->type_name("");
  app.add_option("--format", arguments.format, "of the table; default: markdown")
      ->check(CLI::IsMember({"markdown", "text", "csv", "latex"}))
      ->type_name("markdown|text|csv|latex");
  app.add_option("--cost", arguments.costs,
                 "TOML file with the energy of a multiply-accumulate by arithmetic: marks the "
                 "Pareto front of accuracy against it")
      ->type_name("FILE");
  app.add_option("--plot", arguments.plot, "draw accuracy against cost, with the Pareto front")
      ->type_name("FILE.png|svg");
  app.add_flag("--json", arguments.json, "print JSON");
  app.footer(
      "Runs that differ in the seed alone share a row.\n\n"
      "Examples:\n"
      "  mulberry report runs/mnist-sweep --cost experiments/mac_costs.toml\n"
      "  mulberry report runs/* --format csv");
}

// CSV and LaTeX are read by programs: the notes go to standard error.
void Print(const TableOfRuns& table, const std::string& format) {
  const bool to_reader = format == "markdown" || format == "text";
  if (!table.rows.empty()) {
    if (format == "csv") {
      std::cout << FiguresTable(table).Csv();
    } else if (format == "latex") {
      std::cout << ReadableTable(table).Latex();
    } else if (format == "text") {
      std::cout << ReadableTable(table).Text() << "\n";
    } else {
      std::cout << ReadableTable(table).Markdown() << "\n";
    }
  }
  for (const std::string& note : Notes(table)) {
    if (to_reader) {
      std::cout << (format == "markdown" ? "- " : "") << note << "\n";
    } else {
      std::cerr << fmt::format("mulberry report: {}\n", note);
    }
  }
}

// The values of the row's keys for which `wanted` says so.
template <typename Predicate>
std::string ValuesOf(const TableOfRuns& table, const RunRow& row, const Predicate& wanted) {
  std::string text;
  for (const std::string& key : table.keys) {
    if (!wanted(key)) continue;
    const std::string value = ValueText(row.configuration.at(key));
    text += fmt::format("{}{}", text.empty() ? "" : ", ",
                        key == "arithmetic" || key == "model" ? value : key + " " + value);
  }
  return text;
}

void Plot(const TableOfRuns& table, const KeyRoles& roles, const std::string& path) {
  const auto of_arithmetic = [&](const std::string& key) { return roles.arithmetic.contains(key); };
  std::vector<ParetoPlotPoint> points;
  for (const RunRow& row : table.rows) {
    points.push_back({ValuesOf(table, row, std::not_fn(of_arithmetic)),
                      ValuesOf(table, row, of_arithmetic), *row.cost, row.accuracy_pct,
                      row.deviation_pct, row.on_front});
  }
  WriteParetoPlot(points, table.cost_unit, path);
}

}  // namespace

int RunReportCommand(int argc, char** argv) {
  CLI::App app("Gathers runs into one table.", "mulberry report");
  Arguments arguments;
  AddOptions(app, arguments);
  if (!ParseArguments(app, argc, argv)) return 0;
  if (!arguments.plot.empty() && arguments.costs.empty()) {
    throw UsageError("--plot draws accuracy against cost: give --cost, too");
  }
  ArithmeticCosts costs;
  if (!arguments.costs.empty()) costs = ReadArithmeticCosts(arguments.costs);
  const KeyRoles roles = ConfigKeyRoles();
  const TableOfRuns table =
      MakeRunTable(FindRuns(arguments.folders), roles, arguments.costs.empty() ? nullptr : &costs);
  for (const std::string& warning : table.warnings) Warn("report", warning);
  if (table.rows.empty() && table.unfinished.empty()) {
    throw Error("there is no run in {}{}", arguments.folders.front(),
                arguments.folders.size() > 1 ? ", nor in the others" : "");
  }
  if (!arguments.plot.empty()) Plot(table, roles, arguments.plot);
  if (arguments.json) {
    PrintJson(ToJson(table));
  } else {
    Print(table, arguments.format);
  }
  return 0;
}

}  // namespace mulberry
