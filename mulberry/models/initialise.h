// Initial weights as a pure function of a seed: independent of LibTorch's global random state, of
// its version and of the platform.
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace mulberry {

/// Fills the weights and biases of every convolution and linear layer of `model` with uniform
/// numbers in [-1/sqrt(n), 1/sqrt(n)), n the number of inputs of one output: LibTorch's own
/// distribution for these layers. Batch normalisations become the identity: weights and variances
/// 1, biases and means 0. Throws Error for a parameter of any other layer.
void Initialise(torch::nn::Module& model, uint64_t seed);

}  // namespace mulberry
