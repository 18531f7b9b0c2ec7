// The training loop: the same bits again, after any interruption too; MAC counts against the
// shapes; what a diverging run leaves.
#include "mulberry/train/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "mulberry/base/test_folder.h"
#include "mulberry/data/synthetic.h"
#include "mulberry/models/registry.h"
#include "mulberry/train/checkpoint.h"
#include "mulberry/train/machine.h"
#include "mulberry/train/weight_average.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kTrain = 60;
constexpr int64_t kTest = 20;

// Multiply-accumulates of LeNet-5 for one image, from its shapes: outputs times inputs of each.
constexpr int64_t kConv1 = 28 * 28 * 6 * (1 * 5 * 5);
constexpr int64_t kConv2 = 10 * 10 * 16 * (6 * 5 * 5);
constexpr int64_t kFc1 = 400 * 120;
constexpr int64_t kFc2 = 120 * 84;
constexpr int64_t kFc3 = 84 * 10;
constexpr int64_t kForward = kConv1 + kConv2 + kFc1 + kFc2 + kFc3;

class TrainerTest : public testing::Test {
 protected:
  TrainerTest() { UseThreads(1); }

  static Config SmallConfig(const std::string& arithmetic) {
    Config config;
    config.model = "lenet5";
    config.data = "synthetic";
    config.arithmetic = {arithmetic};
    config.epochs = 2;
    config.batch_size = 16;  // Four batches, the last of 12.
    config.native_batches = 0;
    return Complete(config);
  }

  // Trains in the sub-folder `name`; `stop` as Train's.
  RunEnd TrainIn(
      const std::string& name, const Config& config, bool resume = false,
      const std::function<bool()>& stop = [] { return false; }) {
    TrainingRun run{config, DescribeMachine(), Folder(name), name, resume};
    fs::create_directories(run.folder);
    std::ostringstream ignored;
    ProgressDisplay progress(ignored, {});
    return Train(run, data_, progress, stop);
  }

  std::string Folder(const std::string& name) const { return folder_ + "/" + name; }
  Metrics MetricsOf(const std::string& name) const {
    return ReadMetrics(Folder(name) + "/" + kMetricsFile);
  }
  Checkpoint CheckpointOf(const std::string& name) const {
    return Checkpoint(Folder(name) + "/" + kCheckpointFile);
  }

  // The metrics but for what is measured in seconds.
  std::string Record(const std::string& name) const {
    std::string text;
    for (const EpochMetrics& epoch : MetricsOf(name).epochs) {
      auto json = ToJson(epoch);
      json.erase("timing");
      text += json.dump() + "\n";
    }
    for (const IterationMetrics& iteration : MetricsOf(name).iterations) {
      text += ToJson(iteration).dump() + "\n";
    }
    return text;
  }

  // Every parameter of the checkpoints is the same, bit for bit, and so are the metrics.
  void ExpectSameBits(const std::string& x, const std::string& y) const {
    EXPECT_EQ(Record(x), Record(y));
    const auto of_x = MakeNetwork("lenet5", 10, 7);
    const auto of_y = MakeNetwork("lenet5", 10, 8);
    CheckpointOf(x).Restore(*of_x);
    CheckpointOf(y).Restore(*of_y);
    const auto parameters = of_y->named_parameters();
    for (const auto& parameter : of_x->named_parameters()) {
      EXPECT_TRUE(parameter.value().equal(parameters[parameter.key()])) << parameter.key();
    }
  }

  // A run that is stopped after any batch from `first` to the last, and resumed, is that of
  // "whole".
  void ExpectStopsToChangeNothing(const Config& config, int first) {
    for (int stop_at = first; stop_at <= 8; ++stop_at) {
      int asked = 0;
      ASSERT_EQ(TrainIn("parts", config, false, [&] { return ++asked == stop_at; }),
                RunEnd::kStopped);
      ASSERT_EQ(TrainIn("parts", config, true), RunEnd::kFinished);
      ExpectSameBits("whole", "parts");
    }
  }

