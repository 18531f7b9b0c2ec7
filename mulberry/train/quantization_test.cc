#include "mulberry/train/quantization.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "mulberry/base/error.h"
#include "mulberry/models/registry.h"
#include "mulberry/train/checkpoint.h"
#include "mulberry/train/step.h"
#include "mulberry/train/trainer.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

const std::string kSpec = "exact@uint8xint8+scale=affine/max(channel)";

class Quantization : public testing::Test {
 protected:
  Quantization() { fs::create_directories(folder_); }
  ~Quantization() override { fs::remove_all(folder_); }

  Config Of(const std::string& arithmetic) const {
    Config config;
    config.model = "lenet5";
    config.data = "synthetic";
    config.arithmetic = {arithmetic};
    config.epochs = 1;
    config.limit_train = 640;
    config.limit_test = 200;
    config.native_batches = 0;
    config.out = folder_ / "unused";
    return config;
  }

  // Trains and returns the folder.
  std::string Trained(Config config, const std::string& name) {
    config = Complete(config);
    const TrainingData data = LoadTrainingData(config);
    std::ostringstream nowhere;
    ProgressDisplay progress(nowhere, {});
    fs::create_directories(folder_ / name);
    const RunHeader header;
    const TrainingRun run{config, header, folder_ / name, name};
    Train(run, data, progress, [] { return false; });
    return folder_ / name;
  }

  const fs::path folder_ =
      fs::temp_directory_path() / ("mulberry_quantization_test_" + std::to_string(getpid()));
};

TEST_F(Quantization, CalibrationTakesTheRangesOfQuantisedLayersOnly) {
  Config config = Of(kSpec + " | fp32");
  config.policy = {"fc2=fp32"};
  config.calibration = "min-max";
  config.calibration_samples = 50;
  config = Complete(config);
  const TrainingData data = LoadTrainingData(config);
  const auto network = NewNetwork(config, data.train);
  const Approximate::Ranges ranges = Calibrate(config, *network, data.train);
  ASSERT_TRUE(ranges.contains("conv1"));
  EXPECT_FALSE(ranges.contains("fc2"));
  const torch::Tensor sample = data.train.images.narrow(0, 0, 50);
  EXPECT_EQ(ranges.at("conv1").smallest, std::min(0.0f, sample.min().item<float>()));
  EXPECT_EQ(ranges.at("conv1").largest, sample.max().item<float>());
  EXPECT_EQ(ranges.at("conv2").smallest, 0);  // After ReLU.

  config.calibration = "percentile(99)";
  const Approximate::Ranges clipped = Calibrate(config, *network, data.train);
  for (const auto& [layer, range] : clipped) {
    EXPECT_LT(range.largest, ranges.at(layer).largest) << layer;
    EXPECT_GT(range.largest, 0) << layer;
  }
}

TEST_F(Quantization, CalibrationRefusesWhatTheFormatCannotHold) {
  Config config = Of("exact@uint8xint8 | fp32");
  config.calibration = "mse";
  config = Complete(config);
  const TrainingData data = LoadTrainingData(config);
  const auto network = NewNetwork(config, data.train);
  EXPECT_THROW(Calibrate(config, *network, data.train), Error);  // Images have negative pixels.
  config.policy = {"conv1:forward=exact@uint8xint8+scale=affine/max"};
  EXPECT_NO_THROW(Calibrate(config, *network, data.train));
}

TEST_F(Quantization, RangesAreKeptInTheCheckpoint) {
  Config config = Of(kSpec + " | fp32");
  config.calibration = "mse";
  const Checkpoint checkpoint(Trained(config, "run") + "/checkpoint");
  EXPECT_EQ(checkpoint.state().ranges.size(), 5u);
  config = Complete(config);
  const TrainingData data = LoadTrainingData(config);
  EXPECT_EQ(checkpoint.state().ranges,
            Calibrate(config, *NewNetwork(config, data.train), data.train));
}

TEST_F(Quantization, StartsWithTheWeightsOfAnotherRun) {
  const std::string run = Trained(Of("fp32"), "float");
  const Config config = Complete(Of("fp32"));
  const TrainingData data = LoadTrainingData(config);
  const auto network = NewNetwork(config, data.train);
  StartFrom(run, config, *network, data.train);
  const auto trained = NewNetwork(config, data.train);
  Checkpoint(run + "/checkpoint").Restore(*trained);
  EXPECT_EQ(Evaluate(*network, data.test).loss_sum, Evaluate(*trained, data.test).loss_sum);

  Config next = Of(kSpec + " | fp32");
  next.start = run;
  next.lr = 1e-30;
  next.gradient_estimator = "slopes(window=1)";
  Checkpoint after(Trained(next, "next") + "/checkpoint");
  const auto same = NewNetwork(config, data.train);
  after.Restore(*same);
  EXPECT_EQ(Evaluate(*same, data.test).loss_sum, Evaluate(*trained, data.test).loss_sum);

  Config other = Of("fp32");
  other.model = "lenet300";
  EXPECT_THROW(StartFrom(run, Complete(other), *network, data.train), Error);
  EXPECT_THROW(StartFrom(folder_, config, *network, data.train), UsageError);
  EXPECT_THROW(StartFrom(folder_ / "nothing", config, *network, data.train), Error);
}

TEST_F(Quantization, FoldsAndGoesOnFolded) {
  Config config = Of("fp32");
  config.model = "resnet20";
  config.data = "synthetic-cifar";
  config.limit_train = 64;
  config.limit_test = 64;
  const std::string run = Trained(config, "float");
  config = Complete(config);
  const TrainingData data = LoadTrainingData(config);
  const auto plain = NewNetwork(config, data.train);
  StartFrom(run, config, *plain, data.train);

  Config folded = config;
  folded.fold_batch_norm = "yes";
  folded.start = run;
  folded.lr = 1e-30;
  const auto network = NewNetwork(folded, data.train);
  StartFrom(run, folded, *network, data.train);
  const double loss = Evaluate(*plain, data.test).loss();
  EXPECT_NEAR(Evaluate(*network, data.test).loss(), loss, 1e-3 * loss);

  const std::string next = Trained(folded, "folded");
  const auto again = NewNetwork(folded, data.train);
  StartFrom(next, folded, *again, data.train);
  EXPECT_NEAR(Evaluate(*again, data.test).loss(), loss, 1e-3 * loss);
  EXPECT_THROW(StartFrom(next, config, *plain, data.train), Error);
}

TEST_F(Quantization, SaysWhereAKeyWouldChangeNothing) {
  Config config = Of("fp32");
  config.calibration = "mse";
  EXPECT_THROW(Complete(config), UsageError);
  config.calibration = "";
  config.gradient_estimator = "slopes";
  EXPECT_THROW(Complete(config), UsageError);
  config.arithmetic = {"mitchell@int8 | fp32"};
  EXPECT_NO_THROW(Complete(config));
  config.gradient_estimator = "slopes(w=1)";
  EXPECT_THROW(Complete(config), UsageError);
  config.gradient_estimator = "";
  config.calibration = "maximum";
  EXPECT_THROW(Complete(config), UsageError);
}

}  // namespace
}  // namespace mulberry
