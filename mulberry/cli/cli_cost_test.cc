// `mulberry cost` and `mulberry pareto` from outside: what is printed of runs and configurations,
// and what is said of wrong input.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "mulberry/cli/cli_test.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kUnits = R"(library = "figures of a test"
[units."mitchell@bf16"]
area_um2 = 1000
period_ns = 2
energy_pj = 3
leakage_nw = 0
cycles = 1
[units."exact@bf16"]
area_um2 = 4000
period_ns = 4
energy_pj = 12
leakage_nw = 0
cycles = 1
[units.fp32]
area_um2 = 9000
period_ns = 8
energy_pj = 30
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

class CliCostTest : public CliTest {
 protected:
  CliCostTest() {
    WriteTestFile(Units(), kUnits);
    WriteTestFile(Configuration(),
                  "model = 'lenet5'\ndata = 'synthetic'\narithmetic = ['mitchell@bf16']\n"
                  "batch-size = 10\n");
  }

  std::string Units() const { return folder_ + "/units.toml"; }
  std::string Configuration() const { return folder_ + "/lenet5.toml"; }
  std::string Run(const std::string& name, const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"--native-batches", "0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = Train(name, arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return folder_ + "/" + name;
  }

  Outcome Cost(const std::vector<std::string>& more) const { return Command("cost", more); }
  Outcome Command(const std::string& command, const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {command, "--units", Units()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Mulberry(arguments);
  }
  Json JsonOf(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = more;
    arguments.emplace_back("--json");
    const Outcome outcome = Cost(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    return Json::parse(outcome.out);
  }
};

// MACs of one image of LeNet-5, forward, and without the first layer, which has no input gradient.
constexpr double kForward = 117600 + 240000 + 48000 + 10080 + 840;
constexpr double kTraining = 3 * kForward - 117600;

TEST_F(CliCostTest, OfARunIsItsStepsTimesTheUnits) {
  const std::string run = Run("run", {"--model", "lenet5", "--arithmetic", "mitchell@bf16"});
  const Json json = JsonOf({run, "--array", "8x4"});
  EXPECT_EQ(json["array"], "8x4");
  EXPECT_EQ(json["library"], "figures of a test");
  EXPECT_EQ(json["lines"].size(), 14u);
  const double macs = 120 * kTraining;  // Of an epoch of 120 images.
  EXPECT_DOUBLE_EQ(json["total"]["macs"].get<double>(), macs);
  EXPECT_NEAR(json["total"]["energy_j"].get<double>(), macs * 3e-12, 1e-12);
  EXPECT_NEAR(json["exact"]["energy_j"].get<double>(), macs * 12e-12, 1e-12);
  EXPECT_NEAR(json["fp32"]["energy_j"].get<double>(), macs * 30e-12, 1e-12);
  // The array is as busy with any of them.
  const double time = json["total"]["time_s"].get<double>();
  EXPECT_NEAR(json["fp32"]["time_s"].get<double>() / time, 4, 1e-9);
  EXPECT_DOUBLE_EQ(json["area_mm2"].get<double>(), 32 * 1000e-6);
  // fc1 forward: 120 x 400 by 400 x 30, 4 steps, folds of 8 x 4 that take 2·8 + 4 + 400 - 2 cycles.
  for (const Json& line : json["lines"]) {
    if (line["layer"] != "fc1" || line["pass"] != "forward") continue;
    EXPECT_EQ(line["cycles"].get<double>(), 4.0 * 15 * 8 * 418);
  }

  const Outcome table = Cost({run, "--memory"});
  EXPECT_EQ(table.exit_code, 0) << table.err;
  for (const char* part : {"conv1", "weight_gradient", "memory, J", "total", "array 16x16, output",
                           "exact multipliers: ", "fp32: ", "25.0 % of the energy"}) {
    EXPECT_TRUE(Has(table.out, part)) << table.out;
  }
}

TEST_F(CliCostTest, OfAConfigurationFollowsItsStepsAndLengths) {
  const Json json = JsonOf({Configuration(), "--steps", "7"});
  EXPECT_NEAR(json["total"]["macs"].get<double>(), 70 * kTraining, 1);
  const Json inference = JsonOf({Configuration(), "--inference"});
  EXPECT_NEAR(inference["total"]["macs"].get<double>(), 10 * kForward, 1);
  const Json lengths = JsonOf({Configuration(), "--steps", "10", "--lengths", "32@0,16@1"});
  EXPECT_NEAR(lengths["total"]["energy_j"].get<double>(), 10 * kTraining * (5 + 9) * 1e-12, 1e-12);
  EXPECT_NEAR(lengths["exact"]["energy_j"].get<double>(), 10 * kTraining * 50e-12, 1e-12);
  const Outcome table = Cost({Configuration(), "--steps", "10", "--lengths", "32@0,16@1"});
  EXPECT_TRUE(Has(table.out, "flexible, always 32 bits: ")) << table.out;
}

TEST_F(CliCostTest, TellsWhatOnlyARunKnows) {
  WriteTestFile(Configuration(),
                "data = 'synthetic'\narithmetic = ['mitchell@bf16']\nbatch-size = 2\n"
                "schedule = ['hybrid(on=plateau,to=exact@bf16)']\n");
  const Outcome outcome = Cost({Configuration(), "--steps", "7"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(Has(outcome.err, "switch on a plateau only a run tells")) << outcome.err;
}

// Without a file the units are synthesised; fp32's and the exact baseline's as well.
TEST_F(CliCostTest, WithoutAFileUnitsAreMeasured) {
  const Outcome outcome = Mulberry(
      {"cost", Configuration(), "--steps", "7", "--arithmetic", "mitchell@float(3,2)", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(Has(outcome.err, "synthesises and measures mitchell@float(3,2) in osu018_stdcells"))
      << outcome.err;
  const Json json = Json::parse(outcome.out);
  const double fp32 = json["fp32"]["energy_j"];
  EXPECT_LT(json["total"]["energy_j"], fp32);
  EXPECT_LT(json["exact"]["energy_j"], fp32);

  const Outcome none =
      Mulberry({"cost", Configuration(), "--steps", "7", "--arithmetic", "noise(mre=1%)@fp32"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_TRUE(Has(none.err, "it cannot be synthesised: ")) << none.err;
  EXPECT_EQ(Cost({Configuration(), "--steps", "7", "--liberty", "mine.lib"}).exit_code, 2);
}

TEST_F(CliCostTest, WrongInputIsToldWithoutAnyTable) {
  const auto expect = [&](const std::vector<std::string>& arguments, int code,
                          const std::string& part) {
    const Outcome outcome = Cost(arguments);
    EXPECT_EQ(outcome.exit_code, code) << part;
    EXPECT_EQ(outcome.out, "") << part;
    EXPECT_TRUE(Has(outcome.err, part)) << outcome.err;
  };
  expect({Configuration(), "--steps", "7", "--array", "16"}, 2, "must be ROWSxCOLUMNS");
  expect({Configuration(), "--steps", "7", "--array", "0x16"}, 2, "array '0x16'");
  expect({Configuration(), "--steps", "7", "--dataflow", "input"}, 2, "must be output or weight");
  expect({Configuration()}, 2, "give --steps");
  expect({Configuration(), "--steps", "7", "--lengths", "16@3"}, 2, "must be BITS@ITERATION");
  expect({Configuration(), "--steps", "7", "--sram-pj", "3"}, 2, "--memory");
  expect({folder_ + "/none.toml"}, 1, "none.toml");
  fs::create_directories(folder_ + "/empty");
  expect({folder_ + "/empty"}, 2, "has 0 runs, expected one");
  WriteTestFile(Configuration(), "data = 'synthetic'\narithmetic = ['drum(k=6)@bf16']\n");
  expect({Configuration(), "--steps", "7"}, 2, "there is no unit 'drum(k=6)@bf16'");
  WriteTestFile(Units(), "[units.'exact@bf16']\nperiod_ns = 0\n");
  expect({Configuration(), "--steps", "7"}, 2, "units.toml:1: unit 'exact@bf16' has no number");
}

TEST_F(CliCostTest, ParetoSetsAccuracyBesideCosts) {
  const std::string exact = Run("all/exact", {"--model", "lenet300", "--arithmetic", "exact@bf16"});
  const std::string rough =
      Run("all/rough", {"--model", "lenet300", "--arithmetic", "mitchell@bf16"});
  const std::string plot = folder_ + "/plot.png";
  const Outcome outcome = Command("pareto", {folder_ + "/all", "--plot", plot});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(Has(outcome.out, "energy of training: J")) << outcome.out;
  EXPECT_TRUE(fs::file_size(plot) > 1000);
  for (const char* kind : {"energy", "time", "area", "delay"}) {
    EXPECT_EQ(Command("pareto", {folder_ + "/all", "--cost", kind}).exit_code, 0) << kind;
  }
  EXPECT_TRUE(Has(Command("pareto", {folder_ + "/all", "--cost", "weight"}).err, "--cost weight"));
  EXPECT_EQ(Command("pareto", {folder_ + "/none"}).exit_code, 1);
}

TEST_F(CliCostTest, TracesAreRecordedByTrainingAndTests) {
  const std::string run = Run("run", {"--model", "lenet300", "--arithmetic", "mitchell@bf16",
                                      "--record-traces", folder_ + "/traces"});
  for (const char* file : {"fc1.forward", "fc1.weight_gradient", "fc2.input_gradient"}) {
    EXPECT_TRUE(fs::exists(folder_ + "/traces/" + file + ".trace")) << file;
  }
  const Outcome outcome = Mulberry({"eval", run, "--arithmetic", "exact@bf16", "--arithmetic",
                                    "exact@int8", "--record-traces", folder_ + "/tests"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* arithmetic : {"exact@bf16", "exact@int8"}) {
    EXPECT_TRUE(fs::exists(folder_ + "/tests/" + arithmetic + "/fc1.forward.trace")) << arithmetic;
  }
}

}  // namespace
}  // namespace mulberry
