// The update of weights and momentum in a format. See fixed_point_sgd.h.
#include "mulberry/train/fixed_point_sgd.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

std::string NameOf(size_t parameter) {
  return fmt::format("history{}", parameter);
}

}  // namespace

FixedPointSgd::FixedPointSgd(std::vector<at::Tensor> parameters,
                             const torch::optim::SGDOptions& options, Round round)
    : Optimizer({torch::optim::OptimizerParamGroup(std::move(parameters))},
                std::make_unique<torch::optim::SGDOptions>(options)),
      round_(std::move(round)) {
  if (options.nesterov() || options.dampening() != 0) {
    throw UsageError("SGD in fixed point has neither Nesterov's momentum nor dampening ({})",
                     options.dampening());
  }
  for (const at::Tensor& parameter : param_groups()[0].params()) {
    histories_.push_back(at::zeros(parameter.sizes(), parameter.options()));
  }
}

at::Tensor FixedPointSgd::step(LossClosure closure) {
  if (closure) throw Error("SGD in fixed point takes no closure");
  const torch::NoGradGuard no_grad;
  auto& group = param_groups()[0];
  const auto& options = static_cast<const torch::optim::SGDOptions&>(group.options());
  const auto lr = static_cast<float>(options.lr());
  const auto decay = static_cast<float>(options.weight_decay());
  const auto momentum = static_cast<float>(options.momentum());
  for (size_t i = 0; i < histories_.size(); ++i) {
    at::Tensor& weight = group.params()[i];
    if (!weight.grad().defined()) continue;
    const at::Tensor gradient = weight.grad().contiguous();
    const auto* g = gradient.data_ptr<float>();
    auto* h = histories_[i].data_ptr<float>();
    auto* w = weight.data_ptr<float>();
    for (int64_t k = 0; k < weight.numel(); ++k) {
      h[k] = lr * (g[k] + decay * w[k]) + momentum * h[k];
    }
    round_(i, ParameterPart::kHistory, histories_[i]);
    for (int64_t k = 0; k < weight.numel(); ++k) w[k] -= h[k];
    round_(i, ParameterPart::kWeight, weight);
  }
  return {};
}

void FixedPointSgd::save(torch::serialize::OutputArchive& archive) const {
  for (size_t i = 0; i < histories_.size(); ++i) {
    archive.write(NameOf(i), histories_[i], /*is_buffer=*/true);
  }
}

void FixedPointSgd::load(torch::serialize::InputArchive& archive) {
  for (size_t i = 0; i < histories_.size(); ++i) {
    at::Tensor history;
    archive.read(NameOf(i), history, /*is_buffer=*/true);
    if (history.sizes() != histories_[i].sizes()) {
      throw Error("history {} of the checkpoint does not fit the parameter: another shape", i);
    }
    histories_[i] = history;
  }
}

}  // namespace mulberry
