#include "mulberry/models/fold.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"
#include "mulberry/models/registry.h"

namespace mulberry {
namespace {

// With statistics and parameters unlike those of a new network.
std::shared_ptr<Network> Trained(const char* name, const ImageShape& images) {
  auto network = MakeNetwork(name, 10, 1, images);
  const torch::NoGradGuard no_grad;
  torch::manual_seed(1);
  for (const auto& module : network->modules()) {
    if (auto* norm = module->as<torch::nn::BatchNorm2d>()) {
      norm->weight.uniform_(0.5, 1.5);
      norm->bias.uniform_(-0.5, 0.5);
      norm->running_mean.uniform_(-0.5, 0.5);
      norm->running_var.uniform_(0.5, 2);
    }
  }
  return network;
}

TEST(FoldBatchNorms, KeepsTheScores) {
  for (const char* name : {"resnet20", "vgg11", "mobilenetv2", "resnet50"}) {
    const ImageShape shape{3, 32, 32};
    const auto network = Trained(name, shape);
    network->eval();
    const torch::Tensor images = torch::randn({2, 3, 32, 32});
    const torch::Tensor before = network->forward(images).detach();
    FoldBatchNorms(*network, shape);
    const torch::Tensor after = network->forward(images).detach();
    EXPECT_LT((after - before).abs().max().item<float>(), 1e-3 * before.abs().max().item<float>())
        << name;
  }
}

TEST(FoldBatchNorms, LeavesNothingToNormalise) {
  const auto network = Trained("resnet20", {3, 32, 32});
  FoldBatchNorms(*network, {3, 32, 32});
  network->eval();
  const torch::Tensor images = torch::randn({4, 3, 32, 32});
  const torch::Tensor in_evaluation = network->forward(images).detach();
  network->train();
  EXPECT_TRUE(torch::equal(network->forward(images), in_evaluation));
  torch::nn::functional::cross_entropy(network->forward(images), torch::tensor({1, 2, 3, 4}))
      .backward();
  for (const auto& parameter : network->named_parameters()) {
    const bool of_norm = parameter.key().find("bn") != std::string::npos;
    EXPECT_EQ(parameter.value().grad().defined(), !of_norm) << parameter.key();
  }
}

TEST(FoldBatchNorms, OfANetworkWithoutAnyDoesNothing) {
  const auto network = MakeNetwork("lenet5", 10, 1);
  const torch::Tensor images = torch::randn({2, 1, 28, 28});
  const torch::Tensor before = network->forward(images).detach();
  FoldBatchNorms(*network, {1, 28, 28});
  EXPECT_TRUE(torch::equal(network->forward(images), before));
}

TEST(FoldBatchNorms, RefusesANormalisationThatFollowsNoConvolution) {
  struct First : Network {
    torch::nn::BatchNorm2d norm{3};
    torch::nn::Conv2d conv{torch::nn::Conv2dOptions(3, 4, 3)};
    First() {
      register_module("norm", norm);
      register_module("conv", conv);
    }
    torch::Tensor forward(torch::Tensor images) override {
      return conv->forward(norm->forward(images)).mean({2, 3});
    }
  };
  const auto network = std::make_shared<First>();
  EXPECT_THROW(FoldBatchNorms(*network, {3, 8, 8}), Error);
}

}  // namespace
}  // namespace mulberry
