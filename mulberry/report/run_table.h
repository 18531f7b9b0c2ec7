// Any number of runs as one table: a row for each configuration, its seeds together, beside the
// FP32 run of the same network and setting, and on the Pareto front of accuracy against cost or
// not. All of it is a function of the runs' records, so that it can be made again at any time. Not
// here: reading them (run_folders.h), and the arithmetics of one run folder side by side
// (comparison.h).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "mulberry/report/run_folders.h"
#include "mulberry/report/table.h"

namespace mulberry {

/// What the configuration's keys are to the table.
struct KeyRoles {
  /// Say how a run computes: rows that differ in no other key have the same setting, and so the
  /// same baseline and the same Pareto front.
  std::set<std::string> arithmetic;
  /// Tell no rows apart: the seed, and keys that cannot change results.
  std::set<std::string> ignored;
};

/// The energy of a multiply-accumulate.
struct ArithmeticCosts {
  std::string file;  ///< Where they are from.
  std::string unit;
  std::map<std::string, double> costs;  ///< By arithmetic, as configurations spell it.
};

/// What the table has for costs: of one run, in one unit.
struct RunCosts {
  std::string name;  ///< Such as "energy of training".
  std::string unit;
  std::function<double(const RecordedRun&)> of;
};
/// By the arithmetic that a run has. `of` throws UsageError where there is no cost of it, or a run
/// has no single arithmetic.
RunCosts CostsByArithmetic(ArithmeticCosts costs);

struct RunRow {
  nlohmann::ordered_json configuration;  ///< Of the table's keys.
  std::vector<std::string> folders;
  std::vector<int64_t> seeds;
  double accuracy_pct = 0;                  ///< Mean over the seeds, after the last epoch.
  std::optional<double> deviation_pct;      ///< Sample standard deviation; none of one seed.
  std::optional<double> difference_points;  ///< Of the mean, to the baseline's.
  std::optional<double> seconds_an_epoch;   ///< Mean over the seeds of the runs' medians.
  /// Over the baseline's; none unless all runs of both were on one kind of processor, with as many
  /// threads.
  std::optional<double> time_ratio;
  std::optional<double> slow_down;  ///< Median over the seeds of what the runs measured.
  std::optional<double> cost;       ///< Mean over the seeds.
  bool on_front = false;
};

struct UnfinishedRun {
  std::string folder;
  int epochs = 0;
  int of = 0;  ///< 0: it has not begun.
};

struct TableOfRuns {
  std::vector<std::string> keys;  ///< Arithmetic, model, and what else differs between the runs.
  std::vector<RunRow> rows;       ///< By setting; in it the baseline first.
  std::vector<UnfinishedRun> unfinished;
  std::vector<std::string> warnings;  ///< What was left out, and why.
  std::string cost_name;              ///< Empty: there are no costs.
  std::string cost_unit;
};

/// Runs that are not finished are in no row; of two of the same configuration and seed the second
/// is left out. The baseline is `fp32` without rules and without a schedule but warmup. Throws as
/// `costs`, which may be null.
TableOfRuns MakeRunTable(const FoundRuns& found, const KeyRoles& roles, const RunCosts* costs);

/// The value of a configuration's key as a cell shows it.
std::string ValueText(const nlohmann::ordered_json& value);
/// For readers: accuracy as "98.93 ± 0.19".
Table ReadableTable(const TableOfRuns& table);
/// For programs: a number a column, not rounded.
Table FiguresTable(const TableOfRuns& table);
/// What the columns are, and the runs that are not finished; each on a line, without its end.
std::vector<std::string> Notes(const TableOfRuns& table);
nlohmann::ordered_json ToJson(const TableOfRuns& table);

}  // namespace mulberry
