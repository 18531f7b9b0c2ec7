#include "mulberry/models/vgg.h"

#include <fmt/format.h>

#include <array>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr std::array<int64_t, 5> kChannels = {64, 128, 256, 512, 512};

// Convolutions of each stage.
std::array<int, 5> ConvolutionsOf(int depth) {
  switch (depth) {
    case 11:
      return {1, 1, 2, 2, 2};
    case 13:
      return {2, 2, 2, 2, 2};
    case 16:
      return {2, 2, 3, 3, 3};
    case 19:
      return {2, 2, 4, 4, 4};
    default:
      throw Error("no VGG of {} layers; there are those of 11, 13, 16 and 19", depth);
  }
}

}  // namespace

Vgg::Vgg(int depth, int64_t in_channels, int64_t classes) {
  const std::array<int, 5> convolutions = ConvolutionsOf(depth);
  for (size_t stage = 0; stage < kChannels.size(); ++stage) {
    const int64_t channels = kChannels[stage];
    std::vector<Layer>& layers = stages_.emplace_back();
    for (int i = 1; i <= convolutions[stage]; ++i) {
      const auto options = torch::nn::Conv2dOptions(in_channels, channels, 3).padding(1);
      layers.push_back(
          {register_module(fmt::format("conv{}_{}", stage + 1, i), torch::nn::Conv2d(options)),
           register_module(fmt::format("bn{}_{}", stage + 1, i),
                           torch::nn::BatchNorm2d(channels))});
      in_channels = channels;
    }
  }
  fc_ = register_module("fc", torch::nn::Linear(in_channels, classes));
}

torch::Tensor Vgg::forward(torch::Tensor images) {
  torch::Tensor x = images;
  for (std::vector<Layer>& stage : stages_) {
    for (Layer& layer : stage) {
      x = torch::relu(layer.norm->forward(layer.convolution->forward(x)));
    }
    x = torch::max_pool2d(x, 2);
  }
  return fc_->forward(x.mean({2, 3}));
}

}  // namespace mulberry
