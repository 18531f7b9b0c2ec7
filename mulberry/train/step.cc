// One step of training and one evaluation. See step.h.
#include "mulberry/train/step.h"

#include <algorithm>
#include <cmath>
#include <vector>

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

template <typename Optimizer, typename Options>
std::unique_ptr<torch::optim::Optimizer> WithDecay(const Config& config,
                                                   const torch::nn::Module& model,
                                                   const Options& options) {
  std::vector<torch::Tensor> decaying, others;
  for (const torch::Tensor& parameter : model.parameters()) {
    // Biases and the parameters of batch normalisations are vectors.
    const bool decays = config.weight_decay_of == "all" || parameter.dim() > 1;
    (decays ? decaying : others).push_back(parameter);
  }
  Options with_decay = options;
  with_decay.weight_decay(config.weight_decay);
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(decaying, std::make_unique<Options>(with_decay));
  if (!others.empty()) groups.emplace_back(others, std::make_unique<Options>(options));
  return std::make_unique<Optimizer>(groups, with_decay);
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
    return WithDecay<torch::optim::Adam>(config, model, torch::optim::AdamOptions(config.lr));
  }
  return WithDecay<torch::optim::SGD>(
      config, model, torch::optim::SGDOptions(config.lr).momentum(config.momentum));
}

Scores TrainStep(Network& model, torch::optim::Optimizer& optimizer, double lr, const Batch& batch,
                 const StepOptions& options) {
  Recipe* const recipe = options.recipe;
  for (auto& group : optimizer.param_groups()) group.options().set_lr(lr);
  model.train();
  for (torch::Tensor& parameter : model.parameters()) parameter.mutable_grad().reset();
  const torch::Tensor outputs = model.forward(batch.images);
  const torch::Tensor loss = torch::nn::functional::cross_entropy(
      outputs, batch.labels,
      torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(options.label_smoothing));
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

Dataset Limited(const Dataset& data, int64_t limit) {
  const int64_t size = limit == 0 ? data.size() : std::min(limit, data.size());
  return {data.images.narrow(0, 0, size), data.labels.narrow(0, 0, size), data.classes};
}

}  // namespace mulberry
