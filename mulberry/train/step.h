// One step of training and one evaluation, on whatever arithmetic is active: the part of training
// that knows nothing of runs. The loss is the cross entropy of a softmax over the scores.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>

#include "mulberry/data/batches.h"
#include "mulberry/models/network.h"
#include "mulberry/train/config.h"

namespace mulberry {

/// What a batch, or a data set, gave.
struct Scores {
  double loss_sum = 0;  ///< Over samples.
  int64_t samples = 0;
  int64_t correct = 0;  ///< Samples whose label has the highest score.

  double loss() const { return loss_sum / static_cast<double>(samples); }
  double accuracy_pct() const {
    return 100.0 * static_cast<double>(correct) / static_cast<double>(samples);
  }
  Scores& operator+=(const Scores& other);
};

/// The optimiser that config.optimizer names, over the parameters of `model`. Those that decay, by
/// config.weight_decay_of, are a group, and the others, if there are any, the next.
std::unique_ptr<torch::optim::Optimizer> MakeOptimizer(const Config& config,
                                                       const torch::nn::Module& model);

class Recipe;  // recipe.h

struct StepOptions {
  Recipe* recipe = nullptr;    ///< By which weights are updated; null: plainly.
  double label_smoothing = 0;  ///< As LibTorch's cross entropy has it.
};

/// Forward, backward and update with learning rate `lr`. Where the loss is not finite there is no
/// update.
Scores TrainStep(Network& model, torch::optim::Optimizer& optimizer, double lr, const Batch& batch,
                 const StepOptions& options = {});

/// Forward over the whole data set, in its own order. The loss is that of labels as they are.
Scores Evaluate(Network& model, const Dataset& data);

/// What a network for the data set is made for.
ImageShape ShapeOf(const Dataset& data);

/// The first `limit` samples; all if limit is 0.
Dataset Limited(const Dataset& data, int64_t limit);

}  // namespace mulberry
