// From float tensors to the plain-data products of kernels/gemm.h: rounding operands into the
// plan's format, and running a batch of products. Internal to nn.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "mulberry/nn/state.h"
#include "mulberry/plan/plan.h"

namespace mulberry {

/// A tensor in a plan's format: what it stands for is scale · values.
struct RoundedOperand {
  at::Tensor values;
  float scale = 1.0f;
};

/// `tensor` (float, on the CPU), the `index` operand of the pass's multiplier, scaled and rounded
/// as the arithmetic says of that operand: itself where that changes nothing, else a new tensor of
/// the same sizes. Views keep their strides; a broadcast dimension is rounded once. Element i in
/// memory order takes the i-th number of the state's next random stream.
///
/// Integers and fixed point are the integers that are multiplied, and the scale is what a step of
/// them is worth: of integers such that the tensor's largest magnitude becomes the format's largest
/// value, so that zero stays zero; of fixed point eps. Throws Error for infinities, NaNs, and
/// negative elements where the format is unsigned. Blocks stay as they are: the product itself
/// rounds them (kernels/block_gemm.h).
RoundedOperand RoundOperand(const at::Tensor& tensor, OperandIndex index,
                            const SimulatedPass& pass);

/// A product of a pass: its two operands, in any order, and where it goes.
struct PassProduct {
  const SimulatedPass& pass;
  const RoundedOperand& a;
  const RoundedOperand& b;
  at::Tensor& c;

  /// Runs problem(0) ... problem(count - 1), which write disjoint parts of c, and scales c to what
  /// the operands stand for. Results with an empty k are set to zero by the caller beforehand;
  /// problems with an empty m, n or k are passed over. Their operands are counted where the mode
  /// has a recorder.
  void Run(int64_t count, const std::function<GemmProblem(int64_t)>& problem) const;
};

}  // namespace mulberry
