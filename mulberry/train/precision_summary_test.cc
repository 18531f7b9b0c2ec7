// The summary of a record of dynamic precision scaling, worked out by hand.
#include "mulberry/train/precision_summary.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr const char* kUnits = R"(
library = "some cells"
[units.flexible]
name = "two modes"
area_um2 = 1
period_ns = 1
leakage_nw = 0
[[units.flexible.mode]]
bits = 16
cycles = 1
energy_pj = 3
[[units.flexible.mode]]
bits = 32
cycles = 4
energy_pj = 10
)";

IterationMetrics Iteration(int64_t number, int length, std::map<int, int64_t> macs) {
  IterationMetrics iteration;
  iteration.iteration = number;
  iteration.length = length;
  iteration.parameters = {{"w", 1, length - 1, 0, 0}, {"b", -2, length + 2, 0, 0}};
  iteration.activations = {{"data", 3, length - 3, 0, 0}};
  iteration.macs = std::move(macs);
  return iteration;
}

PrecisionSummary Summary() {
  return SummarizePrecision({Iteration(0, 31, {{32, 100}}), Iteration(1, 15, {{16, 90}, {32, 10}}),
                             Iteration(2, 15, {{16, 100}}), Iteration(3, 31, {{32, 100}})},
                            32, MacUnits::Parse(kUnits, "u.toml"));
}

TEST(PrecisionSummary, AddsUpTheIterations) {
  const PrecisionSummary summary = Summary();
  EXPECT_EQ(summary.iterations, 4);
  EXPECT_EQ(summary.bits, 23);
  EXPECT_EQ(summary.parameter_bits, 23);
  EXPECT_EQ(summary.activation_bits, 23);
  ASSERT_EQ(summary.lengths.size(), 3u);
  EXPECT_EQ(summary.lengths[1].iteration, 1);
  EXPECT_EQ(summary.lengths[1].length, 15);
  EXPECT_EQ(summary.lengths[2].iteration, 3);
  EXPECT_EQ(summary.cost, (MacCost{400, 190 + 4 * 210, 3 * 190 + 10 * 210}));
  EXPECT_EQ(summary.full_cost, (MacCost{400, 1600, 4000}));
  EXPECT_EQ(summary.speed_up(), 1600.0 / 1030);
  EXPECT_EQ(summary.energy_pct(), 100 * 2670.0 / 4000);
}

// Each kind of tensor has its own mean, and the mean of all counts tensors, not kinds.
TEST(PrecisionSummary, TellsKindsOfTensorsApart) {
  IterationMetrics iteration = Iteration(0, 15, {{16, 1}});
  iteration.activations[0].fraction_bits += 3;
  const PrecisionSummary summary =
      SummarizePrecision({iteration}, 32, MacUnits::Parse(kUnits, "u.toml"));
  EXPECT_EQ(summary.parameter_bits, 15);
  EXPECT_EQ(summary.activation_bits, 18);
  EXPECT_EQ(summary.bits, 16);
}

TEST(PrecisionSummary, SaysWhatItRestsOn) {
  const std::string text = PrecisionText({{"fp32, dps", Summary()}});
  EXPECT_NE(text.find("\nfp32, dps                  23.00       23.00        23.00   400    1030"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\nfp32, dps: 31 bits from iteration 0, 15 bits from iteration 1, 31 bits "
                      "from iteration 3\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("flexible unit of two modes in some cells (u.toml)\n"), std::string::npos)
      << text;
  EXPECT_EQ(PrecisionText({}), "");
  const auto json = ToJson(Summary());
  EXPECT_EQ(json.at("lengths").at(1).at("iteration"), 1);
  EXPECT_EQ(json.at("speed_up"), 1600.0 / 1030);
  EXPECT_EQ(json.at("unit").at("source"), "u.toml");
}

TEST(PrecisionSummary, RefusesWhatItCannotSumUp) {
  const MacUnits units = MacUnits::Parse(kUnits, "u.toml");
  EXPECT_THROW(SummarizePrecision({}, 32, units), Error);
  EXPECT_THROW(SummarizePrecision({Iteration(0, 40, {{41, 1}})}, 32, units), UsageError);
}

}  // namespace
}  // namespace mulberry
