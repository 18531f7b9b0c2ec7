// The table of runs as a command shows it. See run_table_options.h.
#include "mulberry/cli/run_table_options.h"

#include <fmt/format.h>

#include <functional>
#include <iostream>

#include "mulberry/analysis/pareto_plot.h"
#include "mulberry/base/error.h"

namespace mulberry {
namespace {

// CSV and LaTeX are read by programs: the notes go to standard error.
void Print(const char* command, const TableOfRuns& table, const std::string& format) {
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
      std::cerr << fmt::format("mulberry {}: {}\n", command, note);
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
  WriteParetoPlot(points, table.cost_name + ": " + table.cost_unit, path);
}

}  // namespace

void AddRunTableOptions(CLI::App& app, RunTableArguments& arguments) {
  app.add_option("RUNS", arguments.folders, "folders of runs, of comparisons and of sweeps")
      ->required()
      ->type_name("");
  app.add_option("--format", arguments.format, "of the table; default: markdown")
      ->check(CLI::IsMember({"markdown", "text", "csv", "latex"}))
      ->type_name("markdown|text|csv|latex");
  app.add_option("--plot", arguments.plot, "draw accuracy against cost, with the Pareto front")
      ->type_name("FILE.png|svg");
  app.add_flag("--json", arguments.json, "print JSON");
}

void ShowRuns(const char* command, const TableOfRuns& table, const KeyRoles& roles,
              const RunTableArguments& arguments) {
  for (const std::string& warning : table.warnings) Warn(command, warning);
  if (table.rows.empty() && table.unfinished.empty()) {
    throw Error("there is no run in {}{}", arguments.folders.front(),
                arguments.folders.size() > 1 ? ", nor in the others" : "");
  }
  if (!arguments.plot.empty()) Plot(table, roles, arguments.plot);
  if (arguments.json) {
    PrintJson(ToJson(table));
  } else {
    Print(command, table, arguments.format);
  }
}

}  // namespace mulberry
