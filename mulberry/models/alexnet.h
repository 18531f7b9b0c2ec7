// AlexNet in one tower, as dynamic precision scaling was published with a modified AlexNet: 96,
// 256, 384, 384 and 256 channels, fully connected layers of 4096, 4096 and the classes (there 20).
// Source of these numbers: Na, Mukhopadhyay, "Speeding up Convolutional Neural Network Training
// with Dynamic Precision Scaling and Flexible Multiplier-Accumulator", ISLPED 2016.
//
// Its kernels, strides and images are not published. Those here are, for ImageNet, the ones of
// Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural networks",
// NIPS 2012, without its two groups and its local response normalisation; for small images, our
// own.
#pragma once

#include <cstdint>

#include "mulberry/models/network.h"

namespace mulberry {

enum class AlexNetStem : uint8_t {
  kSmall,     ///< conv1 5x5; pooling 2x2. Height and width are at least 8.
  kImageNet,  ///< conv1 11x11 with stride 4; pooling 3x3 with stride 2. At least 63.
};

/// conv1, pool, conv2 5x5, pool, conv3, conv4 and conv5 3x3, pool, fc1, fc2, fc3, with a rectifier
/// after each layer with weights but the last; half of the inputs of fc1 and fc2 are dropped in
/// training.
class AlexNet : public Network {
 public:
  AlexNet(AlexNetStem stem, const ImageShape& images, int64_t classes);
  torch::Tensor forward(torch::Tensor images) override;

 private:
  torch::Tensor Pool(const torch::Tensor& x) const;
  torch::Tensor Features(const torch::Tensor& images);

  AlexNetStem stem_;
  torch::nn::Conv2d conv1_, conv2_, conv3_, conv4_, conv5_;
  torch::nn::Linear fc1_{nullptr}, fc2_, fc3_;
};

}  // namespace mulberry
