#include "mulberry/models/alexnet.h"

namespace mulberry {
namespace {

// Keeps the image's size.
torch::nn::Conv2d Convolution(int64_t in_channels, int64_t channels, int64_t kernel) {
  return torch::nn::Conv2d(
      torch::nn::Conv2dOptions(in_channels, channels, kernel).padding(kernel / 2));
}

torch::nn::Conv2d Conv1(AlexNetStem stem, int64_t in_channels) {
  if (stem == AlexNetStem::kSmall) return Convolution(in_channels, 96, 5);
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in_channels, 96, 11).stride(4).padding(2));
}

}  // namespace

AlexNet::AlexNet(AlexNetStem stem, const ImageShape& images, int64_t classes)
    : stem_(stem),
      conv1_(register_module("conv1", Conv1(stem, images[0]))),
      conv2_(register_module("conv2", Convolution(96, 256, 5))),
      conv3_(register_module("conv3", Convolution(256, 384, 3))),
      conv4_(register_module("conv4", Convolution(384, 384, 3))),
      conv5_(register_module("conv5", Convolution(384, 256, 3))),
      fc2_(4096, 4096),
      fc3_(4096, classes) {
  // A pooling of a row of n pixels leaves ⌊n / 2⌋, or of windows of 3 ⌊(n − 1) / 2⌋.
  int64_t pixels = 1;
  for (int64_t side : {images[1], images[2]}) {
    if (stem == AlexNetStem::kImageNet) side = (side - 7) / 4 + 1;
    for (int pool = 0; pool < 3; ++pool) side = (stem == AlexNetStem::kSmall ? side : side - 1) / 2;
    pixels *= side;
  }
  fc1_ = register_module("fc1", torch::nn::Linear(256 * pixels, 4096));
  register_module("fc2", fc2_);
  register_module("fc3", fc3_);
}

torch::Tensor AlexNet::Pool(const torch::Tensor& x) const {
  return stem_ == AlexNetStem::kSmall ? torch::max_pool2d(x, 2) : torch::max_pool2d(x, 3, 2);
}

torch::Tensor AlexNet::Features(const torch::Tensor& images) {
  torch::Tensor x = Pool(torch::relu(conv1_->forward(images)));
  x = Pool(torch::relu(conv2_->forward(x)));
  x = torch::relu(conv3_->forward(x));
  x = torch::relu(conv4_->forward(x));
  return Pool(torch::relu(conv5_->forward(x)));
}

torch::Tensor AlexNet::forward(torch::Tensor images) {
  torch::Tensor x = Features(images).flatten(1);
  x = torch::relu(fc1_->forward(torch::dropout(x, 0.5, is_training())));
  x = torch::relu(fc2_->forward(torch::dropout(x, 0.5, is_training())));
  return fc3_->forward(x);
}

}  // namespace mulberry
