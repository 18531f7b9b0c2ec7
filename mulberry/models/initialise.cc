#include "mulberry/models/initialise.h"

#include <cmath>
#include <string>

#include "mulberry/base/error.h"
#include "mulberry/base/random.h"

namespace mulberry {
namespace {

// Streams of the parameters, in the model's order, apart from every other use of the same seed.
constexpr uint64_t kWeightStream = 0x5745494700000000;  // "WEIG"

void FillUniform(torch::Tensor& tensor, double bound, const RandomStream& stream) {
  const torch::NoGradGuard no_grad;
  float* values = tensor.data_ptr<float>();
  for (int64_t i = 0; i < tensor.numel(); ++i) {
    const double unit = stream.At(static_cast<uint64_t>(i)) * 0x1p-31 - 1.0;  // In [-1, 1).
    values[i] = static_cast<float>(unit * bound);
  }
}

}  // namespace

void Initialise(torch::nn::Module& model, uint64_t seed) {
  uint64_t stream = kWeightStream;
  for (const auto& layer : model.named_modules()) {
    auto parameters = layer.value()->named_parameters(/*recurse=*/false);
    if (parameters.is_empty()) continue;
    if (auto* norm = layer.value()->as<torch::nn::BatchNorm2d>()) {
      norm->reset_parameters();  // The identity, and what has been counted.
      continue;
    }
    const bool known =
        layer.value()->as<torch::nn::Conv2d>() || layer.value()->as<torch::nn::Linear>();
    if (!known) {
      throw Error(
          "cannot initialise layer {}: expected a Conv2d, a Linear or a BatchNorm2d, found {}",
          layer.key(), layer.value()->name());
    }
    const torch::Tensor& weight = parameters["weight"];
    const int64_t inputs = weight.numel() / weight.size(0);
    const double bound = 1.0 / std::sqrt(static_cast<double>(inputs));
    for (auto& parameter : parameters) FillUniform(parameter.value(), bound, {seed, stream++});
  }
}

}  // namespace mulberry