  const TestFolder test_folder_;
  const std::string folder_ = test_folder_.path();
  const TrainingData data_ = {MakeSynthetic(Split::kTrain, kTrain, 0),
                              MakeSynthetic(Split::kTest, kTest, 0)};
};

TEST_F(TrainerTest, GivesTheSameBitsAgain) {
  for (const char* arithmetic : {"fp32", "mitchell@bf16", "exact@e5m2+round=stochastic"}) {
    const Config config = SmallConfig(arithmetic);
    TrainIn("a", config);
    TrainIn("b", config);
    ExpectSameBits("a", "b");
  }
}

TEST_F(TrainerTest, GivesOtherBitsForAnotherSeedOrArithmetic) {
  Config config = SmallConfig("mitchell@bf16");
  TrainIn("a", config);
  TrainIn("b", SmallConfig("mbm@bf16"));
  EXPECT_NE(Record("a"), Record("b"));
  config.seed = 2;
  TrainIn("b", config);
  EXPECT_NE(Record("a"), Record("b"));
}

TEST_F(TrainerTest, MeasuringTheSlowDownChangesNoBit) {
  Config config = SmallConfig("exact@e5m2+round=stochastic");
  TrainIn("a", config);
  config.native_batches = 4;
  TrainIn("b", config);
  ExpectSameBits("a", "b");
  EXPECT_TRUE(MetricsOf("a").epochs[0].timing.slow_downs.empty());
  EXPECT_EQ(MetricsOf("b").epochs[0].timing.slow_downs.size(), 4u);
}

TEST_F(TrainerTest, GoesOnAfterAStopAtAnyBatch) {
  for (const char* optimizer : {"sgd", "adam"}) {
    Config config = SmallConfig("mitchell@bf16+round=stochastic");
    config.optimizer = optimizer;
    config.lr = 0.01;
    TrainIn("whole", config);
    ExpectStopsToChangeNothing(config, 1);
  }
}

// What is done to an image depends on neither the batches before it nor the number of stops.
TEST_F(TrainerTest, AugmentationGoesOnAfterAStopAtAnyBatch) {
  Config config = SmallConfig("mitchell@bf16");
  TrainIn("plain", config);
  config.augment = "crop-flip";
  TrainIn("whole", config);
  EXPECT_NE(Record("plain"), Record("whole"));
  ExpectStopsToChangeNothing(config, 1);
}

// A recipe with all its parts, whose state and random numbers a cut must not touch.
TEST_F(TrainerTest, ErrorModelsGoOnAfterAStopAtAnyBatch) {
  for (const char* on : {"weights", "steps", "products"}) {
    const Config config = SmallConfig(fmt::format("noise(mre=1.4%,on={})@fp32", on));
    TrainIn("whole", config);
    ExpectStopsToChangeNothing(config, 3);
  }
}

TEST_F(TrainerTest, ARecipeGoesOnAfterAStopAtAnyBatch) {
  Config config = SmallConfig("exact@posit(8,1)+scale=center | exact@posit(8,2)xposit(8,1)");
  config.weights = "bf16+round=stochastic";
  config.gradients = "float(5,3)+round=stochastic+scale=max";
  config.loss_scale = "dynamic";
  config.schedule = {"warmup(epochs=1)"};
  TrainIn("whole", config);
  ExpectStopsToChangeNothing(config, 3);
}

TEST_F(TrainerTest, OptionsOfTrainingGoOnAfterAStopAtAnyBatch) {
  for (const char* optimizer : {"sgd", "adam"}) {
    Config config = SmallConfig("mitchell@bf16");
    config.optimizer = optimizer;
    config.lr = 0.01;
    config.ema_decay = 0.9;
    config.label_smoothing = 0.1;
    config.weight_decay = 0.01;
    config.weight_decay_of = "weights";
    config.lr_schedule = "milestones";
    config.lr_milestones = "1,2";
    config.lr_warmup_epochs = 0.75;
    config.early_stop = 3;
    TrainIn("whole", config);
    ExpectStopsToChangeNothing(config, 1);
  }
}

