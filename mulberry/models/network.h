// What every network of this folder is: a plain LibTorch module from images to class scores.
// Nothing in a network mentions approximate arithmetic; nn/approximate.h brings that from outside.
#pragma once

#include <torch/torch.h>

#include <array>
#include <cstdint>

namespace mulberry {

/// Channels, height and width of an image.
using ImageShape = std::array<int64_t, 3>;

class Network : public torch::nn::Module {
 public:
  /// Images [N, channels, height, width] to scores [N, classes], without a softmax.
  virtual torch::Tensor forward(torch::Tensor images) = 0;
};

}  // namespace mulberry
