// `mulberry train` and `mulberry eval` from outside. Not here: runs that are killed
// (resume_test.cc).
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "mulberry/cli/cli_test.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using CliTrainTest = CliTest;

TEST_F(CliTrainTest, TrainsAndComparesAndEvaluates) {
  const Outcome trained = Train("run", {"--arithmetic", "fp32", "--arithmetic", "mitchell@bf16"});
  EXPECT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_EQ(trained.out.rfind("arithmetic ", 0), 0u) << trained.out;
  EXPECT_TRUE(Has(trained.out, "\nfp32 ") && Has(trained.out, "\nmitchell@bf16 ")) << trained.out;
  EXPECT_TRUE(Has(trained.err, "mitchell@bf16 (2/2)  epoch 1/1")) << trained.err;
  EXPECT_TRUE(fs::exists(folder_ + "/run/config.toml"));

  const std::string run = folder_ + "/run/mitchell@bf16";
  const Outcome evaluated = Mulberry({"eval", run, "--json", "--threads", "1"});
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.err;
  const Json result = Json::parse(evaluated.out).at("results").at(0);
  std::ifstream metrics(run + "/metrics.jsonl");
  std::string header, epoch;
  std::getline(metrics, header);
  std::getline(metrics, epoch);
  EXPECT_EQ(result.at("test_accuracy_pct"), Json::parse(epoch).at("test_accuracy_pct"));
  EXPECT_EQ(result.at("test_loss"), Json::parse(epoch).at("test_loss"));
  EXPECT_EQ(result.at("samples"), 50);
  EXPECT_EQ(result.at("approximate_macs"), 50 * 416520);  // LeNet-5's, one forward pass.

  const Outcome others = Mulberry({"eval", run + "/checkpoint", "--arithmetic", "fp32",
                                   "--arithmetic", "drum(k=4)@bf16", "--layers"});
  EXPECT_EQ(others.exit_code, 0) << others.err;
  EXPECT_TRUE(Has(others.out, "\nfp32 ") && Has(others.out, "\ndrum(k=4)@bf16 ")) << others.out;
  EXPECT_TRUE(Has(others.out, "conv1 ")) << others.out;

  const Outcome ambiguous = Mulberry({"eval", folder_ + "/run"});
  EXPECT_EQ(ambiguous.exit_code, 2);
  EXPECT_TRUE(Has(ambiguous.err, run)) << ambiguous.err;
}

