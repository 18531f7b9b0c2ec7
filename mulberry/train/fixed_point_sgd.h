// Stochastic gradient descent whose weights and momentum are kept in a format, without a copy of
// either in FP32: the update of dynamic precision scaling. What rounds them is the caller's
// (dynamic_precision.h). Checkpoints hold the momentum, as those of LibTorch's optimisers do.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace mulberry {

/// A parameter's two tensors.
enum class ParameterPart : uint8_t { kWeight, kHistory };

/// In Caffe's form, for each parameter w with gradient g and history h, at first 0:
///   h = round(lr·(g + d·w) + m·h)       w = round(w − h)
/// in FP32, each operation rounded, with the options' lr, weight decay d and momentum m. Nesterov's
/// momentum and dampening are not offered; the constructor throws UsageError for them.
class FixedPointSgd : public torch::optim::Optimizer {
 public:
  /// Rounds `values`, contiguous floats, in place. `parameter` is the place in the list.
  using Round = std::function<void(size_t parameter, ParameterPart part, at::Tensor& values)>;

  FixedPointSgd(std::vector<at::Tensor> parameters, const torch::optim::SGDOptions& options,
                Round round);

  /// A parameter without gradient is not updated. `closure` must be null, as it is by default.
  at::Tensor step(LossClosure closure = nullptr) override;
  void save(torch::serialize::OutputArchive& archive) const override;
  void load(torch::serialize::InputArchive& archive) override;

 private:
  Round round_;
  std::vector<at::Tensor> histories_;
};

}  // namespace mulberry
