// Costs of networks against sums by hand, and schedules against their steps.
#include "mulberry/train/network_cost.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr const char* kUnits = R"(
[units."mitchell@bf16"]
area_um2 = 1000
period_ns = 2
energy_pj = 3
leakage_nw = 1000
cycles = 1
[units."exact@bf16"]
area_um2 = 4000
period_ns = 4
energy_pj = 12
leakage_nw = 0
cycles = 1
[units.flexible]
area_um2 = 500
period_ns = 1
leakage_nw = 0
[[units.flexible.mode]]
bits = 16
cycles = 1
energy_pj = 1
[[units.flexible.mode]]
bits = 32
cycles = 4
energy_pj = 5
)";

// A layer of 8 outputs and sums of 10 on 4 samples: two folds of a 4x4 array.
const std::vector<LayerProducts> kLayer = {{"fc", Pass::kForward, 320, {{8, 4, 10, 1}}}};
constexpr double kCycles = 2 * (2 * 4 + 4 + 10 - 2);

class NetworkCostTest : public testing::Test {
 protected:
  NetworkCost Cost(const std::vector<Stretch>& stretches,
                   const std::vector<LayerProducts>& products = kLayer) const {
    return CostOf(products, stretches, options_, units_);
  }
  static Stretch On(const std::string& spec, double steps) {
    return {Policy::Uniform(ParseArithmetic(spec)), 0, steps};
  }

  const MacUnits units_ = MacUnits::Parse(kUnits, "u.toml");
  const CostOptions options_ = {{4, 4}, Dataflow::kOutputStationary, {}};
};

TEST_F(NetworkCostTest, IsStepsTimesTheUnitsFigures) {
  const NetworkCost cost = Cost({On("mitchell@bf16", 5)});
  ASSERT_EQ(cost.lines.size(), 1u);
  EXPECT_EQ(cost.lines[0].arithmetic, "mitchell@bf16");
  EXPECT_DOUBLE_EQ(cost.total.macs, 5 * 320);
  EXPECT_DOUBLE_EQ(cost.total.cycles, 5 * kCycles);
  EXPECT_DOUBLE_EQ(cost.total.utilisation(), 320 / (kCycles * 16));
  EXPECT_DOUBLE_EQ(cost.total.time_s, 5 * kCycles * 2e-9);
  EXPECT_DOUBLE_EQ(cost.total.dynamic_j, 5 * 320 * 3e-12);
  EXPECT_DOUBLE_EQ(cost.total.leakage_j, 16 * 1e-6 * cost.total.time_s);
  EXPECT_DOUBLE_EQ(cost.area_mm2, 16 * 1000e-6);
  ASSERT_TRUE(cost.exact);
  EXPECT_DOUBLE_EQ(cost.exact->time_s, 5 * kCycles * 4e-9);
  EXPECT_DOUBLE_EQ(cost.exact->energy_j(), 5 * 320 * 12e-12);
  EXPECT_FALSE(cost.fp32);  // The file has no such unit.
  EXPECT_FALSE(cost.flexible);
}

TEST_F(NetworkCostTest, AddsStretchesByArithmetic) {
  const NetworkCost cost =
      Cost({On("mitchell@bf16", 3), On("exact@bf16", 1), On("mitchell@bf16", 2)});
  ASSERT_EQ(cost.lines.size(), 2u);
  EXPECT_DOUBLE_EQ(cost.lines[0].cost.macs, 5 * 320);
  EXPECT_DOUBLE_EQ(cost.lines[1].cost.macs, 320);
  EXPECT_DOUBLE_EQ(cost.total.dynamic_j, 320e-12 * (5 * 3 + 12));
  EXPECT_DOUBLE_EQ(cost.exact->dynamic_j, 320e-12 * 6 * 12);
  EXPECT_DOUBLE_EQ(cost.area_mm2, 16 * 4000e-6);
  EXPECT_DOUBLE_EQ(cost.period_ns, 4);
}

TEST_F(NetworkCostTest, FlexibleUnitFollowsTheLengths) {
  const NetworkCost cost = Cost(ParseLengths("32@0,15@1", 10));
  EXPECT_TRUE(cost.flexible);
  const double slow = 2 * (4 + 4 * (4 + 4 - 2) + 40);  // A step takes 4 cycles.
  EXPECT_DOUBLE_EQ(cost.total.cycles, slow + 9 * kCycles);
  EXPECT_DOUBLE_EQ(cost.total.dynamic_j, 320e-12 * (5 + 9));
  EXPECT_DOUBLE_EQ(cost.exact->cycles, 10 * slow);
  EXPECT_DOUBLE_EQ(cost.exact->dynamic_j, 320e-12 * 50);
}