// Training does not see the average; the test has it in place of the weights.
TEST_F(TrainerTest, TestsTheAverageOfTheWeights) {
  Config config = SmallConfig("mitchell@bf16");
  TrainIn("plain", config);
  config.ema_decay = 0.9;
  TrainIn("average", config);
  const EpochMetrics plain = MetricsOf("plain").epochs[1], average = MetricsOf("average").epochs[1];
  EXPECT_EQ(average.train_loss, plain.train_loss);
  EXPECT_NE(average.test_loss, plain.test_loss);
  EXPECT_EQ(average.approximate_macs, plain.approximate_macs);

  const auto model = MakeNetwork("lenet5", 10, 7);
  Checkpoint checkpoint = CheckpointOf("average");
  checkpoint.Restore(*model);
  WeightAverage restored(config.ema_decay, *model);
  checkpoint.Restore(restored);
  const WeightAverage::Applied applied(restored);
  ModeRecord record;
  RunMode mode(config, *model, record);
  mode.Enter(PolicyOf(config));
  EXPECT_EQ(Evaluate(*model, data_.test).loss(), average.test_loss);
  EXPECT_THROW(CheckpointOf("plain").Restore(restored), Error);
}

// A learning rate that changes no test: three epochs, of which two are no better than the first.
TEST_F(TrainerTest, EndsEarly) {
  Config config = SmallConfig("fp32");
  config.epochs = 10;
  config.lr = 1e-30;
  config.lr_schedule = "constant";
  config.early_stop = 2;
  EXPECT_EQ(TrainIn("whole", config), RunEnd::kFinished);
  EXPECT_EQ(MetricsOf("whole").epochs.size(), 3u);
  EXPECT_TRUE(MetricsOf("whole").finished());
  const auto before = fs::last_write_time(Folder("whole") + "/" + kCheckpointFile);
  EXPECT_EQ(TrainIn("whole", config, true), RunEnd::kFinished);
  EXPECT_EQ(fs::last_write_time(Folder("whole") + "/" + kCheckpointFile), before);
  ExpectStopsToChangeNothing(config, 1);
}

// Channels and size are those of the data, which here are not those of CIFAR-10.
TEST_F(TrainerTest, MakesTheNetworkForTheImages) {
  Config config = SmallConfig("mitchell@bf16");
  config.model = "resnet20";
  config.epochs = 1;
  TrainIn("a", config);
  TrainIn("b", config);
  EXPECT_EQ(Record("a"), Record("b"));
  EXPECT_EQ(MetricsOf("a").epochs.at(0).native_macs, MacCounts());
}

// The first epoch is that of fp32, and has no simulated MAC; the second is not.
TEST_F(TrainerTest, WarmsUpInFp32) {
  Config config = SmallConfig("mitchell@e4m3");
  config.schedule = {"warmup"};
  config.weights = "bf16";
  TrainIn("warm", config);
  TrainIn("fp32", SmallConfig("fp32"));
  const std::vector<EpochMetrics> warm = MetricsOf("warm").epochs, fp32 = MetricsOf("fp32").epochs;
  EXPECT_EQ(warm[0].train_loss, fp32[0].train_loss);
  EXPECT_EQ(warm[0].test_loss, fp32[0].test_loss);
  EXPECT_EQ(warm[0].approximate_macs.total(), 0);
  EXPECT_NE(warm[1].train_loss, fp32[1].train_loss);
  EXPECT_GT(warm[1].approximate_macs.total(), 0);
}

