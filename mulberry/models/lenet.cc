#include "mulberry/models/lenet.h"

namespace mulberry {
namespace {

// The side that a 5x5 convolution with so much padding and a pooling by 2 leave.
int64_t Pooled(int64_t side, int64_t padding) {
  return (side + 2 * padding - 4) / 2;
}

// The elements of a channel after both pairs of them.
int64_t Positions(const ImageShape& images, int64_t padding) {
  return Pooled(Pooled(images[1], padding), 0) * Pooled(Pooled(images[2], padding), 0);
}

}  // namespace

LeNet300100::LeNet300100(int64_t classes)
    : fc1_(register_module("fc1", torch::nn::Linear(28 * 28, 300))),
      fc2_(register_module("fc2", torch::nn::Linear(300, 100))),
      fc3_(register_module("fc3", torch::nn::Linear(100, classes))) {}

torch::Tensor LeNet300100::forward(torch::Tensor images) {
  torch::Tensor x = images.flatten(1);
  x = torch::relu(fc1_->forward(x));
  x = torch::relu(fc2_->forward(x));
  return fc3_->forward(x);
}

LeNet5::LeNet5(const ImageShape& images, int64_t classes)
    : conv1_(register_module(
          "conv1", torch::nn::Conv2d(torch::nn::Conv2dOptions(images[0], 6, 5).padding(2)))),
      conv2_(register_module("conv2", torch::nn::Conv2d(torch::nn::Conv2dOptions(6, 16, 5)))),
      fc1_(register_module("fc1", torch::nn::Linear(16 * Positions(images, 2), 120))),
      fc2_(register_module("fc2", torch::nn::Linear(120, 84))),
      fc3_(register_module("fc3", torch::nn::Linear(84, classes))) {}

torch::Tensor LeNet5::forward(torch::Tensor images) {
  torch::Tensor x = torch::max_pool2d(torch::relu(conv1_->forward(images)), 2);
  x = torch::max_pool2d(torch::relu(conv2_->forward(x)), 2);
  x = torch::relu(fc1_->forward(x.flatten(1)));
  x = torch::relu(fc2_->forward(x));
  return fc3_->forward(x);
}

CaffeLeNet::CaffeLeNet(const ImageShape& images, int64_t classes)
    : conv1_(
          register_module("conv1", torch::nn::Conv2d(torch::nn::Conv2dOptions(images[0], 20, 5)))),
      conv2_(register_module("conv2", torch::nn::Conv2d(torch::nn::Conv2dOptions(20, 50, 5)))),
      fc1_(register_module("fc1", torch::nn::Linear(50 * Positions(images, 0), 500))),
      fc2_(register_module("fc2", torch::nn::Linear(500, classes))) {}

torch::Tensor CaffeLeNet::forward(torch::Tensor images) {
  torch::Tensor x = torch::max_pool2d(conv1_->forward(images), 2);
  x = torch::max_pool2d(conv2_->forward(x), 2);
  x = torch::relu(fc1_->forward(x.flatten(1)));
  return fc2_->forward(x);
}

}  // namespace mulberry
