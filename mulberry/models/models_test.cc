// The networks: shapes, sizes, layer names, and initial weights that depend on the seed alone.
#include <gtest/gtest.h>

#include <cmath>

#include "mulberry/base/error.h"
#include "mulberry/models/initialise.h"
#include "mulberry/models/mobilenet.h"
#include "mulberry/models/registry.h"
#include "mulberry/models/resnet.h"

namespace mulberry {
namespace {

int64_t Parameters(const Network& network) {
  int64_t count = 0;
  for (const torch::Tensor& parameter : network.parameters()) count += parameter.numel();
  return count;
}

TEST(Networks, HaveTheirStatedSizes) {
  for (const NetworkInfo& info : Networks()) {
    EXPECT_EQ(Parameters(*info.make(info.input, 10)), info.parameters) << info.name;
  }
}

// Published with the weights for ImageNet of torchvision, and with 62.4 million for AlexNet without
// groups.
TEST(Networks, HaveThePublishedSizesForImageNet) {
  const std::pair<const char*, int64_t> published[] = {{"resnet18-imagenet", 11689512},
                                                       {"resnet34-imagenet", 21797672},
                                                       {"resnet50-imagenet", 25557032},
                                                       {"mobilenetv2-imagenet", 3504872},
                                                       {"alexnet-imagenet", 62378344}};
  for (const auto& [name, parameters] : published) {
    const NetworkInfo& info = FindNetwork(name);
    EXPECT_EQ(Parameters(*info.make(info.input, 1000)), parameters) << name;
  }
}

TEST(Networks, GiveAScoreForEachClass) {
  for (const NetworkInfo& info : Networks()) {
    std::vector<ImageShape> shapes = {info.input};
    if (info.least_side > 0) {
      shapes.push_back({1, info.least_side, info.least_side});
      shapes.push_back({2, info.least_side + 7, info.least_side + 12});
    }
    for (const auto& shape : shapes) {
      const torch::NoGradGuard no_grad;
      const std::shared_ptr<Network> network = info.make(shape, 7);
      network->eval();
      const torch::Tensor scores = network->forward(torch::ones({2, shape[0], shape[1], shape[2]}));
      EXPECT_EQ(scores.sizes(), (std::vector<int64_t>{2, 7})) << info.name;
    }
  }
}

TEST(Networks, RefuseImagesThatTheyDoNotTake) {
  const auto message = [](const char* name, const ImageShape& images) -> std::string {
    try {
      MakeNetwork(name, 10, 0, images);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message("lenet300", {3, 32, 32}),
            "model lenet300 takes images of 1x28x28, not of 3x32x32");
  EXPECT_EQ(message("lenet5", {3, 32, 11}),
            "model lenet5 takes images of at least 12x12, not of 3x32x11");
  EXPECT_EQ(message("vgg11", {1, 28, 28}),
            "model vgg11 takes images of at least 32x32, not of 1x28x28");
  EXPECT_EQ(message("resnet20", {1, 28, 28}), "");
}

// The layers' names are what policies match, and so must not change.
TEST(Networks, NameTheirLayers) {
  const auto names = [](std::string_view network) {
    std::vector<std::string> all;
    for (const auto& layer : MakeNetwork(network, 10, 0)->named_children())
      all.push_back(layer.key());
    return all;
  };
  EXPECT_EQ(names("lenet300"), (std::vector<std::string>{"fc1", "fc2", "fc3"}));
  EXPECT_EQ(names("lenet5"), (std::vector<std::string>{"conv1", "conv2", "fc1", "fc2", "fc3"}));
  EXPECT_EQ(names("caffe-lenet"), (std::vector<std::string>{"conv1", "conv2", "fc1", "fc2"}));
  EXPECT_EQ(names("resnet20"),
            (std::vector<std::string>{"conv1", "bn1", "stage1", "stage2", "stage3", "fc"}));
  EXPECT_EQ(names("resnet18"), (std::vector<std::string>{"conv1", "bn1", "stage1", "stage2",
                                                         "stage3", "stage4", "fc"}));
  EXPECT_EQ(names("vgg11"),
            (std::vector<std::string>{"conv1_1", "bn1_1", "conv2_1", "bn2_1", "conv3_1", "bn3_1",
                                      "conv3_2", "bn3_2", "conv4_1", "bn4_1", "conv4_2", "bn4_2",
                                      "conv5_1", "bn5_1", "conv5_2", "bn5_2", "fc"}));
  EXPECT_EQ(names("alexnet-cifar"), (std::vector<std::string>{"conv1", "conv2", "conv3", "conv4",
                                                              "conv5", "fc1", "fc2", "fc3"}));
  EXPECT_EQ(names("mobilenetv2"),
            (std::vector<std::string>{"conv1", "bn1", "stage1", "stage2", "stage3", "stage4",
                                      "stage5", "stage6", "stage7", "conv2", "bn2", "fc"}));
  const auto has = [](std::string_view network, const std::string& parameter) {
    return MakeNetwork(network, 10, 0)->named_parameters().contains(parameter);
  };
  EXPECT_TRUE(has("resnet20", "stage3.2.conv2.weight"));
  EXPECT_TRUE(has("resnet18", "stage2.0.shortcut_conv.weight"));
  EXPECT_FALSE(has("resnet18", "stage1.0.shortcut_conv.weight"));
  EXPECT_TRUE(has("resnet50", "stage1.0.shortcut_bn.weight"));
  EXPECT_TRUE(has("resnet50", "stage4.2.conv3.weight"));
  EXPECT_TRUE(has("mobilenetv2", "stage2.1.depthwise.weight"));
  EXPECT_FALSE(has("mobilenetv2", "stage1.0.expand.weight"));
}

TEST(Networks, SuggestTheNearestName) {
  try {
    FindNetwork("lenet4");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "no model \"lenet4\"; did you mean \"lenet5\"? There are: lenet300, lenet5, "
                 "caffe-lenet, resnet20, resnet32, resnet18, resnet34, resnet50, "
                 "resnet18-imagenet, resnet34-imagenet, resnet50-imagenet, vgg11, vgg13, vgg16, "
                 "vgg19, alexnet-cifar, alexnet-imagenet, mobilenetv2, mobilenetv2-imagenet");
  }
}

// Likewise by hand, with an activation below zero before fc1, which only a rectifier would stop.
TEST(Networks, CaffeLeNetHasOneRectifier) {
  const torch::NoGradGuard no_grad;
  const std::shared_ptr<Network> network = MakeNetwork("caffe-lenet", 10, 0);
  auto parameters = network->named_parameters();
  for (auto& parameter : parameters) parameter.value().zero_();
  parameters["conv1.bias"][2] = -2;
  parameters["conv2.weight"][5][2][0][0] = 3;
  parameters["fc1.weight"][7][5 * 16] = -5;
  parameters["fc1.weight"][8][5 * 16] = 5;  // Its output is negative.
  parameters["fc2.weight"][9][7] = 7;
  parameters["fc2.weight"][9][8] = 11;
  const torch::Tensor scores = network->forward(torch::zeros({1, 1, 28, 28}));
  EXPECT_EQ(scores[0][9].item<float>(), -2 * 3 * -5 * 7);
}

// With all weights 0 but one path set by hand: pixel -> centre taps -> first unit of each layer.
TEST(Networks, LeNet5ComputesALineOfProducts) {
  const torch::NoGradGuard no_grad;
  const std::shared_ptr<Network> network = MakeNetwork("lenet5", 10, 0);
  auto parameters = network->named_parameters();
  for (auto& parameter : parameters) parameter.value().zero_();
  parameters["conv1.weight"][2][0][2][2] = 2;  // Centre tap of filter 2.
  parameters["conv2.weight"][5][2][0][0] = 3;  // First tap of filter 5 from channel 2.
  parameters["fc1.weight"][7][5 * 25] = 5;     // Position (0, 0) of channel 5.
  parameters["fc2.weight"][1][7] = 7;
  parameters["fc3.weight"][9][1] = 11;
  parameters["fc3.bias"][9] = 0.5;
  torch::Tensor image = torch::zeros({1, 1, 28, 28});
  image[0][0][3][3] = 1;  // Pooled to (1, 1), taken by output (1, 1), which is pooled to (0, 0).
  const torch::Tensor scores = network->forward(image);
  EXPECT_EQ(scores[0][9].item<float>(), 2 * 3 * 5 * 7 * 11 + 0.5f);
  EXPECT_EQ(scores[0][0].item<float>(), 0.0f);
  EXPECT_EQ(network->forward(-image)[0][9].item<float>(), 0.5f);  // The rectifiers stop it.
}

// A block whose convolutions are zero passes on what comes in: every other pixel, and its channels
// between zeros, where it halves the image.
TEST(Networks, ResidualBlocksAddTheirInput) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor x = torch::rand({2, 16, 6, 6});
  ResidualBlock same(ResidualKind::kPadded, 16, 16, 1), halving(ResidualKind::kPadded, 16, 32, 2);
  for (ResidualBlock* block : {&same, &halving}) {
    for (torch::Tensor& parameter : block->parameters()) parameter.zero_();
  }
  EXPECT_TRUE(torch::equal(same.forward(x), x));
  const torch::Tensor y = halving.forward(x);
  using torch::indexing::Slice;
  const torch::Tensor pixels = x.index({Slice(), Slice(), Slice(0, {}, 2), Slice(0, {}, 2)});
  EXPECT_TRUE(torch::equal(y.slice(1, 8, 24), pixels));
  EXPECT_EQ(y.slice(1, 0, 8).abs().sum().item<float>(), 0.0f);
  EXPECT_EQ(y.slice(1, 24, 32).abs().sum().item<float>(), 0.0f);
}

// Likewise with projections, where the shape changes: what the normalisation of the product leaves.
TEST(Networks, ResidualBlocksProjectTheirInput) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor x = torch::rand({2, 8, 6, 6});
  for (const ResidualKind kind : {ResidualKind::kProjected, ResidualKind::kBottleneck}) {
    ResidualBlock block(kind, 8, 4, 2);
    block.eval();
    for (torch::Tensor& parameter : block.parameters()) parameter.zero_();
    block.named_parameters()["shortcut_conv.weight"][3][5][0][0] = 2;
    block.named_parameters()["shortcut_bn.weight"].fill_(std::sqrt(1 + 1e-5));
    const torch::Tensor y = block.forward(x);
    EXPECT_EQ(y.size(1), kind == ResidualKind::kProjected ? 4 : 16);
    using torch::indexing::Slice;
    EXPECT_TRUE(torch::allclose(
        y.select(1, 3), 2 * x.select(1, 5).index({Slice(), Slice(0, {}, 2), Slice(0, {}, 2)})));
    EXPECT_EQ(y.select(1, 2).abs().sum().item<float>(), 0.0f);
  }
}