// Formats that change while the run is cut up: from 31 bits to 9 after the first iterations.
TEST_F(TrainerTest, AHybridLeavesItsArithmeticAtTheSwitch) {
  Config config = SmallConfig("mitchell@bf16");
  config.epochs = 3;
  TrainIn("approximate", config);
  config.schedule = {"hybrid(switch=2)"};
  TrainIn("hybrid", config);
  config.schedule = {"hybrid(exact-epochs=1)"};
  TrainIn("at the end", config);
  config.schedule = {"hybrid(switch=2,layers=fc*)"};
  TrainIn("partly", config);
  const auto epochs = MetricsOf("hybrid").epochs, approximate = MetricsOf("approximate").epochs;
  EXPECT_EQ(epochs[1].train_loss, approximate[1].train_loss);
  EXPECT_EQ(epochs[1].approximate_macs, approximate[1].approximate_macs);
  EXPECT_NE(epochs[2].train_loss, approximate[2].train_loss);
  EXPECT_EQ(epochs[2].approximate_macs, MacCounts());
  EXPECT_EQ(Record("at the end"), Record("hybrid"));
  const MacCounts partly = MetricsOf("partly").epochs[2].approximate_macs;
  EXPECT_EQ(partly.forward, (kTrain + kTest) * (kConv1 + kConv2));
}

TEST_F(TrainerTest, AHybridGoesOnAfterAStopAtAnyBatch) {
  Config config = SmallConfig("mitchell@bf16");
  config.epochs = 4;
  // The loss falls by less than 1 % an epoch, as it hardly does while it learns nothing.
  config.lr = 1e-6;
  config.schedule = {"hybrid(on=plateau,patience=1)"};
  TrainIn("once", config);
  EXPECT_EQ(MetricsOf("once").epochs[3].approximate_macs, MacCounts());
  int batches = 0;
  while (TrainIn("often", config, true, [&] { return ++batches % 3 == 0; }) == RunEnd::kStopped) {
  }
  EXPECT_EQ(Record("often"), Record("once"));
}

TEST_F(TrainerTest, DynamicPrecisionGoesOnAfterAStopAtAnyBatch) {
  for (const char* schedule :
       {"dps(target=9,isearch=1,start-il=-12)",
        "dps(target=9,isearch=1,start-il=-12,loss=2,dsearch=1,round=stochastic)"}) {
    Config config = SmallConfig("mitchell@bf16+round=stochastic");
    config.schedule = {schedule};
    config = Complete(config);
    TrainIn("whole", config);
    const std::vector<IterationMetrics> trace = MetricsOf("whole").iterations;
    ASSERT_EQ(trace.size(), 8u);
    EXPECT_EQ(trace.front().length, 31);
    EXPECT_TRUE(std::ranges::any_of(trace, [](const auto& line) { return line.length == 9; }));
    for (size_t i = 0; i < trace.size(); ++i) EXPECT_EQ(trace[i].iteration, int64_t(i));
    ExpectStopsToChangeNothing(config, 1);
  }
}

// As after a kill between two checkpoints: iterations beyond the checkpoint, the last one torn.
TEST_F(TrainerTest, CutsIterationsBackToTheCheckpoint) {
  Config config = SmallConfig("fp32");
  config.schedule = {"dps"};
  config = Complete(config);
  TrainIn("whole", config);
  int asked = 0;
  TrainIn("parts", config, false, [&] { return ++asked == 6; });
  fs::copy(Folder("parts") + "/" + kCheckpointFile, Folder("parts") + "/early");
  TrainIn("parts", config, true);
  fs::rename(Folder("parts") + "/early", Folder("parts") + "/" + kCheckpointFile);
  std::ofstream(Folder("parts") + "/" + kMetricsFile, std::ios::app) << "{\"iteration\":8,";
  TrainIn("parts", config, true);
  ExpectSameBits("whole", "parts");
}

