// The networks in training: all their products are simulated under the mode, in all passes; their
// multiply-accumulates are as many as published; and a step lowers the loss.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "mulberry/models/registry.h"
#include "mulberry/nn/approximate.h"

namespace mulberry {
namespace {

// Images that the network takes, no larger than need be: networks for ImageNet leave 2x2 pixels of
// 64x64.
ImageShape SmallImages(const NetworkInfo& info) {
  if (info.least_side == 0) return info.input;
  const int64_t side = std::max(info.least_side, std::min<int64_t>(info.input[1], 64));
  return {3, side, side};
}

torch::Tensor Images(int64_t n, const ImageShape& shape) {
  torch::manual_seed(1);
  return torch::randn({n, shape[0], shape[1], shape[2]});
}

// Of the same dropped inputs each time.
torch::Tensor LossOf(Network& network, const torch::Tensor& images) {
  torch::manual_seed(2);
  const torch::Tensor labels = torch::arange(images.size(0));
  return torch::nn::functional::cross_entropy(network.forward(images), labels);
}

class NetworkTest : public testing::TestWithParam<std::string> {
 protected:
  const NetworkInfo& info_ = FindNetwork(GetParam());
  const ImageShape shape_ = SmallImages(info_);
  const std::shared_ptr<Network> network_ = MakeNetwork(GetParam(), 10, 1, shape_);
};

TEST_P(NetworkTest, SimulatesEveryProduct) {
  Approximate mode(*network_, Policy::Uniform(ParseArithmetic("exact@bf16")));
  LossOf(*network_, Images(2, shape_)).backward();
  std::set<std::pair<std::string, Pass>> simulated;
  for (const LayerRun& line : mode.Report().lines) {
    EXPECT_EQ(line.why_native, "") << line.layer;
    EXPECT_EQ(line.arithmetic, "exact@bf16") << line.layer;
    simulated.emplace(line.layer, line.pass);
  }
  bool first = true;
  for (const auto& layer : network_->named_modules()) {
    if (!layer.value()->as<torch::nn::Conv2d>() && !layer.value()->as<torch::nn::Linear>())
      continue;
    EXPECT_TRUE(simulated.contains({layer.key(), Pass::kForward})) << layer.key();
    EXPECT_TRUE(simulated.contains({layer.key(), Pass::kWeightGradient})) << layer.key();
    // Images need no gradient.
    EXPECT_NE(simulated.contains({layer.key(), Pass::kInputGradient}), first) << layer.key();
    first = false;
  }
}

TEST_P(NetworkTest, LearnsInAStep) {
  const torch::Tensor images = Images(8, shape_);
  torch::optim::SGD optimizer(network_->parameters(), torch::optim::SGDOptions(1e-3));
  const torch::Tensor before = LossOf(*network_, images);
  before.backward();
  for (const auto& parameter : network_->named_parameters()) {
    ASSERT_TRUE(parameter.value().grad().defined()) << parameter.key();
    EXPECT_TRUE(parameter.value().grad().isfinite().all().item<bool>()) << parameter.key();
  }
  optimizer.step();
  EXPECT_LT(LossOf(*network_, images).item<float>(), before.item<float>());
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const NetworkInfo& info : Networks()) names.emplace_back(info.name);
  return names;
}
std::string TestName(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(All, NetworkTest, testing::ValuesIn(Names()), TestName);

// In units of 10^9 for one image: torchvision's figures for ImageNet; for CIFAR-10 those that
// papers on pruning start from.
TEST(Networks, MultiplyAsOftenAsPublished) {
  const std::tuple<const char*, int64_t, double> published[] = {
      {"resnet18-imagenet", 1000, 1.814}, {"resnet34-imagenet", 1000, 3.664},
      {"resnet50-imagenet", 1000, 4.089}, {"mobilenetv2-imagenet", 1000, 0.301},
      {"resnet20", 10, 0.04055},          {"resnet32", 10, 0.06886},
      {"resnet18", 10, 0.5554},           {"vgg16", 10, 0.3132}};
  const torch::NoGradGuard no_grad;
  for (const auto& [name, classes, gmacs] : published) {
    const NetworkInfo& info = FindNetwork(name);
    const std::shared_ptr<Network> network = info.make(info.input, classes);
    network->eval();
    const Approximate mode(*network, Policy{});
    network->forward(Images(1, info.input));
    // Within the last digit that is given.
    EXPECT_NEAR(1e-9 * static_cast<double>(mode.Report().native_macs()), gmacs,
                gmacs < 0.1   ? 5e-6
                : gmacs < 0.3 ? 5e-5
                              : 5e-4)
        << name;
  }
}

}  // namespace
}  // namespace mulberry
