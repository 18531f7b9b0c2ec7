// `mulberry retrain` and quantised `mulberry eval` from outside: what is printed, that a run which
// is killed goes on to the same, and what is said of wrong input.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "mulberry/cli/cli_test.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const std::string kFine = "mitchell@uint8xint8+scale=affine/max(channel)";
const std::string kRough = "bam(v=10,h=0)@uint8xint8+scale=affine/max(channel)";

class CliRetrainTest : public CliTest {
 protected:
  CliRetrainTest() {
    const Outcome outcome =
        Train("float", {"--model", "lenet300", "--limit-train", "600", "--native-batches", "0"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  }

  std::string Folder(const std::string& name) const { return folder_ + "/" + name; }

  std::vector<std::string> Arguments(const std::string& out,
                                     const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"retrain",
                                          "--model",
                                          "lenet300",
                                          "--data",
                                          "synthetic",
                                          "--start",
                                          Folder("float"),
                                          "--arithmetic",
                                          kFine,
                                          "--arithmetic",
                                          kRough,
                                          "--calibration",
                                          "mse",
                                          "--calibration-samples",
                                          "50",
                                          "--epochs",
                                          "2",
                                          "--limit-train",
                                          "300",
                                          "--limit-test",
                                          "100",
                                          "--batch-size",
                                          "10",
                                          "--checkpoint-every",
                                          "3",
                                          "--native-batches",
                                          "0",
                                          "--threads",
                                          "1",
                                          "--out",
                                          Folder(out)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  std::string Energies() const {
    const std::string file = Folder("energies.toml");
    WriteTestFile(file,
                  "unit = 'exact products'\n[costs]\n'exact@uint8xint8' = 1\n"
                  "'mitchell@uint8xint8' = 0.4\n'bam(v=10,h=0)@uint8xint8' = 0.2\n");
    return file;
  }

  size_t Lines(const std::string& file) const {
    std::ifstream in(Folder(file));
    return static_cast<size_t>(std::count(std::istreambuf_iterator<char>(in), {}, '\n'));
  }
  size_t Checkpoints(const std::string& out) const {
    if (!fs::exists(Folder(out))) return 0;
    size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(Folder(out))) {
      count += entry.path().filename() == "checkpoint";
    }
    return count;
  }
};

TEST_F(CliRetrainTest, GoesOnAfterKillsToTheSameResult) {
  std::vector<std::string> search = {"--energies", Energies(), "--target", "-5", "--json"};
  const Outcome whole = Mulberry(Arguments("whole", search));
  ASSERT_EQ(whole.exit_code, 0) << whole.err;

  std::vector<std::string> more = search;
  for (const size_t step : {2u, 4u, 6u, 7u, 9u}) {
    const Program program(Arguments("parts", more), Folder("parts_program"));
    // Evaluations come first, then runs.
    while (program.Running() && Lines("parts/evaluations.jsonl") < step &&
           Checkpoints("parts") + 4 < step) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    program.Signal(SIGKILL);
    program.Wait();
    if (fs::exists(Folder("parts/config.toml"))) more = search, more.push_back("--resume");
  }
  const Outcome end = Mulberry(Arguments("parts", more));
  ASSERT_EQ(end.exit_code, 0) << end.err;
  EXPECT_EQ(end.out, whole.out);
  // What is finished is only read.
  const Outcome again = Mulberry(Arguments("parts", more));
  EXPECT_EQ(again.out, whole.out);
  EXPECT_FALSE(Has(again.err, "epoch")) << again.err;

  // What is replaced is gone before anything new is there to be resumed.
  search.push_back("--force");
  const Program program(Arguments("parts", search), Folder("parts_program"));
  while (program.Running() && Lines("parts/evaluations.jsonl") != 2) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  program.Signal(SIGKILL);
  program.Wait();
  EXPECT_EQ(Checkpoints("parts"), 0u);
}

TEST_F(CliRetrainTest, FindsAPolicyThatKeepsTheAccuracy) {
  const Outcome outcome =
      Mulberry(Arguments("out", {"--energies", Energies(), "--target", "-2", "--json",
                                 "--estimators", "slopes(window=1)"}));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  const Json& rows = json.at("rows");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows.at(0).at("arithmetic"), "exact@uint8xint8+scale=affine/max(channel)");
  EXPECT_EQ(rows.at(1).at("arithmetic"), kFine);
  EXPECT_EQ(rows.at(3).at("arithmetic"), "searched policy");
  for (const Json& row : rows) EXPECT_EQ(row.at("after_pct").size(), 1u);
  const double exact = rows.at(0).at("before_pct");
  const Json& best = json.at("search").at("best");
  EXPECT_GE(best.at("test_accuracy_pct").get<double>(), exact - 2);
  EXPECT_EQ(best.at("assignment").size(), json.at("layers").size());
  EXPECT_EQ(json.at("sensitivities").size(), 2 * json.at("layers").size());
  for (const Json& point : json.at("search").at("points")) {
    if (point.at("test_accuracy_pct").get<double>() < exact - 2) continue;
    EXPECT_LE(best.at("energy").get<double>(), point.at("energy").get<double>());
  }
}

TEST_F(CliRetrainTest, PrintsItsTables) {
  const Outcome few =
      Mulberry(Arguments("few", {"--energies", Energies(), "--most-evaluations", "4", "--target",
                                 "-90", "--estimators", "slopes"}));
  ASSERT_EQ(few.exit_code, 0) << few.err;
  EXPECT_TRUE(Has(few.out, "(4 tests, all that were allowed)")) << few.out;
  EXPECT_TRUE(Has(few.out, " - ")) << few.out;
  const Outcome outcome =
      Mulberry(Arguments("out", {"--sensitivities", "--pace", "--estimators", "straight-through",
                                 "--estimators", "differences"}));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* part :
       {"lenet300 on synthetic: ", "straight-through, %", "differences, %",
        "exact@uint8xint8+scale=affine/max(channel)", "A forward pass and a step of retraining",
        "One layer alone on a multiplier", "fc1 "}) {
    EXPECT_TRUE(Has(outcome.out, part)) << part << "\n" << outcome.out;
  }
}

