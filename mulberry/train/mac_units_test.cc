// Files of units, good and bad.
#include "mulberry/train/mac_units.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr const char* kFile = R"(library = "some cells"
[units."mitchell@bf16"]
area_um2 = 9000
period_ns = 5
energy_pj = 4.5
leakage_nw = 30
cycles = 2
[units."exact@fp32"]
area_um2 = 20000
period_ns = 9
energy_pj = 20
leakage_nw = 0
cycles = 1
[units.flexible]
name = "two modes"
area_um2 = 30000
period_ns = 6
leakage_nw = 90
[[units.flexible.mode]]
bits = 16
cycles = 0.5
energy_pj = 3
[[units.flexible.mode]]
bits = 32
cycles = 4
energy_pj = 12
)";

std::string ErrorOf(const std::string& toml) {
  try {
    MacUnits::Parse(toml, "u.toml");
  } catch (const UsageError& e) {
    return e.what();
  }
  return "";
}

std::string Changed(const std::string& from, const std::string& to) {
  std::string text = kFile;
  const size_t at = text.find(from);
  if (at == std::string::npos) throw Error("the test's file has no '{}'", from);
  return text.replace(at, from.size(), to);
}

TEST(MacUnits, AreFoundByWhatTheyCompute) {
  const MacUnits units = MacUnits::Parse(kFile, "u.toml");
  EXPECT_EQ(units.source(), "u.toml");
  EXPECT_EQ(units.library(), "some cells");
  EXPECT_TRUE(
      units.Remedy(ParseArithmetic("exact@bf16")).starts_with("it has exact@fp32, mitchell@bf16;"));
  const auto unit = units.Find(ParseArithmetic("mitchell@bf16"));
  ASSERT_TRUE(unit);
  EXPECT_EQ(unit->name, "mitchell@bf16");
  EXPECT_EQ(unit->area_um2, 9000);
  EXPECT_EQ(unit->period_ns, 5);
  EXPECT_EQ(unit->energy_pj, 4.5);
  EXPECT_EQ(unit->leakage_nw, 30);
  EXPECT_EQ(unit->cycles, 2);
  // LibTorch's own FP32 is exact products of FP32; another accumulator is another unit.
  EXPECT_EQ(units.Find(ParseArithmetic("fp32")).value().period_ns, 9);
  EXPECT_FALSE(units.Find(ParseArithmetic("mitchell@bf16+acc=bf16")));
  EXPECT_FALSE(units.Find(ParseArithmetic("exact@bf16")));
}

TEST(MacUnits, DoNotDependOnHowTensorsAreRounded) {
  const std::string integer = Changed("mitchell@bf16", "mitchell@uint8xint8");
  const MacUnits units = MacUnits::Parse(integer, "u.toml");
  EXPECT_TRUE(units.Find(ParseArithmetic("mitchell@uint8xint8+scale=affine/max(channel)")));
  EXPECT_FALSE(units.Find(ParseArithmetic("mitchell@int8")));
}

TEST(MacUnits, FlexibleTakesTheShortestModeThatHoldsTheOperands) {
  const MacUnits units = MacUnits::Parse(kFile, "u.toml");
  for (const int bits : {1, 12, 16}) {
    EXPECT_EQ(units.Flexible(bits).energy_pj, 3) << bits;
    EXPECT_EQ(units.Flexible(bits).cycles, 0.5) << bits;
  }
  for (const int bits : {17, 32}) EXPECT_EQ(units.Flexible(bits).cycles, 4) << bits;
  EXPECT_EQ(units.Flexible(32).area_um2, 30000);
  EXPECT_THROW(units.Flexible(33), UsageError);
  const MacUnits none =
      MacUnits::Parse(std::string(kFile, std::string(kFile).find("[units.flexible]")), "u.toml");
  EXPECT_THROW(none.Flexible(8), UsageError);
}

TEST(MacUnits, AreWrittenAsTheyAreRead) {
  const MacUnits units = MacUnits::Parse(kFile, "u.toml");
  EXPECT_EQ(units.flexible_name(), "two modes");
  EXPECT_EQ(units.Toml(), MacUnits::Parse(units.Toml(), "again").Toml());
  EXPECT_EQ(MacUnits::Parse(units.Toml(), "again").Flexible(17).energy_pj, 12);
  EXPECT_EQ(MacUnits::Parse(units.Toml(), "again").Find(ParseArithmetic("mitchell@bf16"))->cycles,
            2);
}

// What is built in is the file of experiments/, whose modes take n² clocks.
TEST(MacUnits, BuiltInIsTheFlexibleUnitOfTheExperiments) {
  const MacUnits built_in = MacUnits::Of("");
  EXPECT_EQ(built_in.source(), "built in");
  EXPECT_EQ(
      built_in.Toml(),
      MacUnits::Read(std::string(MULBERRY_SOURCE_DIR) + "/experiments/flexible_mac.toml").Toml());
  EXPECT_EQ(built_in.Flexible(16).cycles, 1);
  EXPECT_EQ(built_in.Flexible(32).cycles, 4);
  EXPECT_THROW(MacUnits::Of("no/such/file.toml"), Error);
}

TEST(MacUnits, BadFilesAreToldWithTheirLine) {
  const auto expect = [](const std::string& toml, const std::string& part) {
    EXPECT_NE(ErrorOf(toml).find(part), std::string::npos) << ErrorOf(toml) << "\nnot " << part;
  };
  EXPECT_EQ(ErrorOf(kFile), "");
  expect("library = 'x'", "has no [units.");
  expect(Changed("\"some cells\"", "5"), "u.toml:1: the file has library, which is not a string");
  expect(Changed("\"two modes\"", "5"), "unit 'flexible' has name, which is not a string");
  expect("unit = 3", "has 'unit', which is none of library, units");
  expect(Changed("energy_pj = 4.5", "energy_pj = -1"),
         "u.toml:2: unit 'mitchell@bf16' has energy_pj = -1, expected a number from 0");
  expect(Changed("period_ns = 5", "period_ns = 0"), "period_ns = 0, expected a number above 0");
  expect(Changed("cycles = 2", "cycle = 2"), "has 'cycle', which is none of");
  expect(Changed("cycles = 2", ""), "unit 'mitchell@bf16' has no number cycles");
  expect(Changed("cycles = 2", "cycles = 'two'"), "has no number cycles");
  expect(Changed("exact@fp32", "mitchell @ bf16"), "is given twice");
  expect(Changed("exact@fp32", "mitchel@fp32"), "mitchel");
  expect(Changed("bits = 32", "bits = 16"), "expected a whole number above 16");
  expect(Changed("bits = 32", "bits = 32.5"), "bits = 32.5, expected a whole number");
}

}  // namespace
}  // namespace mulberry
