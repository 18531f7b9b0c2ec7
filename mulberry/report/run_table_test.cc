// The table of runs: its rows, their figures worked out by hand, and how it prints.
#include "mulberry/report/run_table.h"

#include <gtest/gtest.h>

#include <cmath>

#include "mulberry/base/error.h"
#include "mulberry/report/test_runs.h"

namespace mulberry {
namespace {

const KeyRoles kRoles = {{"arithmetic", "policy", "schedule", "gradients"}, {"seed", "out"}};

RecordedRun Recorded(const TestRun& run) {
  RecordedRun recorded;
  recorded.folder = run.arithmetic + "/" + std::to_string(run.seed);
  recorded.metrics = {HeaderOf(run), EpochsOf(run), {}};
  return recorded;
}

TableOfRuns TableOf(const std::vector<TestRun>& runs, const ArithmeticCosts* costs = nullptr) {
  FoundRuns found;
  for (const TestRun& run : runs) found.runs.push_back(Recorded(run));
  if (!costs) return MakeRunTable(found, kRoles, nullptr);
  const RunCosts of_runs = CostsByArithmetic(*costs);
  return MakeRunTable(found, kRoles, &of_runs);
}

std::string ErrorOf(const std::vector<TestRun>& runs, const ArithmeticCosts& costs) {
  try {
    TableOf(runs, &costs);
  } catch (const UsageError& e) {
    return e.what();
  }
  return "";
}

const std::vector<TestRun> kThreeSeeds = {
    {.arithmetic = "mbm@bf16", .seed = 1, .accuracies = {50, 97}, .epochs = 2, .seconds = 20},
    {.arithmetic = "mbm@bf16", .seed = 3, .accuracies = {50, 98}, .epochs = 2, .seconds = 16},
    {.arithmetic = "fp32", .seed = 2, .accuracies = {50, 98}, .epochs = 2, .seconds = 10},
    {.arithmetic = "mbm@bf16", .seed = 2, .accuracies = {50, 102}, .epochs = 2, .seconds = 30},
    {.arithmetic = "fp32", .seed = 1, .accuracies = {50, 97}, .epochs = 2, .seconds = 12},
};

TEST(RunTable, HasARowForEachConfigurationWithItsSeeds) {
  const TableOfRuns table = TableOf(kThreeSeeds);
  EXPECT_EQ(table.keys, (std::vector<std::string>{"arithmetic", "model"}));
  ASSERT_EQ(table.rows.size(), 2u);
  const RunRow& fp32 = table.rows[0];
  EXPECT_EQ(fp32.seeds, (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(fp32.accuracy_pct, 97.5);
  EXPECT_EQ(fp32.deviation_pct, std::sqrt(0.5));
  EXPECT_EQ(fp32.difference_points, 0);
  EXPECT_EQ(fp32.seconds_an_epoch, 11);
  EXPECT_EQ(fp32.time_ratio, 1);
  const RunRow& mbm = table.rows[1];
  EXPECT_EQ(mbm.seeds, (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(mbm.folders.front(), "mbm@bf16/1");
  EXPECT_EQ(mbm.accuracy_pct, 99);
  EXPECT_EQ(mbm.deviation_pct, std::sqrt(7.0));  // Distances -2, -1, 3.
  EXPECT_EQ(mbm.difference_points, 1.5);
  EXPECT_EQ(mbm.seconds_an_epoch, 22);
  EXPECT_EQ(mbm.time_ratio, 2);
  EXPECT_EQ(mbm.slow_down, 2.5);
  EXPECT_FALSE(mbm.cost.has_value());
}

TEST(RunTable, PrintsForReadersAndForPrograms) {
  TableOfRuns table = TableOf(kThreeSeeds);
  EXPECT_EQ(ReadableTable(table).Markdown(),
            "| arithmetic | model | n | test accuracy, % | to fp32, points | seconds an epoch | "
            "time to fp32 | slow-down |\n"
            "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
            "| fp32 | lenet5 | 2 | 97.50 ± 0.71 | +0.00 | 11.0 | 1.00x | 1.38x |\n"
            "| mbm@bf16 | lenet5 | 3 | 99.00 ± 2.65 | +1.50 | 22.0 | 2.00x | 2.50x |\n");
  EXPECT_EQ(FiguresTable(TableOf({{.arithmetic = "mbm@bf16", .seconds = 4}})).Csv(),
            "arithmetic,model,n,test_accuracy_pct,sample_standard_deviation,difference_points,"
            "seconds_an_epoch,time_ratio,slow_down\n"
            "mbm@bf16,lenet5,1,99,,,4,,0.5\n");
  const auto row = ToJson(table).at("rows").at(1);
  EXPECT_EQ(row.at("configuration").at("arithmetic").at(0), "mbm@bf16");
  EXPECT_EQ(row.at("sample_standard_deviation"), std::sqrt(7.0));
  EXPECT_EQ(row.at("n"), 3);
  EXPECT_FALSE(row.contains("pareto"));
}

TEST(RunTable, ShowsWhatElseDiffers) {
  const TableOfRuns table = TableOf({{.model = "lenet300", .more = {{"lr", 0.1}}},
                                     {.more = {{"lr", 0.05}}},
                                     {.more = {{"lr", 0.1}}},
                                     {.arithmetic = "mbm@bf16",
                                      .accuracies = {98},
                                      .more = {{"lr", 0.1}, {"gradients", "bf16"}}}});
  EXPECT_EQ(table.keys, (std::vector<std::string>{"arithmetic", "model", "gradients", "lr"}));
  ASSERT_EQ(table.rows.size(), 4u);
  // By setting, the baseline first; the arithmetic's own keys are no other setting.
  EXPECT_EQ(table.rows[0].configuration.at("model"), "lenet300");
  EXPECT_EQ(table.rows[1].configuration.at("lr"), 0.05);
  EXPECT_EQ(table.rows[2].configuration.at("arithmetic").at(0), "fp32");
  EXPECT_EQ(table.rows[3].difference_points, -1);
  const std::string text = ReadableTable(table).Text();
  EXPECT_NE(text.find("\nmbm@bf16    lenet5    bf16       0.1 "), std::string::npos) << text;
  EXPECT_NE(text.find("\nfp32        lenet5    -          0.05 "), std::string::npos) << text;
}

TEST(RunTable, ListsUnfinishedRunsAndAveragesNone) {
  FoundRuns found;
  found.runs = {Recorded({.accuracies = {98}}),
                Recorded({.seed = 2, .accuracies = {10}, .epochs = 3}),
                Recorded({.seed = 3, .accuracies = {}})};
  found.not_begun = {"waiting"};
  found.damaged = {"x/metrics.jsonl:1: damaged"};
  const TableOfRuns table = MakeRunTable(found, kRoles, nullptr);
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_EQ(table.rows[0].accuracy_pct, 98);
  EXPECT_EQ(table.rows[0].deviation_pct, std::nullopt);
  EXPECT_EQ(table.warnings, found.damaged);
  const std::vector<std::string> notes = Notes(table);
  ASSERT_EQ(notes.size(), 4u);
  EXPECT_EQ(notes[1], "not finished, in no row: fp32/2: 1 of 3 epochs");
  EXPECT_EQ(notes[2], "not finished, in no row: fp32/3: 0 of 1 epochs");
  EXPECT_EQ(notes[3], "not finished, in no row: waiting: not begun");
  EXPECT_EQ(ToJson(table).at("unfinished").size(), 3u);
}

TEST(RunTable, CountsARunOnce) {
  const TableOfRuns table = TableOf({{}, {.accuracies = {50}}});
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_EQ(table.rows[0].accuracy_pct, 99);
  EXPECT_EQ(table.warnings.size(), 1u);
}

TEST(RunTable, HasABaselineOnlyInTheSameSetting) {
  const TableOfRuns table = TableOf({{.model = "lenet300"},
                                     {.arithmetic = "mbm@bf16"},
                                     {.more = {{"schedule", {"dps"}}}},
                                     {.more = {{"policy", {"fc*=mbm@bf16"}}}}});
  ASSERT_EQ(table.rows.size(), 4u);
  EXPECT_EQ(table.rows[0].difference_points, 0);
  for (size_t i = 1; i < 4; ++i) EXPECT_EQ(table.rows[i].difference_points, std::nullopt) << i;
}

TEST(RunTable, ComparesTimesOfOneMachineOnly) {
  const TableOfRuns table = TableOf({{}, {.arithmetic = "mbm@bf16", .cpu = "another"}});
  EXPECT_EQ(table.rows[1].difference_points, 0);
  EXPECT_EQ(table.rows[1].time_ratio, std::nullopt);
}

TEST(RunTable, MarksTheFrontOfEachSetting) {
  const ArithmeticCosts costs = {
      "costs.toml", "MACs of FP32", {{"fp32", 1}, {"mbm@bf16", 0.2}, {"exact@bf16", 0.5}}};
  const TableOfRuns table = TableOf({{.accuracies = {99}},
                                     {.arithmetic = "mbm@bf16", .accuracies = {98}},
                                     {.arithmetic = "exact@bf16", .accuracies = {97}},
                                     {.arithmetic = "exact@bf16", .model = "lenet300"}},
                                    &costs);
  ASSERT_EQ(table.rows.size(), 4u);
  EXPECT_TRUE(table.rows[0].on_front);  // Alone in its setting.
  EXPECT_TRUE(table.rows[1].on_front);  // fp32: the most accurate.
  EXPECT_FALSE(table.rows[2].on_front);
  EXPECT_TRUE(table.rows[3].on_front);  // The cheapest.
  EXPECT_EQ(table.rows[2].cost, 0.5);
  EXPECT_EQ(ToJson(table).at("rows").at(2).at("pareto"), false);
  EXPECT_EQ(ToJson(table).at("cost_unit"), "MACs of FP32");
  const std::string text = ReadableTable(table).Text();
  EXPECT_NE(text.find("   1       *\n"), std::string::npos) << text;
  EXPECT_NE(Notes(table)[1].find("MACs of FP32"), std::string::npos);
}

TEST(RunTable, RefusesRunsWithoutASingleCost) {
  const ArithmeticCosts costs = {"costs.toml", "MACs of FP32", {{"fp32", 1}, {"mbm@bf16", 0.2}}};
  EXPECT_EQ(ErrorOf({{}, {.arithmetic = "drum(k=4)@bf16"}}, costs),
            "costs.toml: there is no cost of 'drum(k=4)@bf16', which drum(k=4)@bf16/1 has; it has "
            "costs of: fp32, mbm@bf16");
  EXPECT_NE(ErrorOf({{.more = {{"policy", {"fc*=mbm@bf16"}}}}}, costs)
                .find("policy is fc*=mbm@bf16: its products have no single cost"),
            std::string::npos);
  EXPECT_NE(ErrorOf({{.more = {{"schedule", {"dps"}}}}}, costs).find("schedule is dps"),
            std::string::npos);
  EXPECT_EQ(ErrorOf({{.more = {{"schedule", {"warmup"}}}}}, costs), "");
}

}  // namespace
}  // namespace mulberry
