// The errors that error models (multipliers/error_model.h) give to weights, as tensors. Internal to
// nn. Not here: products with them (error_product.h).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "mulberry/base/random.h"
#include "mulberry/multipliers/error_model.h"
#include "mulberry/plan/plan.h"

namespace mulberry {

/// Errors of a tensor of these sizes: element i, in the order of indices, has that of
/// stream.WideAt(i).
at::Tensor DrawErrors(const ErrorDistribution& distribution, RandomStream stream,
                      at::IntArrayRef sizes);

/// 1 + e for each element of `weight`, laid out in memory as it is.
at::Tensor DrawFactors(const ErrorDistribution& distribution, RandomStream stream,
                       const at::Tensor& weight);

/// The view of `factors`, DrawFactors' of `weight`, that `operand` is of `weight`.
at::Tensor ViewLike(const at::Tensor& operand, const at::Tensor& weight, const at::Tensor& factors);

/// The factors of a run's weights that stay the same throughout: a function of the run's seed, the
/// weight's name and its sizes.
class FixedFactors {
 public:
  explicit FixedFactors(uint64_t seed) : seed_(seed) {}

  /// Of the plan of an error model, for the weight of that name.
  at::Tensor Of(const std::string& name, const at::Tensor& weight, const Plan& plan);

 private:
  const uint64_t seed_;
  std::map<std::pair<std::string, const Plan*>, at::Tensor> drawn_;
};

}  // namespace mulberry
