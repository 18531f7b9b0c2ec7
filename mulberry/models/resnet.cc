#include "mulberry/models/resnet.h"

#include <string>

namespace mulberry {
namespace {

torch::nn::Conv2d Convolution3x3(int64_t in_channels, int64_t channels, int64_t stride) {
  return torch::nn::Conv2d(
      torch::nn::Conv2dOptions(in_channels, channels, 3).stride(stride).padding(1).bias(false));
}

}  // namespace

ResidualBlock::ResidualBlock(int64_t in_channels, int64_t channels, int64_t stride)
    : added_channels_(channels - in_channels),
      stride_(stride),
      conv1_(register_module("conv1", Convolution3x3(in_channels, channels, stride))),
      conv2_(register_module("conv2", Convolution3x3(channels, channels, 1))),
      bn1_(register_module("bn1", torch::nn::BatchNorm2d(channels))),
      bn2_(register_module("bn2", torch::nn::BatchNorm2d(channels))) {}

torch::Tensor ResidualBlock::forward(const torch::Tensor& x) {
  torch::Tensor y = torch::relu(bn1_->forward(conv1_->forward(x)));
  y = bn2_->forward(conv2_->forward(y));
  torch::Tensor shortcut = x;
  if (stride_ > 1) shortcut = shortcut.slice(2, 0, {}, stride_).slice(3, 0, {}, stride_);
  if (added_channels_ > 0) {
    const int64_t before = added_channels_ / 2;
    shortcut = torch::constant_pad_nd(shortcut, {0, 0, 0, 0, before, added_channels_ - before}, 0);
  }
  return torch::relu(y + shortcut);
}

CifarResNet::CifarResNet(int64_t blocks_per_stage, int64_t classes)
    : conv1_(register_module("conv1", Convolution3x3(3, 16, 1))),
      bn1_(register_module("bn1", torch::nn::BatchNorm2d(16))),
      fc_(nullptr) {
  int64_t in_channels = 16;
  for (int64_t stage = 1; stage <= 3; ++stage) {
    const int64_t channels = int64_t{8} << stage;
    torch::nn::Sequential blocks;
    for (int64_t i = 0; i < blocks_per_stage; ++i) {
      const int64_t stride = stage > 1 && i == 0 ? 2 : 1;
      blocks_.push_back(std::make_shared<ResidualBlock>(in_channels, channels, stride));
      blocks->push_back(blocks_.back());
      in_channels = channels;
    }
    register_module("stage" + std::to_string(stage), blocks);
  }
  fc_ = register_module("fc", torch::nn::Linear(64, classes));
}

torch::Tensor CifarResNet::forward(torch::Tensor images) {
  torch::Tensor x = torch::relu(bn1_->forward(conv1_->forward(images)));
  for (const auto& block : blocks_) x = block->forward(x);
  return fc_->forward(x.mean({2, 3}));
}

}  // namespace mulberry
