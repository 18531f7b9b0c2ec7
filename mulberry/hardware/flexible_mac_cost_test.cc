// Cost of the flexible unit's modes: CostOf itself compares every clock of the netlist with the
// model; here what the figures have to be to one another, and that a wrong unit is refused.
#include "mulberry/hardware/flexible_mac_cost.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr size_t kMacs = 40;

TEST(FlexibleMacCost, NarrowModesTakeLessTimeAndEnergy) {
  const Library library = ReadLiberty(DefaultLiberty());
  const FlexibleMacCost cost =
      CostOf(MakeFlexibleMac(ParseArithmetic("exact@uint4"), 3), library, kMacs, 1);
  ASSERT_EQ(cost.modes.size(), 3u);
  EXPECT_GT(cost.area, 0);
  for (size_t i = 0; i < 3; ++i) {
    const ModeCost& mode = cost.modes[i];
    EXPECT_EQ(mode.mode.cycles, static_cast<int>((i + 1) * (i + 1)));
    EXPECT_DOUBLE_EQ(mode.time_s, mode.mode.cycles * cost.period_s);
    if (i > 0) {
      EXPECT_GT(mode.energy_j, 1.5 * cost.modes[i - 1].energy_j);
    }
  }
}

TEST(FlexibleMacCost, ANetlistThatIsNotTheModelIsRefused) {
  const Library library = ReadLiberty(DefaultLiberty());
  FlexibleUnit mac = MakeFlexibleMac(ParseArithmetic("exact@uint4"), 2);
  mac.step.model = MakeFlexibleMac(ParseArithmetic("mitchell@uint4"), 2).step.model;
  EXPECT_THROW(CostOf(mac, library, kMacs, 1), Error);
}

}  // namespace
}  // namespace mulberry
