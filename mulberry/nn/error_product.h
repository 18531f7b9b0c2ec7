// Products under an error model (multipliers/error_model.h): LibTorch's own, each with its error.
// Internal to nn.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "mulberry/nn/state.h"

namespace mulberry {

/// LibTorch's product of a pass, linear in either operand.
using NativeProduct = std::function<at::Tensor(const at::Tensor& a, const at::Tensor& b)>;

/// What of a pass is laid out as the weight.
enum class WeightPlace : uint8_t { kA, kB, kResult };

/// product(a, b) of a pass whose plan is an error model. Errors of weights are in `factors`, 1 + e,
/// of the sizes of what is in `place`: the weight's operand becomes w·(1 + e), and its gradient,
/// in which each element sums products with one weight, is multiplied by 1 + e. Errors of products
/// are drawn here, from the state's next stream.
at::Tensor ProductWithErrors(const SimulatedPass& pass, const at::Tensor& a, const at::Tensor& b,
                             WeightPlace place, const at::Tensor& factors,
                             const NativeProduct& product);

}  // namespace mulberry
