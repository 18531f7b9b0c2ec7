// Residual networks. Source: He, Zhang, Ren, Sun, "Deep residual learning for image recognition",
// CVPR 2016: those for 32x32 images of section 4.2, ResNet-20 and -32, and ResNet-18, -34 and -50
// of table 1.
//
// Shortcuts: the first kind has the paper's option A, without parameters, which its figures on
// CIFAR-10 are of; the second has option B, a projection where the shape changes, as all published
// weights of these networks do.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "mulberry/models/network.h"

namespace mulberry {

enum class ResidualKind : uint8_t {
  kPadded,      ///< Two 3x3 convolutions; option A: channels of zeros, evenly before and after.
  kProjected,   ///< Two 3x3 convolutions; option B.
  kBottleneck,  ///< 1x1, 3x3, which has the stride, and 1x1 to four times the width; option B.
};

/// Convolutions conv1, conv2 and, of a bottleneck, conv3, each with its batch normalisation, bn1
/// and so on, added to what came in. Where the block halves the image, every other pixel comes in.
/// A projection is shortcut_conv, 1x1, and shortcut_bn.
class ResidualBlock : public torch::nn::Module {
 public:
  /// `width`: channels of the first convolution.
  ResidualBlock(ResidualKind kind, int64_t in_channels, int64_t width, int64_t stride);
  torch::Tensor forward(const torch::Tensor& x);
  /// Channels that come out.
  int64_t channels() const { return channels_; }

 private:
  void Add(int64_t in_channels, int64_t channels, int64_t kernel, int64_t stride);
  torch::Tensor Shortcut(const torch::Tensor& x);

  int64_t in_channels_, channels_ = 0, stride_;
  std::vector<torch::nn::Conv2d> convolutions_;
  std::vector<torch::nn::BatchNorm2d> norms_;
  torch::nn::Conv2d projection_{nullptr};
  torch::nn::BatchNorm2d projection_norm_{nullptr};
};

/// What comes before the blocks, conv1 and bn1.
enum class ResNetStem : uint8_t {
  kSmall,     ///< 3x3: for CIFAR-10 and its like.
  kImageNet,  ///< 7x7 with stride 2, then max-pooling 3x3 with stride 2.
};

struct ResNetShape {
  ResNetStem stem;
  ResidualKind kind;
  int64_t width;                ///< Channels of the stem and width of the first stage.
  std::vector<int64_t> blocks;  ///< Of each stage. A stage has twice the width of the last.
};

/// The stem, then blocks stage1.0, stage1.1, ..., of which the first of each stage but the first
/// halves the image, the mean over each channel, and fc. Takes images of any size.
class ResNet : public Network {
 public:
  ResNet(const ResNetShape& shape, int64_t in_channels, int64_t classes);
  torch::Tensor forward(torch::Tensor images) override;

 private:
  ResNetStem stem_;
  torch::nn::Conv2d conv1_;
  torch::nn::BatchNorm2d bn1_;
  std::vector<std::shared_ptr<ResidualBlock>> blocks_;
  torch::nn::Linear fc_{nullptr};
};

}  // namespace mulberry