// A block of zeros adds nothing to what comes in, and has no shortcut where it halves the image.
TEST(Networks, InvertedResidualsAddTheirInputWhereTheShapeStays) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor x = torch::randn({2, 8, 6, 6});
  InvertedResidual same(8, 8, 6, 1), halving(8, 8, 6, 2), wider(8, 12, 6, 1);
  for (InvertedResidual* block : {&same, &halving, &wider}) {
    for (torch::Tensor& parameter : block->parameters()) parameter.zero_();
  }
  EXPECT_TRUE(torch::equal(same.forward(x), x));
  EXPECT_TRUE(torch::equal(halving.forward(x), torch::zeros({2, 8, 3, 3})));
  EXPECT_TRUE(torch::equal(wider.forward(x), torch::zeros({2, 12, 6, 6})));
}

TEST(Initialise, DependsOnTheSeedAlone) {
  const auto weights = [](uint64_t seed) {
    return torch::nn::utils::parameters_to_vector(MakeNetwork("lenet5", 10, seed)->parameters());
  };
  torch::manual_seed(1);
  const torch::Tensor first = weights(42);
  torch::manual_seed(2);
  EXPECT_TRUE(torch::equal(first, weights(42)));
  EXPECT_FALSE(torch::equal(first, weights(43)));
}