// The trace's MACs are those of training, without the tests.
TEST_F(TrainerTest, TracesTheMacsOfTraining) {
  Config config = SmallConfig("fp32");
  config.schedule = {"dps"};
  TrainIn("a", Complete(config));
  int64_t traced = 0;
  for (const IterationMetrics& iteration : MetricsOf("a").iterations) {
    for (const auto& [bits, macs] : iteration.macs) traced += macs;
  }
  EXPECT_EQ(traced, 2 * kTrain * (3 * kForward - kConv1));
  const EpochMetrics epoch = MetricsOf("a").epochs.at(0);
  EXPECT_EQ(epoch.native_macs.forward, (kTrain + kTest) * kForward);
}

// Four batches an epoch: six are one epoch and half of the next.
TEST_F(TrainerTest, EndsAfterTheIterations) {
  Config config = SmallConfig("mitchell@bf16");
  config.iterations = 6;
  config.epochs = 1;
  config.lr_schedule = "constant";
  TrainIn("six", config);
  const Metrics six = MetricsOf("six");
  ASSERT_EQ(six.epochs.size(), 2u);
  EXPECT_EQ(six.epochs[0].share, 1);
  EXPECT_EQ(six.epochs[1].share, 0.5);
  EXPECT_EQ(six.epochs[1].approximate_macs.weight_gradient, 2 * 16 * kForward);
  EXPECT_TRUE(six.iterations.empty());
  EXPECT_EQ(TrainIn("six", config, true), RunEnd::kFinished);
  EXPECT_EQ(MetricsOf("six").epochs.size(), 2u);

  for (int stop_at = 1; stop_at <= 6; ++stop_at) {
    int asked = 0;
    ASSERT_EQ(TrainIn("parts", config, false, [&] { return ++asked == stop_at; }),
              RunEnd::kStopped);
    ASSERT_EQ(TrainIn("parts", config, true), RunEnd::kFinished);
    ExpectSameBits("six", "parts");
  }
  config.iterations = 4;
  TrainIn("four", config);
  ASSERT_EQ(MetricsOf("four").epochs.size(), 1u);
  config.iterations = 0;
  TrainIn("epoch", config);
  ExpectSameBits("four", "epoch");
}

TEST_F(TrainerTest, GoesOnAfterAStopAtEveryBatch) {
  const Config config = SmallConfig("mbm@bf16");
  TrainIn("whole", config);
  int stops = 0;
  bool resume = false;
  while (TrainIn("parts", config, resume, [] { return true; }) == RunEnd::kStopped) {
    resume = true;
    ASSERT_LE(++stops, 8);
  }
  EXPECT_EQ(stops, 8);
  ExpectSameBits("whole", "parts");
}

// As after a kill: the metrics are ahead of the checkpoint, and end in a torn line.
TEST_F(TrainerTest, CutsMetricsBackToTheCheckpoint) {
  const Config config = SmallConfig("mitchell@bf16");
  TrainIn("whole", config);
  int asked = 0;
  TrainIn("parts", config, false, [&] { return ++asked == 2; });
  fs::copy(Folder("parts") + "/" + kCheckpointFile, Folder("parts") + "/early");
  TrainIn("parts", config, true);
  fs::rename(Folder("parts") + "/early", Folder("parts") + "/" + kCheckpointFile);
  std::ofstream(Folder("parts") + "/" + kMetricsFile, std::ios::app) << "{\"epoch\":3,";
  TrainIn("parts", config, true);
  ExpectSameBits("whole", "parts");
}

TEST_F(TrainerTest, StartsAgainUnlessResumed) {
  const Config config = SmallConfig("fp32");
  TrainIn("a", config);
  TrainIn("b", config);
  TrainIn("b", config);
  ExpectSameBits("a", "b");
  EXPECT_EQ(MetricsOf("b").epochs.size(), 2u);
}

