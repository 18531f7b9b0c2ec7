// Comparisons: what they leave in their folder, and when they refuse it.
#include "mulberry/train/compare.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"
#include "mulberry/train/machine.h"
#include "mulberry/train/trainer.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

class CompareTest : public testing::Test {
 protected:
  CompareTest() { UseThreads(1); }

  Config Small(const std::vector<std::string>& arithmetics) const {
    Config config;
    config.data = "synthetic";
    config.arithmetic = arithmetics;
    config.epochs = 1;
    config.batch_size = 20;
    config.limit_train = 60;
    config.limit_test = 20;
    config.native_batches = 3;
    config.out = out_;
    return Complete(config);
  }

  static Comparison CompareNow(
      const Config& config, Existing existing = Existing::kRefuse,
      const std::function<bool()>& stop = [] { return false; }) {
    std::ostringstream ignored;
    ProgressDisplay progress(ignored, {});
    return Compare(config, DescribeMachine(), existing, progress, stop);
  }

  static std::string MessageOf(const Config& config, Existing existing) {
    try {
      CompareNow(config, existing);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }

  const TestFolder folder_;
  const std::string out_ = folder_.path() / "run";
};

TEST_F(CompareTest, RunsEachInItsFolder) {
  const Config config = Small({"fp32", "mitchell@bf16", "drum(k=6)@bf16"});
  const Comparison comparison = CompareNow(config);
  EXPECT_FALSE(comparison.stopped);
  EXPECT_TRUE(comparison.failures.empty());
  ASSERT_EQ(comparison.runs.size(), 3u);
  EXPECT_EQ(comparison.runs[0].row.arithmetic, "fp32");
  EXPECT_EQ(comparison.runs[0].row.difference_points, 0);
  EXPECT_EQ(comparison.runs[0].row.approximate_macs, MacCounts());
  EXPECT_TRUE(comparison.runs[0].row.slow_down.has_value());
  EXPECT_GT(comparison.runs[1].row.approximate_macs.total(), 0);
  EXPECT_FALSE(comparison.runs[1].layers.lines.empty());
  EXPECT_EQ(ReadConfig(out_ + "/" + kConfigFile), config);
  for (const char* run : {"fp32", "mitchell@bf16", "drum_k=6_@bf16"}) {
    const Metrics metrics = ReadMetrics(out_ + "/" + run + "/" + kMetricsFile);
    EXPECT_EQ(metrics.epochs.size(), 1u);
    EXPECT_EQ(metrics.header.configuration.at("epochs"), 1);
    EXPECT_TRUE(fs::exists(out_ + "/" + run + "/" + kCheckpointFile));
  }
}

// In FP32 a warm-up is none, and the others are compared with that run.
TEST_F(CompareTest, TheRunOfFp32IsTheBaselineUnderAWarmUpToo) {
  Config config = Small({"fp32", "mitchell@bf16"});
  config.schedule = {"warmup"};
  const Comparison comparison = CompareNow(config);
  EXPECT_EQ(comparison.runs[0].row.schedule, "");
  EXPECT_EQ(comparison.runs[1].row.schedule, "warmup");
  EXPECT_TRUE(comparison.runs[1].row.difference_points.has_value());
}

TEST_F(CompareTest, RefusesARecipeThatNoRunWouldHave) {
  Config config = Small({"fp32"});
  config.weights = "bf16";
  EXPECT_NE(MessageOf(config, Existing::kRefuse).find("exact@fp32 is simulated"),
            std::string::npos);
}

TEST_F(CompareTest, PutsOneArithmeticInTheFolderItself) {
  CompareNow(Small({"fp32"}));
  EXPECT_TRUE(fs::exists(out_ + "/" + kMetricsFile));
  EXPECT_TRUE(fs::exists(out_ + "/" + kCheckpointFile));
}

TEST_F(CompareTest, RefusesToOverwrite) {
  const Config config = Small({"fp32"});
  CompareNow(config);
  const auto before = fs::last_write_time(out_ + "/" + kMetricsFile);
  EXPECT_EQ(MessageOf(config, Existing::kRefuse),
            out_ +
                ": exists; --resume goes on with the run there, --force replaces it, --out names "
                "another folder");
  EXPECT_EQ(fs::last_write_time(out_ + "/" + kMetricsFile), before);
  EXPECT_EQ(MessageOf(config, Existing::kReplace), "");
}

TEST_F(CompareTest, ForceKeepsForeignFiles) {
  fs::create_directories(out_);
  std::ofstream(out_ + "/notes") << "mine";
  EXPECT_NE(MessageOf(Small({"fp32"}), Existing::kRefuse), "");
  EXPECT_EQ(MessageOf(Small({"fp32"}), Existing::kReplace), "");
  EXPECT_TRUE(fs::exists(out_ + "/notes"));
}

TEST_F(CompareTest, RefusesToResumeWhatIsNotThere) {
  EXPECT_EQ(MessageOf(Small({"fp32"}), Existing::kResume),
            out_ + ": no run to resume: no config.toml");
  EXPECT_FALSE(fs::exists(out_));
}

TEST_F(CompareTest, RefusesToResumeAnotherConfiguration) {
  CompareNow(Small({"fp32"}));
  Config other = Small({"fp32"});
  other.epochs = 2;
  EXPECT_EQ(MessageOf(other, Existing::kResume),
            out_ + ": the run there is of another configuration; it has epochs: 1, not 2");
}

TEST_F(CompareTest, NamesAFolderThatCannotBe) {
  std::ofstream(out_) << "a file";
  EXPECT_EQ(MessageOf(Small({"fp32"}), Existing::kRefuse), out_ + ": is a file, not a folder");
}

TEST_F(CompareTest, GoesOnWhereItStopped) {
  const Config config = Small({"fp32", "mitchell@bf16"});
  int asked = 0;
  // Three batches a run: in the middle of the second.
  const Comparison stopped = CompareNow(config, Existing::kRefuse, [&] { return ++asked == 5; });
  EXPECT_TRUE(stopped.stopped);
  EXPECT_EQ(stopped.runs.size(), 1u);
  const auto fp32_written = fs::last_write_time(out_ + "/fp32/" + kCheckpointFile);
  const Comparison resumed = CompareNow(config, Existing::kResume);
  EXPECT_FALSE(resumed.stopped);
  ASSERT_EQ(resumed.runs.size(), 2u);
  EXPECT_EQ(fs::last_write_time(out_ + "/fp32/" + kCheckpointFile), fp32_written);
  const Comparison whole = CompareNow(config, Existing::kReplace);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(resumed.runs[i].row.test_accuracy_pct, whole.runs[i].row.test_accuracy_pct);
    EXPECT_EQ(resumed.runs[i].row.approximate_macs, whole.runs[i].row.approximate_macs);
  }
}

TEST_F(CompareTest, ADivergingRunDoesNotKeepTheOthers) {
  Config config = Small({"exact@bf16", "exact@e5m2+overflow=inf"});
  config.epochs = 3;
  config.lr = 60;
  config.lr_schedule = "constant";
  config.optimizer = "sgd";
  const Comparison comparison = CompareNow(config);
  EXPECT_EQ(comparison.runs.size() + comparison.failures.size(), 2u);
  EXPECT_FALSE(comparison.failures.empty());
  // Failures are errors again when resumed: the checkpoint leads to the same loss.
  EXPECT_EQ(CompareNow(config, Existing::kResume).failures, comparison.failures);
}

TEST(RunFolderName, IsAFileName) {
  EXPECT_EQ(RunFolderName("mitchell@bf16"), "mitchell@bf16");
  EXPECT_EQ(RunFolderName("drum(k=6)@float(5,10)+round=zero"), "drum_k=6_@float_5_10_+round=zero");
  EXPECT_EQ(RunFolderName("table:../MIT_7.bin@bf16"), "table_.._MIT_7.bin@bf16");
}

}  // namespace
}  // namespace mulberry
