// The table that compares runs: what a comparison's user came for. Each row is a function of a
// run's metrics alone, so the table can be made again from the files at any time.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "mulberry/report/metrics.h"
#include "mulberry/report/table.h"

namespace mulberry {

/// One run of a comparison.
struct ComparisonRow {
  std::string arithmetic;
  std::string schedule;                     ///< What changed while it trained; empty: nothing.
  double test_accuracy_pct = 0;             ///< After the last epoch.
  std::optional<double> difference_points;  ///< To the fp32 run; none where there is no such run.
  std::optional<double> seconds_an_epoch;   ///< Median over whole epochs, training alone.
  std::optional<double> slow_down;  ///< Median over all measured pairs; none if not measured.
  MacCounts approximate_macs;       ///< Sum over the run.
};

/// "mitchell@bf16", or with a schedule "mitchell@bf16, dps".
std::string RunName(const ComparisonRow& row);

/// The row of one run, without its difference. `metrics` has at least one epoch.
ComparisonRow Summarize(const std::string& arithmetic, const std::string& schedule,
                        const Metrics& metrics);

/// Fills in difference_points, against the first row whose arithmetic is "fp32" without schedule.
void FillDifferences(std::vector<ComparisonRow>& rows);

Table ComparisonTable(const std::vector<ComparisonRow>& rows);
nlohmann::ordered_json ToJson(const ComparisonRow& row);

}  // namespace mulberry
