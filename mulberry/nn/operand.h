// From float tensors to the plain-data products of kernels/gemm.h: rounding operands into the
// plan's format, and running a batch of products. Internal to nn.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "mulberry/nn/round_tensor.h"
#include "mulberry/nn/state.h"
#include "mulberry/plan/plan.h"

namespace mulberry {

using RoundedOperand = RoundedTensor;

/// `tensor` (float, on the CPU), the `index` operand of the pass's multiplier, scaled and rounded
/// as the arithmetic says of that operand, by RoundInto: itself where that changes nothing, else a
/// new tensor of the same sizes. Views keep their strides; a broadcast dimension is rounded once.
/// Stochastic rounding takes the state's next random stream. Blocks stay as they are: the product
/// itself rounds them (kernels/block_gemm.h).
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