TEST_F(TrainerTest, DoesNothingToAFinishedRun) {
  const Config config = SmallConfig("fp32");
  TrainIn("a", config);
  const auto before = fs::last_write_time(Folder("a") + "/" + kCheckpointFile);
  EXPECT_EQ(TrainIn("a", config, true), RunEnd::kFinished);
  EXPECT_EQ(fs::last_write_time(Folder("a") + "/" + kCheckpointFile), before);
}

TEST_F(TrainerTest, RefusesACheckpointOfAnotherConfiguration) {
  Config config = SmallConfig("fp32");
  TrainIn("a", config);
  config.lr = 0.125;
  try {
    TrainIn("a", config, true);
    FAIL() << "no Error";
  } catch (const Error& e) {
    EXPECT_EQ(std::string(e.what()), Folder("a") +
                                         "/checkpoint: is of another configuration; it "
                                         "has lr: 0.05, not 0.125");
  }
}

TEST_F(TrainerTest, CountsTheMacsOfTheShapes) {
  TrainIn("a", SmallConfig("mitchell@bf16"));
  const Metrics metrics = MetricsOf("a");
  ASSERT_EQ(metrics.epochs.size(), 2u);
  for (const EpochMetrics& epoch : metrics.epochs) {
    EXPECT_EQ(epoch.approximate_macs.forward, (kTrain + kTest) * kForward);
    // Images need no gradient, so the first layer's is not computed.
    EXPECT_EQ(epoch.approximate_macs.input_gradient, kTrain * (kForward - kConv1));
    EXPECT_EQ(epoch.approximate_macs.weight_gradient, kTrain * kForward);
    EXPECT_EQ(epoch.native_macs, MacCounts());
  }
  EXPECT_EQ(CheckpointOf("a").state().mode.report.approximate_macs(),
            2 * ((kTrain + kTest) * kForward + kTrain * (2 * kForward - kConv1)));
}

TEST_F(TrainerTest, CountsNativeLayersApart) {
  Config config = SmallConfig("mitchell@bf16");
  config.policy = {"fc*=fp32", "conv2:input_gradient=fp32"};
  TrainIn("a", Complete(config));
  const EpochMetrics epoch = MetricsOf("a").epochs.at(0);
  const int64_t fc = kFc1 + kFc2 + kFc3;
  EXPECT_EQ(epoch.approximate_macs.forward, (kTrain + kTest) * (kConv1 + kConv2));
  EXPECT_EQ(epoch.approximate_macs.input_gradient, 0);
  EXPECT_EQ(epoch.approximate_macs.weight_gradient, kTrain * (kConv1 + kConv2));
  EXPECT_EQ(epoch.native_macs.forward, (kTrain + kTest) * fc);
  EXPECT_EQ(epoch.native_macs.input_gradient, kTrain * (fc + kConv2));
}

TEST_F(TrainerTest, ADivergingRunKeepsItsLastCheckpoint) {
  Config config = SmallConfig("fp32");
  config.epochs = 30;
  config.lr = 1e4;
  config.lr_schedule = "constant";
  config.checkpoint_every = 1;
  try {
    TrainIn("a", config);
    FAIL() << "did not diverge";
  } catch (const DivergedError& e) {
    const std::string message = e.what();
    EXPECT_EQ(message.rfind("fp32: the loss is ", 0), 0u) << message;
    EXPECT_NE(message.find(Folder("a") + "/checkpoint has the last state"), std::string::npos)
        << message;
  }
  EXPECT_GT(CheckpointOf("a").state().batch + CheckpointOf("a").state().epoch, 0);
}

TEST_F(TrainerTest, LearnsUnderEveryArithmetic) {
  for (const char* arithmetic : {"fp32", "exact@bf16", "mitchell@bf16", "mbm@bf16"}) {
    Config config = SmallConfig(arithmetic);
    config.epochs = 30;
    config.lr = 0.05;
    TrainIn("a", config);
    EXPECT_GE(MetricsOf("a").epochs.back().train_accuracy_pct, 90) << arithmetic;
  }
}

}  // namespace
}  // namespace mulberry
