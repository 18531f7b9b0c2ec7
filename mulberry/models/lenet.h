// The LeNets, in the shapes that papers on approximate training use: rectifiers and max-pooling
// instead of the original's sigmoids and trained subsampling. Sizes are those of 28x28 images of
// one channel; of others the convolutional ones' first convolution has the channels, and fc1 the
// size. Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document
// recognition", Proc. IEEE 1998.
#pragma once

#include <cstdint>

#include "mulberry/models/network.h"

namespace mulberry {

/// LeNet-300-100: fully connected layers fc1 784-300, fc2 300-100, fc3 100-classes.
class LeNet300100 : public Network {
 public:
  explicit LeNet300100(int64_t classes);
  torch::Tensor forward(torch::Tensor images) override;

 private:
  torch::nn::Linear fc1_, fc2_, fc3_;
};

/// LeNet-5: conv1 1->6 5x5 with padding 2, pool 2, conv2 6->16 5x5, pool 2, fc1 400-120, fc2
/// 120-84, fc3 84-classes.
class LeNet5 : public Network {
 public:
  LeNet5(const ImageShape& images, int64_t classes);
  torch::Tensor forward(torch::Tensor images) override;

 private:
  torch::nn::Conv2d conv1_, conv2_;
  torch::nn::Linear fc1_, fc2_, fc3_;
};

/// The LeNet of Caffe's MNIST example, which dynamic precision scaling was published with: conv1
/// 1->20 5x5, pool 2, conv2 20->50 5x5, pool 2, fc1 800-500, fc2 500-classes; the only rectifier is
/// after fc1.
class CaffeLeNet : public Network {
 public:
  CaffeLeNet(const ImageShape& images, int64_t classes);
  torch::Tensor forward(torch::Tensor images) override;

 private:
  torch::nn::Conv2d conv1_, conv2_;
  torch::nn::Linear fc1_, fc2_;
};

}  // namespace mulberry
