// Residual networks for 32x32 images. Source: He, Zhang, Ren, Sun, "Deep residual learning for
// image recognition", CVPR 2016, section 4.2, with its shortcuts without parameters (option A).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "mulberry/models/network.h"

namespace mulberry {

/// Two 3x3 convolutions, each with batch normalisation, added to what came in: conv1, bn1, conv2,
/// bn2. Where the block halves the image, every other pixel comes in, with channels of zeros added
/// evenly before and after.
class ResidualBlock : public torch::nn::Module {
 public:
  ResidualBlock(int64_t in_channels, int64_t channels, int64_t stride);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  int64_t added_channels_, stride_;
  torch::nn::Conv2d conv1_, conv2_;
  torch::nn::BatchNorm2d bn1_, bn2_;
};

/// conv1 3->16, bn1, then blocks of 16, 32 and 64 channels: stage1.0, stage1.1, ... stage3.(n-1),
/// the mean over each channel, fc 64-classes. 6·n + 2 layers with weights.
class CifarResNet : public Network {
 public:
  CifarResNet(int64_t blocks_per_stage, int64_t classes);
  torch::Tensor forward(torch::Tensor images) override;

 private:
  torch::nn::Conv2d conv1_;
  torch::nn::BatchNorm2d bn1_;
  std::vector<std::shared_ptr<ResidualBlock>> blocks_;
  torch::nn::Linear fc_;
};

}  // namespace mulberry
