// The moving average of weights. See weight_average.h.
#include "mulberry/train/weight_average.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "mulberry/base/error.h"
#include "mulberry/train/schedule_spec.h"

namespace mulberry {
namespace {

constexpr const char* kBatches = "batches";

std::string NameOf(size_t tensor) {
  return fmt::format("average{}", tensor);
}

void Copy(const std::vector<torch::Tensor>& from, const std::vector<torch::Tensor>& to) {
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < to.size(); ++i) to[i].copy_(from[i]);
}

std::vector<torch::Tensor> Clones(const std::vector<torch::Tensor>& tensors) {
  std::vector<torch::Tensor> clones;
  for (const torch::Tensor& tensor : tensors) clones.push_back(tensor.detach().clone());
  return clones;
}

}  // namespace

WeightAverage::WeightAverage(double decay, const torch::nn::Module& model)
    : decay_(decay), values_(model.parameters()) {
  for (const torch::Tensor& buffer : model.buffers()) {
    if (buffer.is_floating_point()) values_.push_back(buffer);
  }
  averages_ = Clones(values_);
}

void WeightAverage::Update() {
  const torch::NoGradGuard no_grad;
  const auto n = static_cast<double>(batches_++);
  const double decay = std::min(decay_, (1 + n) / (10 + n));
  for (size_t i = 0; i < values_.size(); ++i) {
    averages_[i].mul_(decay).add_(values_[i], 1 - decay);
  }
}

WeightAverage::Applied::Applied(const WeightAverage& average)
    : average_(average), own_(Clones(average.values_)) {
  Copy(average_.averages_, average_.values_);
}

WeightAverage::Applied::~Applied() {
  Copy(own_, average_.values_);
}

void WeightAverage::save(torch::serialize::OutputArchive& archive) const {
  archive.write(kBatches, torch::tensor(batches_), /*is_buffer=*/true);
  for (size_t i = 0; i < averages_.size(); ++i) {
    archive.write(NameOf(i), averages_[i], /*is_buffer=*/true);
  }
}

void WeightAverage::load(torch::serialize::InputArchive& archive) {
  torch::Tensor batches;
  archive.read(kBatches, batches, /*is_buffer=*/true);
  batches_ = batches.item<int64_t>();
  for (size_t i = 0; i < averages_.size(); ++i) {
    torch::Tensor average;
    archive.read(NameOf(i), average, /*is_buffer=*/true);
    if (average.sizes() != averages_[i].sizes()) {
      throw Error("average {} of the checkpoint does not fit the model: another shape", i);
    }
    averages_[i] = average;
  }
}

void CheckWeightAverage(const Config& config) {
  if (config.ema_decay == 0) return;
  if (!config.weights.empty()) {
    throw UsageError(
        "ema-decay: {}: the average is in FP32, but weights, {}, keeps none in it; leave one out",
        config.ema_decay, config.weights);
  }
  if (FindSchedule(ParseSchedules(config.schedule), "dps")) {
    throw UsageError(
        "ema-decay: {}: the average is in FP32, but schedule dps keeps no weights in it; leave one "
        "out",
        config.ema_decay);
  }
}

}  // namespace mulberry
