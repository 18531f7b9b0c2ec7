// The flexible MAC's parameters, what is refused, and sums worked out by hand.
#include "mulberry/train/flexible_mac.h"

#include <gtest/gtest.h>

#include <string>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr const char* kTwoModes = R"(
name = "two"
energy-unit = "pJ"
[[mode]]
bits = 16
cycles = 1
energy = 0.5
[[mode]]
bits = 32
cycles = 4
energy = 3
)";

std::string WhyRefused(const std::string& toml) {
  try {
    FlexibleMac::Parse(toml, "mac.toml");
  } catch (const UsageError& e) {
    return e.what();
  }
  return "";
}

TEST(FlexibleMac, TakesTheShortestModeThatHoldsTheOperands) {
  const FlexibleMac mac = FlexibleMac::Parse(kTwoModes, "mac.toml");
  EXPECT_EQ(mac.name(), "two");
  EXPECT_EQ(mac.energy_unit(), "pJ");
  EXPECT_EQ(mac.ModeOf(1).bits, 16);
  EXPECT_EQ(mac.ModeOf(16).bits, 16);
  EXPECT_EQ(mac.ModeOf(17).bits, 32);
  EXPECT_EQ(mac.ModeOf(32).bits, 32);
  EXPECT_THROW(mac.ModeOf(33), UsageError);
}

// A training of 1000 iterations of which 89 + 128 are long, as the published LeNet's.
TEST(FlexibleMac, CostsAdd) {
  const FlexibleMac mac = FlexibleMac::Parse(kTwoModes, "mac.toml");
  MacCost cost = mac.Cost(32, 217);
  EXPECT_EQ(cost, (MacCost{217, 868, 651}));
  cost += mac.Cost(16, 783);
  EXPECT_EQ(cost, (MacCost{1000, 1651, 1042.5}));
}

TEST(FlexibleMac, RefusesWithTheLineAtFault) {
  const std::string head = "name = 'x'\nenergy-unit = 'J'\n";
  EXPECT_EQ(WhyRefused(head), "mac.toml:1: there is no [[mode]]");
  EXPECT_EQ(WhyRefused(head + "modes = 1"),
            "mac.toml:3: modes: the keys are name, energy-unit and mode");
  EXPECT_EQ(WhyRefused(head + "[[mode]]\nbits = 8\ncycles = 1"),
            "mac.toml:3: energy is missing or of the wrong type");
  EXPECT_EQ(WhyRefused(head + "[[mode]]\nbits = 8\ncycles = 0\nenergy = 1"),
            "mac.toml:3: cycles 0 must be above 0 and energy 1 0 or more");
  EXPECT_NE(WhyRefused(head + "[[mode]]\nbits = 8\ncycles = 1\nenergy = 1\ncost = 2"), "");
  EXPECT_NE(WhyRefused(std::string(kTwoModes) + "[[mode]]\nbits = 24\ncycles = 1\nenergy = 1"), "");
  EXPECT_NE(WhyRefused(head + "mode = [1]"), "");
  EXPECT_NE(WhyRefused("name = "), "");
  EXPECT_THROW(FlexibleMac::Read("no/such/file.toml"), Error);
}

// The file of defaults: (bits / 8)^2 cycles, whose ratio of 16 to 32 bits is 4.
TEST(FlexibleMac, ReadsTheDefaults) {
  const FlexibleMac mac =
      FlexibleMac::Read(std::string(MULBERRY_SOURCE_DIR) + "/experiments/flexible_mac.toml");
  ASSERT_EQ(mac.modes().size(), 4u);
  for (const FlexibleMac::Mode& mode : mac.modes()) {
    EXPECT_EQ(mode.cycles, mode.bits * mode.bits / 64.0);
    EXPECT_EQ(mode.energy, mode.cycles);
  }
  EXPECT_EQ(mac.Cost(31 + 1, 1).cycles, 4 * mac.Cost(15 + 1, 1).cycles);

  const FlexibleMac built_in = FlexibleMac::Of("");
  EXPECT_EQ(built_in.source(), "built in");
  EXPECT_EQ(built_in.name(), mac.name());
  EXPECT_EQ(built_in.energy_unit(), mac.energy_unit());
  ASSERT_EQ(built_in.modes().size(), mac.modes().size());
  for (size_t i = 0; i < mac.modes().size(); ++i) {
    EXPECT_EQ(built_in.modes()[i].bits, mac.modes()[i].bits);
    EXPECT_EQ(built_in.modes()[i].cycles, mac.modes()[i].cycles);
  }
}

}  // namespace
}  // namespace mulberry
