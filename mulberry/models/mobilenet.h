// MobileNetV2. Source: Sandler, Howard, Zhu, Zhmoginov, Chen, "MobileNetV2: inverted residuals and
// linear bottlenecks", CVPR 2018, table 2, with a width multiplier of 1.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "mulberry/models/network.h"

namespace mulberry {

/// expand, 1x1 to `expansion` times the channels (not there if that is 1), depthwise, 3x3, and
/// project, 1x1, each with its batch normalisation, expand_bn and so on; rectifiers that end at 6
/// after the first two. Added to what came in where the shape is the same.
class InvertedResidual : public torch::nn::Module {
 public:
  InvertedResidual(int64_t in_channels, int64_t channels, int64_t expansion, int64_t stride);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  bool adds_;
  torch::nn::Conv2d expand_{nullptr}, depthwise_, project_;
  torch::nn::BatchNorm2d expand_bn_{nullptr}, depthwise_bn_, project_bn_;
};

enum class MobileNetStem : uint8_t {
  kSmall,     ///< No stride in conv1 and stage2, so that 32x32 pixels end as 4x4: for CIFAR-10.
  kImageNet,  ///< As published: an image is halved five times.
};

/// conv1 3x3 and bn1, blocks stage1.0 ... stage7.0, conv2 1x1 to 1280 channels and bn2, the mean
/// over each channel, of which a fifth is dropped in training, and fc. Takes images of any size.
class MobileNetV2 : public Network {
 public:
  MobileNetV2(MobileNetStem stem, int64_t in_channels, int64_t classes);
  torch::Tensor forward(torch::Tensor images) override;

 private:
  torch::nn::Conv2d conv1_, conv2_;
  torch::nn::BatchNorm2d bn1_, bn2_;
  std::vector<std::shared_ptr<InvertedResidual>> blocks_;
  torch::nn::Linear fc_;
};

}  // namespace mulberry
