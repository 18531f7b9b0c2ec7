// The comparison's rows from metrics, and how they print.
#include "mulberry/report/comparison.h"

#include <gtest/gtest.h>

namespace mulberry {
namespace {

EpochMetrics Epoch(double accuracy, double seconds, std::vector<double> slow_downs) {
  EpochMetrics epoch;
  epoch.test_accuracy_pct = accuracy;
  epoch.approximate_macs = {1000, 20, 3};
  epoch.timing = {seconds, 0, std::move(slow_downs)};
  return epoch;
}

TEST(Summarize, TakesLastAccuracyMedianTimesAndAllMacs) {
  Metrics metrics;
  metrics.epochs = {Epoch(90, 4, {1, 9}), Epoch(99, 1, {2}), Epoch(98, 2, {})};
  const ComparisonRow row = Summarize("mbm@bf16", "", metrics);
  EXPECT_EQ(row.arithmetic, "mbm@bf16");
  EXPECT_EQ(row.test_accuracy_pct, 98);
  EXPECT_EQ(row.seconds_an_epoch, 2);
  EXPECT_EQ(row.slow_down, 2);
  EXPECT_EQ(row.approximate_macs, (MacCounts{3000, 60, 9}));
  EXPECT_EQ(row.difference_points, std::nullopt);
}

TEST(Comparison, PrintsATable) {
  std::vector<ComparisonRow> rows(2);
  rows[0] = {"mitchell@bf16", "", 98.5, {}, 12.34, 1.5, {1000000, 200, 0}};
  rows[1] = {"fp32", "", 99, {}, 8, {}, {}};
  FillDifferences(rows);
  EXPECT_EQ(ComparisonTable(rows).Text(),
            "arithmetic     test accuracy, %  to fp32, points  seconds an epoch  slow-down  "
            "approximate MACs\n"
            "-------------  ----------------  ---------------  ----------------  ---------  "
            "----------------\n"
            "mitchell@bf16             98.50            -0.50              12.3      1.50x         "
            "1,000,200\n"
            "fp32                      99.00            +0.00               8.0          -         "
            "        0\n");
}

TEST(Summarize, LeavesAnEpochThatEndedEarlyOutOfTheTimes) {
  Metrics metrics;
  metrics.epochs = {Epoch(90, 4, {}), Epoch(91, 1, {})};
  metrics.epochs[1].share = 0.25;
  EXPECT_EQ(Summarize("fp32", "dps", metrics).seconds_an_epoch, 4);
  EXPECT_EQ(Summarize("fp32", "dps", metrics).test_accuracy_pct, 91);
  metrics.epochs.erase(metrics.epochs.begin());
  EXPECT_EQ(Summarize("fp32", "dps", metrics).seconds_an_epoch, std::nullopt);
}

// fp32 under a schedule is no float baseline.
TEST(Comparison, NamesTheSchedule) {
  std::vector<ComparisonRow> rows(1);
  rows[0].arithmetic = "fp32";
  rows[0].schedule = "dps(target=12)";
  FillDifferences(rows);
  EXPECT_EQ(rows[0].difference_points, std::nullopt);
  EXPECT_NE(ComparisonTable(rows).Text().find("\nfp32, dps(target=12) "), std::string::npos);
  EXPECT_EQ(ToJson(rows[0]).at("schedule"), "dps(target=12)");
  EXPECT_TRUE(ToJson(rows[0]).at("seconds_an_epoch").is_null());
}

TEST(Comparison, HasNoDifferencesWithoutFp32) {
  std::vector<ComparisonRow> rows(1);
  rows[0].arithmetic = "exact@bf16";
  FillDifferences(rows);
  EXPECT_EQ(rows[0].difference_points, std::nullopt);
  EXPECT_TRUE(ToJson(rows[0]).at("difference_points").is_null());
  EXPECT_TRUE(ToJson(rows[0]).at("slow_down").is_null());
}

}  // namespace
}  // namespace mulberry
