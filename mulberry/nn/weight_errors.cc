#include "mulberry/nn/weight_errors.h"

#include <ATen/Functions.h>

#include "mulberry/base/sha256.h"

namespace mulberry {
namespace {

// The stream of a weight. Those of other things are of the seed itself.
RandomStream StreamOf(uint64_t seed, const std::string& name) {
  const std::string digits = Sha256().Add(name).Digest().substr(0, 16);
  return {seed ^ std::stoull(digits, nullptr, 16), 0};
}

}  // namespace

at::Tensor DrawErrors(const ErrorDistribution& distribution, RandomStream stream,
                      at::IntArrayRef sizes) {
  at::Tensor errors = at::empty(sizes, at::kFloat);
  DrawErrors(distribution, stream, errors.data_ptr<float>(), errors.numel());
  return errors;
}

at::Tensor DrawFactors(const ErrorDistribution& distribution, RandomStream stream,
                       const at::Tensor& weight) {
  const at::Tensor factors = at::empty_strided(weight.sizes(), weight.strides(), at::kFloat);
  factors.copy_(DrawErrors(distribution, stream, weight.sizes()).add_(1));
  return factors;
}

at::Tensor ViewLike(const at::Tensor& operand, const at::Tensor& weight,
                    const at::Tensor& factors) {
  return factors.as_strided(operand.sizes(), operand.strides(),
                            operand.storage_offset() - weight.storage_offset());
}

// A weight may get another memory while a run lasts, and then perhaps another layout.
at::Tensor FixedFactors::Of(const std::string& name, const at::Tensor& weight, const Plan& plan) {
  at::Tensor& factors = drawn_[{name, &plan}];
  if (!factors.defined() || factors.sizes() != weight.sizes() ||
      factors.strides() != weight.strides()) {
    factors = DrawFactors(*plan.errors(), StreamOf(seed_, name), weight);
  }
  return factors;
}

}  // namespace mulberry
