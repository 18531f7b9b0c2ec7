// Training on users' circuits: every form of one circuit trains the same bits, and a function that
// fails half-way costs no more than the epoch at work.
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "mulberry/circuits/table_files.h"
#include "mulberry/circuits/test_circuits.h"
#include "mulberry/models/registry.h"
#include "mulberry/train/checkpoint.h"
#include "mulberry/train/compare.h"
#include "mulberry/train/machine.h"
#include "mulberry/train/trainer.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

class CircuitTrainingTest : public testing::Test {
 protected:
  Config Small(const char* model, const std::vector<std::string>& arithmetics) const {
    Config config;
    config.model = model;
    config.data = "synthetic";
    config.arithmetic = arithmetics;
    config.epochs = 1;
    config.batch_size = 10;
    config.limit_train = 20;
    config.limit_test = 10;
    config.native_batches = 0;
    config.out = folder_.path() / "run";
    return Complete(config);
  }

  static Comparison CompareNow(
      const Config& config, Existing existing = Existing::kReplace,
      const std::function<bool()>& stop = [] { return false; }) {
    std::ostringstream ignored;
    ProgressDisplay progress(ignored, {});
    return Compare(config, DescribeMachine(), existing, progress, stop);
  }

  /// All parameters of the run in that folder, one after the other.
  static at::Tensor Parameters(const Config& config, const fs::path& run) {
    const auto model = MakeNetwork(config.model, 10, 1);
    Checkpoint((run / kCheckpointFile).string()).Restore(*model);
    std::vector<at::Tensor> all;
    for (const at::Tensor& parameter : model->parameters()) all.push_back(parameter.flatten());
    return torch::cat(all).detach();
  }

  const TestFolder folder_;
};

TEST_F(CircuitTrainingTest, EveryFormOfACircuitTrainsTheSameBits) {
  const std::string table = folder_.path() / "mul8s_drop.npy";
  WriteTable({Signed(8), TableOf(Signed(8), DropProduct)}, table, TableFormat::kNpy);
  const Config config =
      Small("lenet5", {"c:" + SourceFile("multipliers.c") + "#mul8s_drop@int8",
                       "verilog:" + SourceFile("multipliers.v") + "#mul8s_drop@int8",
                       "table:" + table + "@int8", "exact@int8"});
  const Comparison comparison = CompareNow(config);
  EXPECT_TRUE(comparison.failures.empty());
  std::vector<at::Tensor> trained;
  for (const std::string& arithmetic : config.arithmetic) {
    trained.push_back(Parameters(config, fs::path(config.out) / RunFolderName(arithmetic)));
  }
  EXPECT_TRUE(trained[0].equal(trained[1]));
  EXPECT_TRUE(trained[0].equal(trained[2]));
  EXPECT_FALSE(trained[0].equal(trained[3]));  // It is not exact by accident.
}

TEST_F(CircuitTrainingTest, AFunctionThatFailsHalfwayCostsTheEpochAtWorkOnly) {
  // Too wide for a table, so that it is evaluated while training runs; it fails once a file is
  // there.
  const std::string source = folder_.path() / "late.c", fault = folder_.path() / "fault";
  WriteTestFile(source, fmt::format("#include <stdlib.h>\n#include <unistd.h>\n"
                                    "long mul(int a, int b) {{\n"
                                    "  static int calls;\n"
                                    "  if (calls++ % 1024 == 0 && !access(\"{}\", F_OK)) abort();\n"
                                    "  return (long)a * b;\n}}\n",
                                    fault));
  Config config = Small("lenet300", {"c:" + source + "#mul@int16"});
  config.limit_train = 10;
  config.epochs = 2;
  const auto epochs = [&] { return ReadMetrics(config.out + "/" + kMetricsFile).epochs.size(); };
  const fs::path metrics = fs::path(config.out) / kMetricsFile;
  CompareNow(config, Existing::kReplace, [&] { return fs::exists(metrics) && epochs() == 1; });
  const at::Tensor first = Parameters(config, config.out);

  WriteTestFile(fault, "");
  const std::string message = MessageOf([&] { CompareNow(config, Existing::kResume); });
  EXPECT_TRUE(message.starts_with(source + "#mul: ")) << message;
  EXPECT_NE(message.find("signal 6 (Aborted)"), std::string::npos) << message;
  EXPECT_TRUE(Parameters(config, config.out).equal(first));
  EXPECT_EQ(epochs(), 1u);

  fs::remove(fault);
  CompareNow(config, Existing::kResume);
  EXPECT_EQ(epochs(), 2u);
  const at::Tensor resumed = Parameters(config, config.out);
  CompareNow(config);
  EXPECT_TRUE(Parameters(config, config.out).equal(resumed));
}

}  // namespace
}  // namespace mulberry
