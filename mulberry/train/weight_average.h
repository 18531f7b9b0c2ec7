// The exponential moving average of a network's weights, which is tested and evaluated in their
// place: it is often better than the weights that an update with noise left last. Training itself
// does not see it.
//
// Batch n, from 0, makes of an average a and a weight w, d·a + (1 − d)·w, where d is the smaller of
// config.ema_decay and (1 + n) / (10 + n), so that a short run is not mostly its initial weights
// (as in TensorFlow's ExponentialMovingAverage). Floating-point buffers, which are the statistics
// of batch normalisations, are averaged likewise; other buffers are the network's own.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "mulberry/train/config.h"

namespace mulberry {

class WeightAverage {
 public:
  /// Begins with the present values of `model`, which is the one for all that follows.
  WeightAverage(double decay, const torch::nn::Module& model);

  /// After each batch.
  void Update();

  /// While it lives, the model has the averages in place of its own values, which come back then to
  /// the bit.
  class Applied {
   public:
    explicit Applied(const WeightAverage& average);
    ~Applied();
    Applied(const Applied&) = delete;
    Applied& operator=(const Applied&) = delete;

   private:
    const WeightAverage& average_;
    std::vector<torch::Tensor> own_;
  };

  void save(torch::serialize::OutputArchive& archive) const;
  /// Throws Error if it was saved for another model.
  void load(torch::serialize::InputArchive& archive);

 private:
  double decay_;
  int64_t batches_ = 0;
  std::vector<torch::Tensor> values_;    // The model's, in place.
  std::vector<torch::Tensor> averages_;  // Of each.
};

/// Throws UsageError where the run has no FP32 weights that could be averaged.
void CheckWeightAverage(const Config& config);

}  // namespace mulberry
