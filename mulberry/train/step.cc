// One step of training and one evaluation. See step.h.
#include "mulberry/train/step.h"

#include <algorithm>
#include <cmath>

#include "mulberry/train/recipe.h"

namespace mulberry {
namespace {

// Large enough to be fast; results do not depend on it but for sums of losses.
constexpr int64_t kEvaluationBatch = 500;

Scores ScoresOf(const torch::Tensor& outputs, double mean_loss, const torch::Tensor& labels) {
  const int64_t samples = labels.size(0);
  return {mean_loss * static_cast<double>(samples), samples,
          outputs.argmax(1).eq(labels).sum().item<int64_t>()};
}

}  // namespace

Scores& Scores::operator+=(const Scores& other) {
  loss_sum += other.loss_sum;
  samples += other.samples;
  correct += other.correct;
  return *this;
}

std::unique_ptr<torch::optim::Optimizer> MakeOptimizer(const Config& config,
                                                       const torch::nn::Module& model) {
  if (config.optimizer == "adam") {
    return std::make_unique<torch::optim::Adam>(
        model.parameters(), torch::optim::AdamOptions(config.lr).weight_decay(config.weight_decay));
  }
  return std::make_unique<torch::optim::SGD>(model.parameters(),
                                             torch::optim::SGDOptions(config.lr)
                                                 .momentum(config.momentum)
                                                 .weight_decay(config.weight_decay));
}

Scores TrainStep(Network& model, torch::optim::Optimizer& optimizer, double lr, const Batch& batch,
                 Recipe* recipe) {
  for (auto& group : optimizer.param_groups()) group.options().set_lr(lr);
  model.train();
  for (torch::Tensor& parameter : model.parameters()) parameter.mutable_grad().reset();
  const torch::Tensor outputs = model.forward(batch.images);
  const torch::Tensor loss = torch::nn::functional::cross_entropy(outputs, batch.labels);
  const double mean_loss = loss.item<float>();
  if (std::isfinite(mean_loss)) {
    (recipe ? loss * recipe->loss_scale() : loss).backward();
    if (!recipe || recipe->PrepareUpdate(model.parameters())) optimizer.step();
    if (recipe) recipe->FinishUpdate(model.parameters());
  }
  return ScoresOf(outputs, mean_loss, batch.labels);
}

Scores Evaluate(Network& model, const Dataset& data) {
  const torch::NoGradGuard no_grad;
  model.eval();
  const Batches batches(data, kEvaluationBatch);
  Scores total;
  for (int64_t i = 0; i < batches.size(); ++i) {
    const Batch batch = batches.at(i);
    const torch::Tensor outputs = model.forward(batch.images);
    const torch::Tensor loss = torch::nn::functional::cross_entropy(outputs, batch.labels);
    total += ScoresOf(outputs, loss.item<float>(), batch.labels);
  }
  return total;
}

ImageShape ShapeOf(const Dataset& data) {
  return {data.images.size(1), data.images.size(2), data.images.size(3)};
}

ImageShape ShapeOf(const Dataset& data) {
  return {data.images.size(1), data.images.size(2), data.images.size(3)};
}

Dataset Limited(const Dataset& data, int64_t limit) {
  const int64_t size = limit == 0 ? data.size() : std::min(limit, data.size());
  return {data.images.narrow(0, 0, size), data.labels.narrow(0, 0, size), data.classes};
}

}  // namespace mulberry
