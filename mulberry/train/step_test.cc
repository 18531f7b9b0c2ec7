// One step of training against the optimisers' formulas, and evaluation against counting by hand.
#include "mulberry/train/step.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "mulberry/data/synthetic.h"

namespace mulberry {
namespace {

// Scores = images * weight for one-pixel images: small enough to work out.
class Scale : public Network {
 public:
  Scale() : weight_(register_parameter("weight", torch::tensor({0.5f, -0.25f}))) {}
  torch::Tensor forward(torch::Tensor images) override { return images.reshape({-1, 1}) * weight_; }
  double weight(int64_t i) const { return weight_[i].item<float>(); }

 private:
  torch::Tensor weight_;
};

Batch OneSample(float pixel, int64_t label) {
  return {torch::full({1, 1, 1, 1}, pixel), torch::full({1}, label, torch::kInt64)};
}

// The derivative of the cross entropy of Scale's scores by weight i, worked out: x·(softmax_i −
// y_i).
double Gradient(double w0, double w1, double x, int64_t label, int i) {
  const double p0 = 1 / (1 + std::exp((w1 - w0) * x));
  return x * ((i == 0 ? p0 : 1 - p0) - (label == i ? 1 : 0));
}

TEST(TrainStep, FollowsSgdWithMomentumAndWeightDecay) {
  Config config;
  config.momentum = 0.9;
  config.weight_decay = 0.01;
  Scale model;
  const auto optimizer = MakeOptimizer(config, model);
  double w[2] = {0.5, -0.25};
  double velocity[2] = {0, 0};
  for (const auto& [x, label, lr] : {std::tuple{2.0, 1, 0.1}, {-1.0, 0, 0.1}, {0.5, 1, 0.02}}) {
    const double g[2] = {Gradient(w[0], w[1], x, label, 0), Gradient(w[0], w[1], x, label, 1)};
    for (int i = 0; i < 2; ++i) {
      velocity[i] = 0.9 * velocity[i] + g[i] + 0.01 * w[i];
      w[i] -= lr * velocity[i];
    }
    TrainStep(model, *optimizer, lr, OneSample(static_cast<float>(x), label));
    EXPECT_NEAR(model.weight(0), w[0], 1e-6);
    EXPECT_NEAR(model.weight(1), w[1], 1e-6);
  }
}

TEST(TrainStep, FollowsAdam) {
  Config config;
  config.optimizer = "adam";
  config.lr = 0.001;
  Scale model;
  const auto optimizer = MakeOptimizer(config, model);
  TrainStep(model, *optimizer, 0.01, OneSample(2, 1));
  // The first step of Adam is lr in the direction of the gradient's sign.
  EXPECT_NEAR(model.weight(0), 0.5 - 0.01, 1e-6);
  EXPECT_NEAR(model.weight(1), -0.25 + 0.01, 1e-6);
}

// Of Scale's weight, a vector, and a matrix, only the matrix decays.
TEST(TrainStep, LeavesVectorsWithoutDecay) {
  struct WithMatrix : Scale {
    torch::Tensor matrix = register_parameter("matrix", torch::ones({1, 1}));
    torch::Tensor forward(torch::Tensor images) override {
      return Scale::forward(images) + 0 * matrix;
    }
  };
  for (const char* name : {"sgd", "adam"}) {
    Config config;
    config.optimizer = name;
    config.weight_decay = 0.5;
    config.momentum = 0;
    config.weight_decay_of = "weights";
    WithMatrix decaying;
    Scale plain;
    const auto optimizer = MakeOptimizer(config, decaying);
    ASSERT_EQ(optimizer->param_groups().size(), 2u);
    TrainStep(decaying, *optimizer, 0.1, OneSample(2, 1));
    config.weight_decay = 0;
    TrainStep(plain, *MakeOptimizer(config, plain), 0.1, OneSample(2, 1));
    EXPECT_EQ(decaying.weight(0), plain.weight(0)) << name;
    EXPECT_EQ(decaying.weight(1), plain.weight(1)) << name;
    // Of SGD 0.1 * 0.5 of 1; the first step of Adam is the learning rate.
    EXPECT_NEAR(decaying.matrix.item<float>(), name == std::string("sgd") ? 0.95 : 0.9, 1e-6);
  }
}

// Labels become 1 - s + s/2 for the right class and s/2 for the other.
TEST(TrainStep, SmoothsLabels) {
  Scale model;
  Config config;
  config.momentum = 0;
  const auto optimizer = MakeOptimizer(config, model);
  const Scores scores =
      TrainStep(model, *optimizer, 0.1, OneSample(2, 1), {.label_smoothing = 0.3});
  // Scores 1 and -0.5.
  const double of_0 = std::log1p(std::exp(-1.5)), of_1 = std::log1p(std::exp(1.5));
  EXPECT_NEAR(scores.loss_sum, 0.85 * of_1 + 0.15 * of_0, 1e-6);
  const double gradient =
      0.85 * Gradient(0.5, -0.25, 2, 1, 0) + 0.15 * Gradient(0.5, -0.25, 2, 0, 0);
  EXPECT_NEAR(model.weight(0), 0.5 - 0.1 * gradient, 1e-6);
}

TEST(TrainStep, ReportsLossAndHits) {
  Scale model;
  const auto optimizer = MakeOptimizer({}, model);
  // Scores 1 and -0.5: class 0 wins; loss = log(1 + exp(1.5)) for label 1.
  const Scores scores = TrainStep(model, *optimizer, 0, OneSample(2, 1));
  EXPECT_NEAR(scores.loss_sum, std::log1p(std::exp(1.5)), 1e-6);
  EXPECT_EQ(scores.samples, 1);
  EXPECT_EQ(scores.correct, 0);
  EXPECT_EQ(TrainStep(model, *optimizer, 0, OneSample(2, 0)).correct, 1);
}

TEST(TrainStep, DoesNotUpdateOnANonFiniteLoss) {
  Scale model;
  const auto optimizer = MakeOptimizer({}, model);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(TrainStep(model, *optimizer, 1, OneSample(nan, 0)).loss_sum));
  EXPECT_EQ(model.weight(0), 0.5);
}

TEST(Evaluate, SumsOverTheWholeSet) {
  Scale model;
  Dataset data;
  // Class 0 wins for positive pixels; more samples than an evaluation batch.
  data.images = torch::tensor({1.0f, -1.0f, 2.0f}).repeat(700).reshape({2100, 1, 1, 1});
  data.labels = torch::tensor({0, 1, 1}, torch::kInt64).repeat(700);
  data.classes = 2;
  const Scores scores = Evaluate(model, data);
  EXPECT_EQ(scores.samples, 2100);
  EXPECT_EQ(scores.correct, 1400);
  const double loss = std::log1p(std::exp(-0.75)) * 2 + std::log1p(std::exp(1.5));
  EXPECT_NEAR(scores.loss(), loss / 3, 1e-6);
  EXPECT_NEAR(scores.accuracy_pct(), 200.0 / 3, 1e-12);
}

TEST(ShapeOf, IsThatOfAnImage) {
  EXPECT_EQ(ShapeOf({torch::zeros({5, 3, 8, 9}), torch::zeros({5}), 10}), (ImageShape{3, 8, 9}));
}

TEST(Limited, TakesTheFirst) {
  const Dataset data = MakeSynthetic(Split::kTest, 30, 0);
  const Dataset limited = Limited(data, 12);
  EXPECT_EQ(limited.size(), 12);
  EXPECT_EQ(limited.classes, data.classes);
  EXPECT_TRUE(limited.images.equal(data.images.narrow(0, 0, 12)));
  EXPECT_EQ(Limited(data, 0).size(), 30);
  EXPECT_EQ(Limited(data, 31).size(), 30);
}

}  // namespace
}  // namespace mulberry
