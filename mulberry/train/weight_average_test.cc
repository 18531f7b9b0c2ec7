// The moving average of weights against its formula, and what it leaves of the network.
#include "mulberry/train/weight_average.h"

#include <gtest/gtest.h>

#include <sstream>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

// One weight and one batch normalisation, whose statistics are buffers.
struct Small : torch::nn::Module {
  explicit Small(int64_t weights = 1)
      : weight(register_parameter("weight", torch::full({weights}, 2.0f))),
        norm(register_module("norm", torch::nn::BatchNorm2d(1))) {}
  void Set(float value) {
    const torch::NoGradGuard no_grad;
    weight.fill_(value);
    norm->running_mean.fill_(-value);
    norm->num_batches_tracked.fill_(static_cast<int64_t>(value));
  }
  torch::Tensor weight;
  torch::nn::BatchNorm2d norm;
};

TEST(WeightAverage, FollowsItsFormula) {
  Small model;
  WeightAverage average(0.25, model);
  double expected = 2, of_mean = 0;
  for (int n = 0; n < 10; ++n) {
    const double value = n * n + 0.5;
    model.Set(static_cast<float>(value));
    average.Update();
    const double decay = std::min(0.25, (1.0 + n) / (10.0 + n));
    expected = decay * expected + (1 - decay) * value;
    of_mean = decay * of_mean - (1 - decay) * value;
    const WeightAverage::Applied applied(average);
    EXPECT_NEAR(model.weight.item<float>(), expected, 1e-5);
    EXPECT_NEAR(model.norm->running_mean.item<float>(), of_mean, 1e-5);
    EXPECT_EQ(model.norm->num_batches_tracked.item<int64_t>(), n * n);
  }
}

TEST(WeightAverage, GivesTheWeightsBackInTheirPlace) {
  Small model;
  WeightAverage average(0.9, model);
  model.Set(0.1f);
  average.Update();
  const void* const storage = model.weight.data_ptr();
  {
    const WeightAverage::Applied applied(average);
    EXPECT_NE(model.weight.item<float>(), 0.1f);
    EXPECT_EQ(model.weight.data_ptr(), storage);  // By which the mode knows the layer.
  }
  EXPECT_EQ(model.weight.item<float>(), 0.1f);
  EXPECT_EQ(model.norm->running_mean.item<float>(), -0.1f);
  EXPECT_EQ(model.weight.data_ptr(), storage);
}

TEST(WeightAverage, GoesOnFromItsArchive) {
  Small model;
  WeightAverage average(0.9, model);
  for (const float value : {0.1f, 0.7f, 0.3f}) {
    model.Set(value);
    average.Update();
  }
  std::stringstream file;
  torch::serialize::OutputArchive out;
  average.save(out);
  out.save_to(file);
  torch::serialize::InputArchive in;
  in.load_from(file);
  Small other;
  other.Set(0.3f);
  WeightAverage resumed(0.9, other);
  resumed.load(in);
  average.Update();
  resumed.Update();
  const WeightAverage::Applied applied(average), applied_to_other(resumed);
  EXPECT_TRUE(other.weight.equal(model.weight));
  EXPECT_TRUE(other.norm->running_mean.equal(model.norm->running_mean));

  Small larger(2);
  WeightAverage of_larger(0.9, larger);
  EXPECT_THROW(of_larger.load(in), Error);
}

std::string MessageOf(const Config& config) {
  try {
    CheckWeightAverage(config);
  } catch (const UsageError& e) {
    return e.what();
  }
  return "";
}

TEST(WeightAverage, NeedsWeightsInFp32) {
  Config config;
  config.weights = "bf16";
  EXPECT_EQ(MessageOf(config), "");
  config.ema_decay = 0.99;
  EXPECT_EQ(MessageOf(config),
            "ema-decay: 0.99: the average is in FP32, but weights, bf16, keeps none in it; leave "
            "one out");
  config.weights = "";
  EXPECT_EQ(MessageOf(config), "");
  config.schedule = {"dps(target=12)"};
  EXPECT_EQ(MessageOf(config),
            "ema-decay: 0.99: the average is in FP32, but schedule dps keeps no weights in it; "
            "leave one out");
}

}  // namespace
}  // namespace mulberry