TEST_F(NetworkCostTest, MemoryIsCountedInTheOperandsBytes) {
  // Output-stationary, folds 2 by 1. SRAM: 8·10 + 2·10·4 operands, 8·4 results; DRAM: 80 + 40, 32.
  const double results = 32 * 4 * (12.5 + 162.5);
  EXPECT_DOUBLE_EQ(Cost({On("mitchell@bf16", 2)}).memory_j,
                   2e-12 * (160 * 2 * 12.5 + 120 * 2 * 162.5 + results));
  EXPECT_DOUBLE_EQ(Cost({Stretch{{}, 32, 1}}).memory_j,
                   1e-12 * (160 * 4 * 12.5 + 120 * 4 * 162.5 + results));
}

TEST_F(NetworkCostTest, AMissingUnitIsNamedWithItsLayer) {
  try {
    Cost({On("drum(k=6)@bf16", 1)});
    FAIL();
  } catch (const UsageError& e) {
    EXPECT_STREQ(e.what(),
                 "u.toml: there is no unit 'drum(k=6)@bf16', which fc forward runs on; it has "
                 "exact@bf16, mitchell@bf16; `mulberry synth --mac 'drum(k=6)@bf16' --units OTHER` "
                 "writes its figures, to be copied here");
  }
}

Config Hybrid(const std::string& schedule) {
  Config config;
  config.arithmetic = {"mitchell@bf16"};
  config.epochs = 6;
  config.schedule = {schedule};
  return config;
}

std::string SpecOf(const Stretch& stretch) {
  return Print(*stretch.policy.Find("fc", Pass::kForward));
}

TEST(TrainingStretches, FollowTheSwitchAndAPartOfAnEpoch) {
  const auto stretches = TrainingStretches(Hybrid("hybrid(switch=4,to=exact@bf16)"), 5.5, 100, {});
  ASSERT_EQ(stretches.size(), 2u);
  EXPECT_EQ(SpecOf(stretches[0]), "mitchell@bf16");
  EXPECT_DOUBLE_EQ(stretches[0].steps, 400);
  EXPECT_EQ(SpecOf(stretches[1]), "exact@bf16");
  EXPECT_DOUBLE_EQ(stretches[1].steps, 150);
}

TEST(TrainingStretches, FollowAPlateauOfTheLosses) {
  // Two epochs in a row no lower: the third's loss and the fourth's; the fifth is exact.
  const auto stretches =
      TrainingStretches(Hybrid("hybrid(on=plateau,to=exact@bf16)"), 6, 10, {2, 1, 1, 1, 0.5, 0.4});
  ASSERT_EQ(stretches.size(), 2u);
  EXPECT_DOUBLE_EQ(stretches[0].steps, 40);
  EXPECT_DOUBLE_EQ(stretches[1].steps, 20);
}

TEST(TrainingStretches, BeginInFp32UnderWarmUp) {
  const auto stretches = TrainingStretches(Hybrid("warmup(epochs=2)"), 6, 10, {});
  ASSERT_EQ(stretches.size(), 2u);
  EXPECT_EQ(SpecOf(stretches[0]), "fp32");
  EXPECT_DOUBLE_EQ(stretches[0].steps, 20);
  EXPECT_DOUBLE_EQ(stretches[1].steps, 40);
}

TEST(LastStretch, IsWhatARunEndsOn) {
  for (const char* when : {"switch=5", "exact-epochs=1"}) {
    const auto last = LastStretch(Hybrid(std::string("hybrid(") + when + ",to=exact@bf16)"), 6, {});
    ASSERT_EQ(last.size(), 1u);
    EXPECT_EQ(SpecOf(last[0]), "exact@bf16") << when;
    EXPECT_EQ(last[0].steps, 1);
  }
  // A run that stopped before its switch.
  const auto early = LastStretch(Hybrid("hybrid(switch=4,to=exact@bf16)"), 4, {});
  EXPECT_EQ(SpecOf(early.at(0)), "mitchell@bf16");
}

TEST(PrecisionStretches, ShareIterationsByTheirMacs) {
  IterationMetrics first, second;
  first.macs = {{16, 300}, {32, 100}};
  second.macs = {{16, 400}};
  const auto stretches = PrecisionStretches({first, second});
  ASSERT_EQ(stretches.size(), 2u);
  EXPECT_EQ(stretches[0].bits, 16);
  EXPECT_DOUBLE_EQ(stretches[0].steps, 1.75);
  EXPECT_EQ(stretches[1].bits, 32);
  EXPECT_DOUBLE_EQ(stretches[1].steps, 0.25);
}

TEST(ParseLengths, ReadsStepsAndRefusesOthers) {
  const auto stretches = ParseLengths("32@0,16@89,32@760,16@888", 1000);
  ASSERT_EQ(stretches.size(), 4u);
  const double steps[] = {89, 671, 128, 112};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(stretches[i].bits, i % 2 == 0 ? 32 : 16);
    EXPECT_DOUBLE_EQ(stretches[i].steps, steps[i]);
  }
  for (const char* bad : {"", "32", "32@", "@0", "32@1", "32@0,16@0", "32@0,16@1000", "65@0", "0@0",
                          "32@0;16@5", "32@0,,16@5", "32@0x"}) {
    EXPECT_THROW(ParseLengths(bad, 1000), UsageError) << bad;
  }
}

}  // namespace
}  // namespace mulberry
