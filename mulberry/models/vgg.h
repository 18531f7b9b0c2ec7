// VGG for small images, with batch normalisation and one fully connected layer: the form in which
// CIFAR-10 is trained. Source of the convolutions: Simonyan, Zisserman, "Very deep convolutional
// networks for large-scale image recognition", ICLR 2015, table 1, columns A, B, D and E. The
// published three fully connected layers, made for 7x7 pixels of 512 channels, are not here.
#pragma once

#include <cstdint>
#include <vector>

#include "mulberry/models/network.h"

namespace mulberry {

/// Convolutions 3x3 in five stages of 64, 128, 256, 512 and 512 channels, conv1_1, conv1_2, ...,
/// conv5_n, each with its bias, a batch normalisation, bn1_1 and so on, and a rectifier;
/// max-pooling after each stage, the mean over each channel, fc 512-classes. Height and width are
/// at least 32.
class Vgg : public Network {
 public:
  /// `depth`: layers with weights in the publication, 11, 13, 16 or 19. Throws Error for others.
  Vgg(int depth, int64_t in_channels, int64_t classes);
  torch::Tensor forward(torch::Tensor images) override;

 private:
  struct Layer {
    torch::nn::Conv2d convolution;
    torch::nn::BatchNorm2d norm;
  };
  std::vector<std::vector<Layer>> stages_;
  torch::nn::Linear fc_{nullptr};
};

}  // namespace mulberry