// The options of training by their flags; eval tests the weights' average, as the run did.
TEST_F(CliTrainTest, EvaluatesTheAverageOfTheWeights) {
  const Outcome trained = Train("run", {"--arithmetic",       "mitchell@bf16",
                                        "--ema-decay",        "0.99",
                                        "--label-smoothing",  "0.1",
                                        "--weight-decay",     "1e-3",
                                        "--weight-decay-of",  "weights",
                                        "--lr-schedule",      "milestones",
                                        "--lr-milestones",    "1",
                                        "--lr-warmup-epochs", "0.5",
                                        "--early-stop",       "3",
                                        "--early-stop-on",    "loss"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const Outcome evaluated = Mulberry({"eval", folder_ + "/run", "--json", "--threads", "1"});
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.err;
  std::ifstream metrics(folder_ + "/run/metrics.jsonl");
  std::string line, last;
  while (std::getline(metrics, line)) last = line;
  EXPECT_EQ(Json::parse(evaluated.out).at("results").at(0).at("test_loss"),
            Json::parse(last).at("test_loss"));

  const Outcome refused = Train("refused", {"--ema-decay", "0.9", "--schedule", "dps"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_TRUE(Has(refused.err, "ema-decay: 0.9: the average is in FP32")) << refused.err;
}

TEST_F(CliTrainTest, PrintsNothingButJsonOnStandardOutput) {
  const Outcome trained = Train("run", {"--arithmetic", "exact@bf16", "--json"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const Json json = Json::parse(trained.out);
  EXPECT_EQ(json.at("runs").size(), 1u);
  const Json& run = json.at("runs").at(0);
  EXPECT_EQ(run.at("arithmetic"), "exact@bf16");
  EXPECT_TRUE(run.at("difference_points").is_null());
  EXPECT_GT(run.at("slow_down"), 0);
  EXPECT_EQ(run.at("approximate_macs").at("forward"), (120 + 50) * 416520);
  EXPECT_EQ(json.at("failures").size(), 0u);
}

TEST_F(CliTrainTest, ReadsTomlAndFlagsWin) {
  const std::string file = folder_ + "/small.toml";
  std::ofstream(file) << "arithmetic = ['mbm@bf16']\nepochs = 7\nlr = 0.03\n";
  const Outcome trained = Train("run", {"--config", file});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  std::ifstream metrics(folder_ + "/run/metrics.jsonl");
  std::string header;
  std::getline(metrics, header);
  const Json json = Json::parse(header);
  EXPECT_EQ(json.at("configuration").at("arithmetic").at(0), "mbm@bf16");
  EXPECT_EQ(json.at("configuration").at("lr"), 0.03);
  EXPECT_EQ(json.at("configuration").at("epochs"), 1);
  EXPECT_EQ(json.at("machine").at("threads"), 1);
  EXPECT_EQ(json.at("epochs"), 1);
  EXPECT_EQ(json.at("mulberry"), MULBERRY_VERSION);
}

TEST_F(CliTrainTest, TheExperimentsFileHolds) {
  const Outcome trained =
      Train("run", {"--config", MULBERRY_SOURCE "/experiments/lenet5.toml", "--json"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const Json runs = Json::parse(trained.out).at("runs");
  ASSERT_EQ(runs.size(), 4u);
  EXPECT_EQ(runs.at(0).at("arithmetic"), "fp32");
  EXPECT_EQ(runs.at(3).at("arithmetic"), "mbm@bf16");
}

TEST_F(CliTrainTest, DynamicPrecisionFromTheExperimentsFile) {
  const Outcome trained =
      Train("run", {"--config", MULBERRY_SOURCE "/experiments/dps.toml", "--iterations", "6",
                    "--schedule", "dps(isearch=1,start-il=-12)", "--json"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_FALSE(Has(trained.err, "stayed native")) << trained.err;
  const Json run = Json::parse(trained.out).at("runs").at(0);
  EXPECT_EQ(run.at("arithmetic"), "fp32");
  EXPECT_EQ(run.at("schedule"), "dps(start-il=-12,isearch=1)");
  const Json& precision = run.at("precision");
  EXPECT_EQ(precision.at("iterations"), 6);
  EXPECT_EQ(precision.at("lengths").at(0).at("length"), 31);
  EXPECT_EQ(precision.at("lengths").at(1).at("length"), 15);
  EXPECT_GT(precision.at("speed_up"), 1);
  EXPECT_EQ(precision.at("unit").at("source"), "built in");

  // Data and activations are rounded in the test of the checkpoint, too.
  const Outcome evaluated = Mulberry({"eval", folder_ + "/run", "--json", "--threads", "1"});
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.err;
  const Json result = Json::parse(evaluated.out).at("results").at(0);
  std::ifstream metrics(folder_ + "/run/metrics.jsonl");
  std::string line, last;
  std::getline(metrics, line);
  EXPECT_EQ(Json::parse(line).at("epochs"), 2);  // Six batches, four an epoch.
  while (std::getline(metrics, line)) last = line;
  EXPECT_EQ(result.at("test_loss"), Json::parse(last).at("test_loss"));

  // Other costs need no other run.
  const std::string costs = folder_ + "/costs.toml";
  std::ofstream(costs)
      << "library = 'some cells'\n[units.flexible]\nname = 'one mode'\narea_um2 = 1\n"
         "period_ns = 1\nleakage_nw = 0\n[[units.flexible.mode]]\nbits = 32\n"
         "cycles = 1\nenergy_pj = 1\n";
  const Outcome flat =
      Mulberry({"train", "--resume", "--out", folder_ + "/run", "--mac-costs", costs});
  ASSERT_EQ(flat.exit_code, 0) << flat.err;
  EXPECT_TRUE(Has(flat.out, "1.00x      100.0\n")) << flat.out;
  EXPECT_TRUE(Has(flat.out, "flexible unit of one mode in some cells (" + costs + ")\n"))
      << flat.out;

  std::ofstream(costs) << "[units.flexible]\narea_um2 = 1\nperiod_ns = 1\nleakage_nw = 0\n"
                          "[[units.flexible.mode]]\nbits = 16\ncycles = 1\nenergy_pj = 1\n";
  const Outcome too_short = Train("short", {"--schedule", "dps", "--mac-costs", costs});
  EXPECT_EQ(too_short.exit_code, 2);
  EXPECT_TRUE(Has(too_short.err,
                  "no mode of the unit 'flexible' for operands of 32 bits; the longest has 16"))
      << too_short.err;
}

TEST_F(CliTrainTest, FindsTheLatestSwitchOfAHybridRun) {
  const std::vector<std::string> command = {"hybrid",
                                            "--model",
                                            "lenet5",
                                            "--data",
                                            "synthetic",
                                            "--arithmetic",
                                            "kulkarni@e4m3",
                                            "--epochs",
                                            "3",
                                            "--limit-train",
                                            "60",
                                            "--limit-test",
                                            "50",
                                            "--threads",
                                            "1",
                                            "--native-batches",
                                            "0",
                                            "--every-epoch",
                                            "--out",
                                            folder_ + "/hybrid"};
  const Outcome found = Mulberry(command);
  ASSERT_EQ(found.exit_code, 0) << found.err;
  EXPECT_TRUE(Has(found.out, "0 of 3") && Has(found.out, "3 of 3")) << found.out;
  EXPECT_TRUE(Has(found.out, "The latest switch that ends within -0.10 points of fp32"));
  const Outcome refused = Mulberry(command);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(Has(refused.err, "--resume goes on")) << refused.err;
  const Outcome again =
      Mulberry({"hybrid", "--resume", "--every-epoch", "--json", "--out", folder_ + "/hybrid"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  const Json json = Json::parse(again.out);
  ASSERT_EQ(json.at("points").size(), 4u);
  EXPECT_EQ(json.at("points").at(0).at("difference_points"), 0);
  EXPECT_EQ(json.at("points").at(2).at("switch_epoch"), 2);
  EXPECT_EQ(json.at("arithmetic"), "kulkarni@e4m3");
  const Outcome exact = Mulberry(
      {"hybrid", "--arithmetic", "fp32", "--data", "synthetic", "--out", folder_ + "/exact"});
  EXPECT_EQ(exact.exit_code, 2);
  EXPECT_TRUE(Has(exact.err, "fp32 is exact already")) << exact.err;
}

TEST_F(CliTrainTest, RecordsOperandsThatAnalyzeReads) {
  const std::string operands = folder_ + "/operands";
  const Outcome trained = Train("run", {"--arithmetic", "fp32", "--arithmetic", "mitchell@bf16",
                                        "--record-operands", operands, "--json"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_FALSE(fs::exists(operands + "/fp32"));
  const std::string of_run = operands + "/mitchell@bf16/";
  EXPECT_TRUE(fs::exists(of_run + "conv1.weight_gradient.json"));
  EXPECT_FALSE(fs::exists(of_run + "conv1.input_gradient.json"));
  const Outcome analyzed =
      Mulberry({"analyze", "mbm@bf16", "--operands", of_run + "conv2.forward.json", "--json"});
  ASSERT_EQ(analyzed.exit_code, 0) << analyzed.err;
  EXPECT_EQ(Json::parse(analyzed.out).at("operands").at("distribution"), "measured");
  // Without zeros there are at most as many of the second operand, the weight, as products.
  const Json file = Json::parse(ReadTestFile(of_run + "fc1.forward.json"));
  int64_t weights = 0;
  for (const Json& count : file.at("b")) weights += count.get<int64_t>();
  EXPECT_EQ(weights, (120 + 50) * 400 * 120);

  const Outcome wide = Train("wide", {"--arithmetic", "exact@fp32", "--record-operands", operands});
  EXPECT_EQ(wide.exit_code, 2);
  EXPECT_TRUE(Has(wide.err, "histograms are of at most 16")) << wide.err;
}

TEST_F(CliTrainTest, RefusesAnUnknownTomlKey) {
  const std::string file = folder_ + "/wrong.toml";
  std::ofstream(file) << "model = 'lenet5'\nepoch = 7\n";
  const Outcome outcome = Train("run", {"--config", file});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.err,
            "mulberry train: " + file + ":2: unknown key 'epoch'; did you mean 'epochs'?\n");
  EXPECT_FALSE(fs::exists(folder_ + "/run"));
}

TEST_F(CliTrainTest, FailuresExitWith1) {
  const auto expect = [&](const Outcome& outcome, const std::string& error) {
    EXPECT_EQ(outcome.exit_code, 1) << error;
    EXPECT_EQ(outcome.out, "") << error;
    EXPECT_TRUE(Has(outcome.err, error)) << outcome.err;
  };
  expect(Train("run", {"--config", folder_ + "/none.toml"}), "none.toml: cannot be read");
  expect(Mulberry({"eval", folder_ + "/none"}), "none: cannot be read");
  std::ofstream(folder_ + "/program.toml") << "x";
  expect(Mulberry({"eval", folder_ + "/program.toml"}), "is no checkpoint");
  expect(Train("run", {"--resume"}), "no run to resume");
  ASSERT_EQ(Train("run").exit_code, 0);
  expect(Train("run"), "exists; --resume");
  expect(Train("run", {"--resume", "--lr", "0.5"}), "it has lr: 0.05, not 0.5");
  // Nothing is left to do, and --resume needs no other flag.
  EXPECT_EQ(Mulberry({"train", "--resume", "--out", folder_ + "/run"}).exit_code, 0);
  EXPECT_EQ(Train("run", {"--force"}).exit_code, 0);
}

TEST_F(CliTrainTest, ADivergingRunFailsWithAMessage) {
  const Outcome outcome =
      Train("run", {"--lr", "1e6", "--lr-schedule", "constant", "--epochs", "20"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(Has(outcome.err, "mulberry train: fp32: the loss is ")) << outcome.err;
}

TEST_F(CliTrainTest, DataThatIsNotThereLeavesNoRun) {
  const ScopedVariable data("MULBERRY_DATA", (folder_ + "/data").c_str());
  const Outcome trained = Train("run", {"--data", "mnist"});
  EXPECT_EQ(trained.exit_code, 1);
  EXPECT_TRUE(Has(trained.err, folder_ + "/data")) << trained.err;
  EXPECT_FALSE(fs::exists(folder_ + "/run"));
}

// The network and the shape of CIFAR-10's published results, augmented as there.
TEST_F(CliTrainTest, TrainsAResNetOnColourImages) {
  const Outcome trained =
      Train("run", {"--model", "resnet20", "--data", "synthetic-cifar", "--augment", "crop-flip",
                    "--limit-train", "32", "--limit-test", "16", "--arithmetic", "mitchell@bf16"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_FALSE(Has(trained.err, "stayed native")) << trained.err;
  // What is done to the images is part of the run.
  const Outcome other =
      Mulberry({"train", "--resume", "--out", folder_ + "/run", "--augment", "none"});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_TRUE(Has(other.err, "it has augment: 'crop-flip', not 'none'")) << other.err;
}

TEST_F(CliTrainTest, TheLastOfTwoValuesCounts) {
  const Outcome trained = Train("run", {"--epochs", "2", "--arithmetic", "fp32"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_TRUE(Has(trained.err, "epoch 2/2")) << trained.err;
}

}  // namespace
}  // namespace mulberry
