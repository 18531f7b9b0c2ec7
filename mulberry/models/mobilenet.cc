#include "mulberry/models/mobilenet.h"

#include <iterator>
#include <string>

namespace mulberry {
namespace {

torch::nn::Conv2d Convolution(int64_t in_channels, int64_t channels, int64_t kernel,
                              int64_t stride = 1, int64_t groups = 1) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in_channels, channels, kernel)
                               .stride(stride)
                               .padding(kernel / 2)
                               .groups(groups)
                               .bias(false));
}

struct Stage {
  int64_t expansion, channels, blocks, stride;
};
constexpr Stage kStages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                             {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
constexpr int64_t kFirst = 32, kLast = 1280;

}  // namespace

InvertedResidual::InvertedResidual(int64_t in_channels, int64_t channels, int64_t expansion,
                                   int64_t stride)
    : adds_(stride == 1 && in_channels == channels),
      depthwise_(Convolution(expansion * in_channels, expansion * in_channels, 3, stride,
                             expansion * in_channels)),
      project_(Convolution(expansion * in_channels, channels, 1)),
      depthwise_bn_(expansion * in_channels),
      project_bn_(channels) {
  if (expansion > 1) {
    expand_ = register_module("expand", Convolution(in_channels, expansion * in_channels, 1));
    expand_bn_ = register_module("expand_bn", torch::nn::BatchNorm2d(expansion * in_channels));
  }
  register_module("depthwise", depthwise_);
  register_module("depthwise_bn", depthwise_bn_);
  register_module("project", project_);
  register_module("project_bn", project_bn_);
}

torch::Tensor InvertedResidual::forward(const torch::Tensor& x) {
  torch::Tensor y = x;
  if (expand_) y = torch::relu6(expand_bn_->forward(expand_->forward(y)));
  y = torch::relu6(depthwise_bn_->forward(depthwise_->forward(y)));
  y = project_bn_->forward(project_->forward(y));
  return adds_ ? x + y : y;
}

MobileNetV2::MobileNetV2(MobileNetStem stem, int64_t in_channels, int64_t classes)
    : conv1_(register_module(
          "conv1", Convolution(in_channels, kFirst, 3, stem == MobileNetStem::kSmall ? 1 : 2))),
      conv2_(Convolution(std::rbegin(kStages)->channels, kLast, 1)),
      bn1_(register_module("bn1", torch::nn::BatchNorm2d(kFirst))),
      bn2_(kLast),
      fc_(kLast, classes) {
  int64_t channels = kFirst;
  int number = 1;
  for (const Stage& stage : kStages) {
    const bool halves = stage.stride > 1 && !(stem == MobileNetStem::kSmall && number == 2);
    torch::nn::Sequential blocks;
    for (int64_t i = 0; i < stage.blocks; ++i) {
      blocks_.push_back(std::make_shared<InvertedResidual>(
          channels, stage.channels, stage.expansion, halves && i == 0 ? 2 : 1));
      blocks->push_back(blocks_.back());
      channels = stage.channels;
    }
    register_module("stage" + std::to_string(number++), blocks);
  }
  register_module("conv2", conv2_);
  register_module("bn2", bn2_);
  register_module("fc", fc_);
}

torch::Tensor MobileNetV2::forward(torch::Tensor images) {
  torch::Tensor x = torch::relu6(bn1_->forward(conv1_->forward(images)));
  for (const auto& block : blocks_) x = block->forward(x);
  x = torch::relu6(bn2_->forward(conv2_->forward(x)));
  return fc_->forward(torch::dropout(x.mean({2, 3}), 0.2, is_training()));
}

}  // namespace mulberry
