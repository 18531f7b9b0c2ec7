// Hand-made netlists with hand-computed transitions and energies. Agreement with other tools:
// hardware_agreement_test.cc.
#include "mulberry/hardware/switching.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"
#include "mulberry/hardware/test_netlist.h"

namespace mulberry {
namespace {

TEST(Switching, CountsAPulseAndItsEnergy) {
  const Library library = ParseLiberty(kSmallLibrary, "small.lib");
  const MappedNetlist netlist = NetlistOf(PulseJson(), library);
  TimingOptions options;
  options.output_load = 10e-15;
  const TimingReport timing = AnalyzeTiming(netlist, library, options);
  EXPECT_NEAR(timing.longest_path, 120e-12, 1e-18);
  ASSERT_EQ(timing.path.size(), 3u);
  EXPECT_EQ(netlist.Area(library), 3);

  const Stimulus stimulus{{"a"}, {{0}, {1}, {0}}, 0};
  const auto report = Simulate(netlist, library, timing, stimulus, SwitchingMode::kGlitchAware);
  const auto total = [&](int pin_net) { return report.total[static_cast<size_t>(pin_net)]; };
  const int inverted = netlist.instances[0].nets[1], product = netlist.instances[1].nets[2];
  EXPECT_EQ(total(inverted), 2u);
  EXPECT_EQ(total(product), 2u);  // One pulse: where a falls, the product is 0 already.
  EXPECT_EQ(report.functional[static_cast<size_t>(product)], 0u);
  // 1/2 C V^2: 2 edges each of a (4 fF), of the inverse (2 fF), of the product (10 fF); V = 2.
  EXPECT_NEAR(report.switching_energy, 2 * 0.5 * 16e-15 * 4 / 2, 1e-22);
  EXPECT_NEAR(report.internal_energy, (7e-15 + 5e-15) / 2, 1e-22);
  EXPECT_NEAR(report.glitch_energy, 2 * 0.5 * 10e-15 * 4 / 2, 1e-22);
  EXPECT_NEAR(report.leakage, (1 + 3 + 1) / 3.0 * 1e-9, 1e-18);

  const auto settled = Simulate(netlist, library, timing, stimulus, SwitchingMode::kZeroDelay);
  EXPECT_EQ(settled.functional, report.functional);
  EXPECT_EQ(settled.total, report.functional);
  EXPECT_NEAR(settled.internal_energy, report.internal_energy, 1e-22);
}

// Energies under conditions: one that names the output, one that names an input, groups of falls
// and rises apart, and a group without condition, which is for the other cases only.
TEST(Switching, TakesTheEnergyOfTheCase) {
  std::string text = kSmallLibrary;
  const std::string plain = "internal_power () { related_pin : \"A\"; rise_power";
  text.replace(
      text.find(plain), plain.size(),
      "internal_power () { related_pin : \"A\"; rise_power (scalar) { values (\"90\"); } "
      "fall_power (scalar) { values (\"50\"); } }"
      "internal_power () { related_pin : \"A\"; when : \"Y\"; rise_power (scalar) { values "
      "(\"20\"); } } internal_power () { when : \"A\"; related_pin : \"A\"; rise_power");
  const Library library = ParseLiberty(text, "small.lib");
  const MappedNetlist netlist = NetlistOf(PulseJson(), library);
  const TimingReport timing = AnalyzeTiming(netlist, library);
  const Stimulus stimulus{{"a"}, {{0}, {1}, {0}}, 0};
  for (const SwitchingMode mode : {SwitchingMode::kZeroDelay, SwitchingMode::kGlitchAware}) {
    const auto report = Simulate(netlist, library, timing, stimulus, mode);
    // A rise ends with Y: 20 fJ; a fall with A: 5 fJ.
    EXPECT_NEAR(report.internal_energy, (20e-15 + 5e-15) / 2, 1e-22);
  }
}

TEST(Switching, SaysWhatIsMissing) {
  const Library library = ParseLiberty(kSmallLibrary, "small.lib");
  const MappedNetlist netlist = NetlistOf(PulseJson(), library);
  const TimingReport timing = AnalyzeTiming(netlist, library);
  EXPECT_THROW(Simulate(netlist, library, timing, {{}, {{}, {}}, 0}, SwitchingMode::kZeroDelay),
               Error);
  EXPECT_THROW(
      Simulate(netlist, library, timing, {{"a"}, {{0}, {1}}, 50e-12}, SwitchingMode::kGlitchAware),
      Error);
}

}  // namespace
}  // namespace mulberry
