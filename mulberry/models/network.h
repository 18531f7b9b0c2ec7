// What every network of this folder is: a plain LibTorch module from images to class scores.
// Nothing in a network mentions approximate arithmetic; nn/approximate.h brings that from outside.
#pragma once

#include <torch/torch.h>

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace mulberry {

/// Channels, height and width of an image.
using ImageShape = std::array<int64_t, 3>;

class Network : public torch::nn::Module {
 public:
  /// Images [N, channels, height, width] to scores [N, classes], without a softmax.
  virtual torch::Tensor forward(torch::Tensor images) = 0;

  void train(bool on = true) override {
    torch::nn::Module::train(on);
    for (const auto& module : in_evaluation_) module->eval();
  }
  /// `module`, one of this network's, is in evaluation from now on, whatever the network is.
  void KeepInEvaluation(std::shared_ptr<torch::nn::Module> module) {
    module->eval();
    in_evaluation_.push_back(std::move(module));
  }

 private:
  std::vector<std::shared_ptr<torch::nn::Module>> in_evaluation_;
};

}  // namespace mulberry
