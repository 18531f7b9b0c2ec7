// A run that was killed goes on to the same final bits: the program is ended in mid-epoch by
// SIGKILL, as often as it takes, and by Ctrl-C, and compared with a run that was left alone.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "mulberry/base/test_folder.h"
#include "mulberry/cli/test_program.h"
#include "mulberry/models/registry.h"
#include "mulberry/report/metrics.h"
#include "mulberry/train/checkpoint.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kBatches = 100;  // An epoch.
constexpr int64_t kEpochs = 3;

class ResumeTest : public testing::Test {
 protected:
  Program Start(const std::string& out, int64_t epochs,
                const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"train",
                                          "--data",
                                          "synthetic",
                                          "--arithmetic",
                                          "mitchell@bf16+round=stochastic",
                                          "--limit-train",
                                          std::to_string(10 * kBatches),
                                          "--batch-size",
                                          "10",
                                          "--limit-test",
                                          "50",
                                          "--checkpoint-every",
                                          "3",
                                          "--native-batches",
                                          "4",
                                          "--threads",
                                          "1",
                                          "--epochs",
                                          std::to_string(epochs),
                                          "--out",
                                          Folder(out)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Program(arguments, Folder(out) + "_program");
  }
  Program Resume(const std::string& out) const {
    return Program({"train", "--resume", "--out", Folder(out)}, Folder(out) + "_program");
  }

  std::string Folder(const std::string& out) const { return folder_ + "/" + out; }
  std::string CheckpointFile(const std::string& out) const { return Folder(out) + "/checkpoint"; }

  // Batches that the run's checkpoint has behind it.
  int64_t Position(const std::string& out) const {
    if (!fs::exists(CheckpointFile(out))) return 0;
    const TrainingState state = Checkpoint(CheckpointFile(out)).state();
    return state.epoch * kBatches + state.batch;
  }

  // Waits until the run's checkpoint is past `position`, or its program has ended.
  void WaitFor(const Program& program, const std::string& out, int64_t position) const {
    while (program.Running() && Position(out) <= position) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  // All but which of the strategies that give the same bits served, which is for timings to say.
  static std::string ReportOf(const Checkpoint& checkpoint) {
    RunReport report = checkpoint.state().mode.report;
    for (LayerRun& line : report.lines) line.strategy.clear();
    return FormatTable(report);
  }

  void ExpectSameBits(const std::string& x, const std::string& y) const {
    const Metrics of_x = ReadMetrics(Folder(x) + "/metrics.jsonl");
    const Metrics of_y = ReadMetrics(Folder(y) + "/metrics.jsonl");
    ASSERT_EQ(of_x.epochs.size(), static_cast<size_t>(kEpochs));
    ASSERT_EQ(of_y.epochs.size(), static_cast<size_t>(kEpochs));
    for (size_t i = 0; i < of_x.epochs.size(); ++i) {
      auto json_x = ToJson(of_x.epochs[i]);
      auto json_y = ToJson(of_y.epochs[i]);
      json_x.erase("timing");
      json_y.erase("timing");
      EXPECT_EQ(json_x, json_y);
    }
    ASSERT_EQ(of_x.iterations.size(), of_y.iterations.size());
    for (size_t i = 0; i < of_x.iterations.size(); ++i) {
      EXPECT_EQ(ToJson(of_x.iterations[i]), ToJson(of_y.iterations[i]));
    }
    Checkpoint checkpoint_x(CheckpointFile(x));
    Checkpoint checkpoint_y(CheckpointFile(y));
    EXPECT_EQ(ReportOf(checkpoint_x), ReportOf(checkpoint_y));
    const auto model_x = MakeNetwork("lenet5", 10, 7);
    const auto model_y = MakeNetwork("lenet5", 10, 8);
    checkpoint_x.Restore(*model_x);
    checkpoint_y.Restore(*model_y);
    const auto parameters = model_y->named_parameters();
    for (const auto& parameter : model_x->named_parameters()) {
      EXPECT_TRUE(parameter.value().equal(parameters[parameter.key()])) << parameter.key();
    }
  }

  void ExpectSameBitsAfterKills(const std::vector<std::string>& more) const {
    ASSERT_EQ(Start("whole", kEpochs, more).Wait().exit_code, 0);
    int killed = 0;
    for (const int64_t position : {0, 40, 95, 150, 210}) {
      const Program program = position == 0 ? Start("parts", kEpochs, more) : Resume("parts");
      WaitFor(program, "parts", position);
      program.Signal(SIGKILL);
      killed += program.Wait().exit_code == 128 + SIGKILL;
    }
    // On a crowded machine a run may be done before its signal is sent.
    EXPECT_GE(killed, 1);
    const Outcome end = Resume("parts").Wait();
    ASSERT_EQ(end.exit_code, 0) << end.err;
    ExpectSameBits("whole", "parts");
  }

  const TestFolder test_folder_;
  const std::string folder_ = test_folder_.path();
};

TEST_F(ResumeTest, GoesOnAfterEveryKill) {
  ExpectSameBitsAfterKills({});
}

TEST_F(ResumeTest, DynamicPrecisionGoesOnAfterEveryKill) {
  ExpectSameBitsAfterKills({"--schedule", "dps(isearch=4,start-il=-3,loss=20,round=stochastic)"});
}

TEST_F(ResumeTest, StopsCleanlyAtAnInterrupt) {
  const auto interrupt = [&](const Program& program, int signal) {
    const int64_t before = Position("run");
    WaitFor(program, "run", before);
    program.Signal(signal);
    const Outcome outcome = program.Wait();
    EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
    EXPECT_NE(outcome.err.find("mulberry train: stopped; to go on: mulberry train --resume --out " +
                               Folder("run") + "\n"),
              std::string::npos)
        << outcome.err;
    EXPECT_GT(Position("run"), before);
  };
  interrupt(Start("run", 1000), SIGINT);
  interrupt(Resume("run"), SIGTERM);
}

}  // namespace
}  // namespace mulberry