TEST_F(CliRetrainTest, SaysWhatIsWrong) {
  const auto message = [&](const std::vector<std::string>& more) {
    const Outcome outcome = Mulberry(Arguments("wrong", more));
    EXPECT_NE(outcome.exit_code, 0) << outcome.out;
    return outcome.err;
  };
  EXPECT_TRUE(Has(message({"--start", ""}), "there is no network to retrain; train one"));
  EXPECT_TRUE(Has(message({"--start", Folder("nothing")}), "nothing: cannot be read"));
  WriteTestFile(Folder("model.toml"), "model = 'lenet5'\ndata = 'synthetic'\n");
  const Outcome other = Mulberry({"train", "--config", Folder("model.toml"), "--start",
                                  Folder("float"), "--out", Folder("wrong")});
  EXPECT_TRUE(Has(other.err, "is of model lenet300, not lenet5")) << other.err;
  EXPECT_FALSE(fs::exists(Folder("wrong")));
  EXPECT_TRUE(Has(message({"--arithmetic", "mitchell@bf16", "--calibration", ""}),
                  "retraining is of products of integers"));
  EXPECT_TRUE(Has(message({"--arithmetic", "exact@int8 | exact@bf16"}), "gradients are native"));
  EXPECT_TRUE(Has(message({"--estimators", "slope"}), "must be straight-through, slopes"));
  EXPECT_TRUE(
      Has(message({"--arithmetic", "mitchell@int8 | fp32", "--gradient-estimator", "slopes"}),
          "give --estimators"));
  EXPECT_TRUE(Has(message({"--gradient-estimator", "slopes"}), "no arithmetic here has both"));
  EXPECT_TRUE(Has(message({"--policy", "*=fp32"}), "its rules leave no layer of lenet300"));
  EXPECT_TRUE(Has(message({"--arithmetic", "mitchell@int9"}), "at most 8 bits"));
  const Outcome into_itself =
      Mulberry({"train", "--model", "lenet300", "--data", "synthetic", "--start", Folder("float"),
                "--out", Folder("float"), "--force"});
  EXPECT_TRUE(Has(into_itself.err, "which would be replaced")) << into_itself.err;
  EXPECT_TRUE(Has(message({"--calibration", "max"}), "calibration: 'max' must be"));
  WriteTestFile(Folder("few.toml"), "unit = 'x'\n[costs]\n'exact@uint8xint8' = 1\n");
  EXPECT_TRUE(Has(message({"--energies", Folder("few.toml")}),
                  "there is no cost of 'mitchell@uint8xint8'"));
}

TEST_F(CliRetrainTest, EvaluatesWithACalibrationAndFolded) {
  const Outcome outcome =
      Mulberry({"eval", Folder("float"), "--arithmetic", kFine, "--calibration", "percentile(99)",
                "--calibration-samples", "20", "--fold-batch-norm", "--threads", "1", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_GT(Json::parse(outcome.out).at("results").at(0).at("test_accuracy_pct").get<double>(), 10);
  const Outcome wrong =
      Mulberry({"eval", Folder("float"), "--arithmetic", "fp32", "--calibration", "mse"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_TRUE(Has(wrong.err, "it is for products of integers")) << wrong.err;
}

}  // namespace
}  // namespace mulberry
