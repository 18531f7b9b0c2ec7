#include "mulberry/models/resnet.h"

#include <string>

namespace mulberry {
namespace {

torch::nn::Conv2d Convolution(int64_t in_channels, int64_t channels, int64_t kernel,
                              int64_t stride) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in_channels, channels, kernel)
                               .stride(stride)
                               .padding(kernel / 2)
                               .bias(false));
}

torch::nn::Conv2d StemOf(const ResNetShape& shape, int64_t in_channels) {
  const bool large = shape.stem == ResNetStem::kImageNet;
  return Convolution(in_channels, shape.width, large ? 7 : 3, large ? 2 : 1);
}

}  // namespace

ResidualBlock::ResidualBlock(ResidualKind kind, int64_t in_channels, int64_t width, int64_t stride)
    : in_channels_(in_channels), stride_(stride) {
  if (kind == ResidualKind::kBottleneck) {
    Add(in_channels, width, 1, 1);
    Add(width, width, 3, stride);
    Add(width, 4 * width, 1, 1);
  } else {
    Add(in_channels, width, 3, stride);
    Add(width, width, 3, 1);
  }
  for (size_t i = 0; i < norms_.size(); ++i) {
    register_module("bn" + std::to_string(i + 1), norms_[i]);
  }
  if (kind == ResidualKind::kPadded || (stride == 1 && in_channels == channels_)) return;
  projection_ = register_module("shortcut_conv", Convolution(in_channels, channels_, 1, stride));
  projection_norm_ = register_module("shortcut_bn", torch::nn::BatchNorm2d(channels_));
}

void ResidualBlock::Add(int64_t in_channels, int64_t channels, int64_t kernel, int64_t stride) {
  convolutions_.push_back(register_module("conv" + std::to_string(convolutions_.size() + 1),
                                          Convolution(in_channels, channels, kernel, stride)));
  norms_.emplace_back(channels);
  channels_ = channels;
}

torch::Tensor ResidualBlock::Shortcut(const torch::Tensor& x) {
  if (projection_) return projection_norm_->forward(projection_->forward(x));
  torch::Tensor shortcut = x;
  if (stride_ > 1) shortcut = shortcut.slice(2, 0, {}, stride_).slice(3, 0, {}, stride_);
  const int64_t added = channels_ - in_channels_;
  if (added == 0) return shortcut;
  return torch::constant_pad_nd(shortcut, {0, 0, 0, 0, added / 2, added - added / 2}, 0);
}

torch::Tensor ResidualBlock::forward(const torch::Tensor& x) {
  torch::Tensor y = x;
  for (size_t i = 0; i < convolutions_.size(); ++i) {
    if (i > 0) y = torch::relu(y);
    y = norms_[i]->forward(convolutions_[i]->forward(y));
  }
  return torch::relu(y + Shortcut(x));
}

ResNet::ResNet(const ResNetShape& shape, int64_t in_channels, int64_t classes)
    : stem_(shape.stem),
      conv1_(register_module("conv1", StemOf(shape, in_channels))),
      bn1_(register_module("bn1", torch::nn::BatchNorm2d(shape.width))) {
  int64_t channels = shape.width;
  int64_t width = shape.width;
  for (size_t stage = 0; stage < shape.blocks.size(); ++stage) {
    torch::nn::Sequential blocks;
    for (int64_t i = 0; i < shape.blocks[stage]; ++i) {
      const int64_t stride = stage > 0 && i == 0 ? 2 : 1;
      blocks_.push_back(std::make_shared<ResidualBlock>(shape.kind, channels, width, stride));
      blocks->push_back(blocks_.back());
      channels = blocks_.back()->channels();
    }
    register_module("stage" + std::to_string(stage + 1), blocks);
    width *= 2;
  }
  fc_ = register_module("fc", torch::nn::Linear(channels, classes));
}

torch::Tensor ResNet::forward(torch::Tensor images) {
  torch::Tensor x = torch::relu(bn1_->forward(conv1_->forward(images)));
  if (stem_ == ResNetStem::kImageNet) x = torch::max_pool2d(x, 3, 2, 1);
  for (const auto& block : blocks_) x = block->forward(x);
  return fc_->forward(x.mean({2, 3}));
}

}  // namespace mulberry