TEST(Initialise, IsUniformWithinTheBound) {
  const std::shared_ptr<Network> network = MakeNetwork("lenet300", 10, 1);
  for (const auto& parameter : network->named_parameters()) {
    const bool first = parameter.key().rfind("fc1", 0) == 0;
    const bool second = parameter.key().rfind("fc2", 0) == 0;
    const double bound = 1 / std::sqrt(first ? 784.0 : second ? 300.0 : 100.0);
    const torch::Tensor scaled = parameter.value().detach() / bound;
    EXPECT_LE(scaled.abs().max().item<double>(), 1.0 + 1e-6) << parameter.key();
    if (scaled.numel() < 1000) continue;
    // Mean 0 and variance 1/3, within four standard deviations of 1000 numbers.
    EXPECT_NEAR(scaled.mean().item<double>(), 0.0, 0.073) << parameter.key();
    EXPECT_NEAR(scaled.square().mean().item<double>(), 1.0 / 3, 0.038) << parameter.key();
  }
}

TEST(Initialise, RefusesALayerItDoesNotKnow) {
  torch::nn::Sequential model(torch::nn::LayerNorm(torch::nn::LayerNormOptions({4})));
  try {
    Initialise(*model, 0);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what())
                  .rfind("cannot initialise layer 0: expected a Conv2d, a Linear or a "
                         "BatchNorm2d, found torch::nn::LayerNorm",
                         0),
              0u)
        << error.what();
  }
}

}  // namespace
}  // namespace mulberry
