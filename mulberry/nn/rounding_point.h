// Rounding points: places in a model where a tensor passes through a function forward, and its
// gradient through another one backward. Simulations that keep tensors in a number format round
// there: dynamic fixed point, posits. What the functions do is the caller's (train/). Not here: the
// rounding of a product's operands, which belongs to its arithmetic (operand.h).
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace mulberry {

struct RoundingPoint {
  /// From a tensor to one of the same sizes, which may be itself. Called without autograd and below
  /// any mode; it may count what it sees.
  using Function = std::function<at::Tensor(const at::Tensor&)>;

  Function forward;   ///< Of the tensor.
  Function backward;  ///< Of its gradient, however steep `forward` is.
};

/// Points of the outputs of layers, by the layer's name.
using RoundingPoints = std::map<std::string, std::shared_ptr<const RoundingPoint>>;

/// `tensor` through the point. The backward function runs where autograd has a gradient of the
/// result. Throws Error in a backward pass with create_graph: there is no second derivative.
at::Tensor PassThrough(const std::shared_ptr<const RoundingPoint>& point, const at::Tensor& tensor);

}  // namespace mulberry
