// Rows of runs as text and as JSON. See run_table.h.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>

#include "mulberry/report/run_table.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kNone = "-";

Json OrNull(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

// A column of figures: its title, and its cell of a row.
struct FigureColumn {
  std::string title;
  std::function<std::string(const RunRow&)> cell;
};

Table MakeTable(const TableOfRuns& table, const std::vector<FigureColumn>& figures) {
  std::vector<Column> columns;
  for (const std::string& key : table.keys) columns.push_back({key, Align::kLeft});
  for (const FigureColumn& figure : figures) columns.push_back({figure.title, Align::kRight});
  Table result(std::move(columns));
  for (const RunRow& row : table.rows) {
    std::vector<std::string> cells;
    for (const std::string& key : table.keys) cells.push_back(ValueText(row.configuration.at(key)));
    for (const FigureColumn& figure : figures) cells.push_back(figure.cell(row));
    result.AddRow(std::move(cells));
  }
  return result;
}

}  // namespace

std::string ValueText(const Json& value) {
  if (value.is_null() || value.empty() || value == "") return kNone;
  if (value.is_string()) return value;
  if (!value.is_array()) return value.dump();
  std::vector<std::string> items;
  for (const Json& item : value) items.push_back(ValueText(item));
  return fmt::format("{}", fmt::join(items, ", "));
}

Table ReadableTable(const TableOfRuns& table) {
  const auto number = [](fmt::format_string<const double&> format, auto member) {
    return [=](const RunRow& row) {
      return row.*member ? fmt::format(format, *(row.*member)) : kNone;
    };
  };
  std::vector<FigureColumn> figures = {
      {"n", [](const RunRow& row) { return std::to_string(row.seeds.size()); }},
      {"test accuracy, %",
       [](const RunRow& row) {
         const std::string mean = fmt::format("{:.2f}", row.accuracy_pct);
         return row.deviation_pct ? fmt::format("{} ± {:.2f}", mean, *row.deviation_pct) : mean;
       }},
      {"to fp32, points", number("{:+.2f}", &RunRow::difference_points)},
      {"seconds an epoch", number("{:.1f}", &RunRow::seconds_an_epoch)},
      {"time to fp32", number("{:.2f}x", &RunRow::time_ratio)},
      {"slow-down", number("{:.2f}x", &RunRow::slow_down)}};
  if (!table.cost_name.empty()) {
    figures.push_back({"cost", number("{:.4g}", &RunRow::cost)});
    figures.push_back({"Pareto", [](const RunRow& row) { return row.on_front ? "*" : ""; }});
  }
  return MakeTable(table, figures);
}

Table FiguresTable(const TableOfRuns& table) {
  const auto number = [](auto member) {
    return [=](const RunRow& row) { return row.*member ? fmt::format("{}", *(row.*member)) : ""; };
  };
  std::vector<FigureColumn> figures = {
      {"n", [](const RunRow& row) { return std::to_string(row.seeds.size()); }},
      {"test_accuracy_pct", [](const RunRow& row) { return fmt::format("{}", row.accuracy_pct); }},
      {"sample_standard_deviation", number(&RunRow::deviation_pct)},
      {"difference_points", number(&RunRow::difference_points)},
      {"seconds_an_epoch", number(&RunRow::seconds_an_epoch)},
      {"time_ratio", number(&RunRow::time_ratio)},
      {"slow_down", number(&RunRow::slow_down)}};
  if (!table.cost_name.empty()) {
    figures.push_back({"cost", number(&RunRow::cost)});
    figures.push_back({"pareto", [](const RunRow& row) { return row.on_front ? "1" : "0"; }});
  }
  return MakeTable(table, figures);
}

std::vector<std::string> Notes(const TableOfRuns& table) {
  std::vector<std::string> notes;
  if (!table.rows.empty()) {
    notes.push_back(
        "test accuracy: after the last epoch, mean ± sample standard deviation over n "
        "seeds");
  }
  if (!table.cost_name.empty()) {
    notes.push_back(
        fmt::format("Pareto: no row of the same setting is cheaper and as accurate, or "
                    "as cheap and more accurate; {}: {}",
                    table.cost_name, table.cost_unit));
  }
  for (const UnfinishedRun& run : table.unfinished) {
    notes.push_back(fmt::format(
        "not finished, in no row: {}: {}", run.folder,
        run.of == 0 ? "not begun" : fmt::format("{} of {} epochs", run.epochs, run.of)));
  }
  return notes;
}

Json ToJson(const TableOfRuns& table) {
  Json rows = Json::array();
  for (const RunRow& row : table.rows) {
    rows.push_back({{"configuration", row.configuration},
                    {"seeds", row.seeds},
                    {"folders", row.folders},
                    {"n", row.seeds.size()},
                    {"test_accuracy_pct", row.accuracy_pct},
                    {"sample_standard_deviation", OrNull(row.deviation_pct)},
                    {"difference_points", OrNull(row.difference_points)},
                    {"seconds_an_epoch", OrNull(row.seconds_an_epoch)},
                    {"time_ratio", OrNull(row.time_ratio)},
                    {"slow_down", OrNull(row.slow_down)}});
    if (table.cost_name.empty()) continue;
    rows.back()["cost"] = OrNull(row.cost);
    rows.back()["pareto"] = row.on_front;
  }
  Json unfinished = Json::array();
  for (const UnfinishedRun& run : table.unfinished) {
    unfinished.push_back({{"folder", run.folder}, {"epochs", run.epochs}, {"of", run.of}});
  }
  Json json = {{"keys", table.keys},
               {"rows", rows},
               {"unfinished", unfinished},
               {"warnings", table.warnings}};
  if (!table.cost_name.empty()) json["cost_unit"] = table.cost_unit;
  return json;
}

}  // namespace mulberry
