// The table that compares runs. See comparison.h.
#include "mulberry/report/comparison.h"

#include <fmt/format.h>

#include <algorithm>

#include "mulberry/report/statistics.h"

namespace mulberry {
namespace {

constexpr const char* kNone = "-";

}  // namespace

std::string RunName(const ComparisonRow& row) {
  return row.schedule.empty() ? row.arithmetic : row.arithmetic + ", " + row.schedule;
}

ComparisonRow Summarize(const std::string& arithmetic, const std::string& schedule,
                        const Metrics& metrics) {
  ComparisonRow row;
  row.arithmetic = arithmetic;
  row.schedule = schedule;
  row.test_accuracy_pct = metrics.epochs.back().test_accuracy_pct;
  std::vector<double> seconds;
  std::vector<double> slow_downs;
  for (const EpochMetrics& epoch : metrics.epochs) {
    const EpochMetrics::Timing& timing = epoch.timing;
    if (epoch.share == 1) seconds.push_back(timing.train_seconds);
    slow_downs.insert(slow_downs.end(), timing.slow_downs.begin(), timing.slow_downs.end());
    row.approximate_macs.forward += epoch.approximate_macs.forward;
    row.approximate_macs.input_gradient += epoch.approximate_macs.input_gradient;
    row.approximate_macs.weight_gradient += epoch.approximate_macs.weight_gradient;
  }
  row.seconds_an_epoch = Median(seconds);
  row.slow_down = Median(slow_downs);
  return row;
}

void FillDifferences(std::vector<ComparisonRow>& rows) {
  const auto fp32 = std::find_if(rows.begin(), rows.end(), [](const ComparisonRow& row) {
    return row.arithmetic == "fp32" && row.schedule.empty();
  });
  if (fp32 == rows.end()) return;
  const double base = fp32->test_accuracy_pct;
  for (ComparisonRow& row : rows) row.difference_points = row.test_accuracy_pct - base;
}

Table ComparisonTable(const std::vector<ComparisonRow>& rows) {
  Table table({{"arithmetic", Align::kLeft},
               {"test accuracy, %", Align::kRight},
               {"to fp32, points", Align::kRight},
               {"seconds an epoch", Align::kRight},
               {"slow-down", Align::kRight},
               {"approximate MACs", Align::kRight}});
  for (const ComparisonRow& row : rows) {
    table.AddRow({RunName(row), fmt::format("{:.2f}", row.test_accuracy_pct),
                  row.difference_points ? fmt::format("{:+.2f}", *row.difference_points) : kNone,
                  row.seconds_an_epoch ? fmt::format("{:.1f}", *row.seconds_an_epoch) : kNone,
                  row.slow_down ? fmt::format("{:.2f}x", *row.slow_down) : kNone,
                  GroupDigits(row.approximate_macs.total())});
  }
  return table;
}

nlohmann::ordered_json ToJson(const ComparisonRow& row) {
  const auto optional = [](const std::optional<double>& value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
  };
  return {{"arithmetic", row.arithmetic},
          {"schedule", row.schedule},
          {"test_accuracy_pct", row.test_accuracy_pct},
          {"difference_points", optional(row.difference_points)},
          {"seconds_an_epoch", optional(row.seconds_an_epoch)},
          {"slow_down", optional(row.slow_down)},
          {"approximate_macs", ToJson(row.approximate_macs)}};
}

}  // namespace mulberry
