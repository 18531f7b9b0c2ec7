// Checkpoints: everything comes back, and every damaged file is refused by name.
#include "mulberry/train/checkpoint.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"
#include "mulberry/data/synthetic.h"
#include "mulberry/models/registry.h"

namespace mulberry {
namespace {

class CheckpointTest : public testing::TestWithParam<std::string> {
 protected:
  static TrainingState State() {
    TrainingState state;
    state.epoch = 3;
    state.batch = 17;
    state.scores = {1.0 / 3, 640, 600};
    state.timing.train_seconds = 0.1;
    state.timing.slow_downs = {1.5, 2.5};
    state.mode.approximate_macs = {1, 2, 3};
    state.mode.native_macs = {4, 5, 6};
    state.mode.random_position = ~uint64_t{0};
    LayerRun line;
    line.layer = "conv1";
    line.op = "conv2d";
    line.pass = Pass::kWeightGradient;
    line.arithmetic = "mbm@bf16";
    line.strategy = "register table";
    line.calls = 12;
    line.macs = int64_t{1} << 50;
    state.mode.report.lines = {line};
    return state;
  }

  std::string Bytes() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Write(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }

  void SaveSmall() const {
    auto model = MakeNetwork("lenet5", 10, 1);
    SaveCheckpoint(path_, config_, State(), *model, *MakeOptimizer(config_, *model));
  }

  // Empty if the file is accepted.
  std::string MessageOfReading() const {
    try {
      Checkpoint checkpoint(path_);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }

  const TestFolder test_folder_;
  const std::string folder_ = test_folder_.path();
  const std::string path_ = folder_ + "/checkpoint";
  Config config_ = Complete({});
};

TEST_F(CheckpointTest, KeepsConfigurationAndState) {
  SaveSmall();
  const Checkpoint checkpoint(path_);
  EXPECT_EQ(checkpoint.config(), config_);
  const TrainingState state = checkpoint.state();
  const TrainingState expected = State();
  EXPECT_EQ(state.epoch, expected.epoch);
  EXPECT_EQ(state.batch, expected.batch);
  EXPECT_EQ(state.scores.loss_sum, expected.scores.loss_sum);
  EXPECT_EQ(state.scores.samples, expected.scores.samples);
  EXPECT_EQ(state.scores.correct, expected.scores.correct);
  EXPECT_EQ(state.timing.train_seconds, expected.timing.train_seconds);
  EXPECT_EQ(state.timing.slow_downs, expected.timing.slow_downs);
  EXPECT_EQ(state.mode.approximate_macs, expected.mode.approximate_macs);
  EXPECT_EQ(state.mode.native_macs, expected.mode.native_macs);
  EXPECT_EQ(state.mode.random_position, expected.mode.random_position);
  EXPECT_EQ(FormatTable(state.mode.report), FormatTable(expected.mode.report));
}

// A step more from the checkpoint gives the bits of a step more without it, so every tensor of
// model and optimiser has come back; and LibTorch's generator goes on where it was.
TEST_P(CheckpointTest, GoesOnToTheSameBits) {
  config_.optimizer = GetParam();
  config_ = Complete(config_);
  const Batches batches(MakeSynthetic(Split::kTrain, 48, 0), 16);
  auto model = MakeNetwork("lenet5", 10, 1);
  auto optimizer = MakeOptimizer(config_, *model);
  TrainStep(*model, *optimizer, 0.01, batches.at(0));
  TrainStep(*model, *optimizer, 0.01, batches.at(1));
  torch::manual_seed(5);
  SaveCheckpoint(path_, config_, {}, *model, *optimizer);
  const torch::Tensor random = torch::rand({4});
  TrainStep(*model, *optimizer, 0.01, batches.at(2));

  torch::manual_seed(6);
  auto other = MakeNetwork("lenet5", 10, 2);
  auto other_optimizer = MakeOptimizer(config_, *other);
  Checkpoint checkpoint(path_);
  checkpoint.Restore(*other);
  checkpoint.Restore(*other_optimizer);
  EXPECT_TRUE(torch::rand({4}).equal(random));
  TrainStep(*other, *other_optimizer, 0.01, batches.at(2));
  const auto expected = model->named_parameters();
  for (const auto& parameter : other->named_parameters()) {
    EXPECT_TRUE(parameter.value().equal(expected[parameter.key()])) << parameter.key();
  }
}
INSTANTIATE_TEST_SUITE_P(Optimizers, CheckpointTest, testing::Values("sgd", "adam"));

TEST_F(CheckpointTest, RefusesAMissingFile) {
  EXPECT_EQ(MessageOfReading().rfind(path_ + ": cannot be read: No such file", 0), 0u);
}

TEST_F(CheckpointTest, RefusesAnotherFile) {
  Write("PK\3\4 something else entirely\n");
  EXPECT_EQ(MessageOfReading(),
            path_ + ": is no checkpoint: it does not begin with 'mulberry checkpoint 1 '");
  Write("");
  EXPECT_EQ(MessageOfReading(),
            path_ + ": is no checkpoint: it does not begin with 'mulberry checkpoint 1 '");
}

TEST_F(CheckpointTest, RefusesEveryTruncation) {
  SaveSmall();
  const std::string bytes = Bytes();
  for (size_t size = 0; size < bytes.size(); size += size < 2000 ? 37 : 60013) {
    Write(bytes.substr(0, size));
    const std::string message = MessageOfReading();
    EXPECT_EQ(message.rfind(path_ + ": is ", 0), 0u) << size << ": " << message;
  }
  Write(bytes.substr(0, bytes.size() - 1));
  EXPECT_NE(MessageOfReading().find("truncated"), std::string::npos);
  Write(bytes + "x");
  EXPECT_NE(MessageOfReading().find("corrupt"), std::string::npos);
}

TEST_F(CheckpointTest, RefusesEveryFlippedBit) {
  SaveSmall();
  const std::string bytes = Bytes();
  for (size_t at = 0; at < bytes.size(); at += at < 2000 ? 41 : 60013) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    Write(flipped);
    EXPECT_EQ(MessageOfReading().rfind(path_ + ": is ", 0), 0u) << at << ": " << MessageOfReading();
  }
}

TEST_F(CheckpointTest, RefusesAnotherModel) {
  SaveSmall();
  Checkpoint checkpoint(path_);
  const auto other = MakeNetwork("lenet300", 10, 1);
  EXPECT_THROW(checkpoint.Restore(*other), Error);
}

TEST_F(CheckpointTest, LeavesNoOtherFile) {
  SaveSmall();
  SaveSmall();
  const std::filesystem::directory_iterator files(folder_);
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(CheckpointTest, NamesAPathThatCannotBeWritten) {
  auto model = MakeNetwork("lenet5", 10, 1);
  const std::string path = folder_ + "/none/checkpoint";
  try {
    SaveCheckpoint(path, config_, {}, *model, *MakeOptimizer(config_, *model));
    FAIL() << "no Error";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find(path), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace mulberry
