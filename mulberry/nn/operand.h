// From float tensors to the plain-data products of kernels/gemm.h: rounding operands into the
// plan's format, and running a batch of products. Internal to nn.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "mulberry/nn/round_tensor.h"
#include "mulberry/nn/state.h"
#include "mulberry/plan/plan.h"

namespace mulberry {

/// An operand in its format: values q, which stand for scale · (q - zero), with one scale and zero
/// for the tensor or one for each channel.
struct RoundedOperand {
  at::Tensor values;
  std::vector<float> scales = {1.0f};
  std::vector<int32_t> zeros = {0};

  bool per_channel() const { return scales.size() > 1; }
  bool has_zeros() const;
};

/// `tensor` (float, on the CPU), the `index` operand of the pass's multiplier, scaled and rounded
/// as the arithmetic says of that operand, by RoundInto: itself where that changes nothing, else a
/// new tensor of the same sizes. The first of a forward product, its activation, takes the layer's
/// range where the mode has one. Views keep their strides; a broadcast dimension is rounded once.
/// Stochastic rounding takes the state's next random stream. Blocks stay as they are: the product
/// itself rounds them (kernels/block_gemm.h). Channels are those of `channel_dim`, and need not
/// keep their strides.
RoundedOperand RoundOperand(const at::Tensor& tensor, OperandIndex index, int64_t channel_dim,
                            const SimulatedPass& pass);

/// One of a pass's products, and the channels in it of the operand that has them: its line i, a
/// row of A or a column of B, is of channel first_channel + i / channel_lines.
struct PassProblem {
  GemmProblem gemm;
  int64_t first_channel = 0;
  int64_t channel_lines = 1;
};

/// A product of a pass: its two operands, A's and B's, and where it goes.
struct PassProduct {
  const SimulatedPass& pass;
  const RoundedOperand& a;
  const RoundedOperand& b;
  at::Tensor& c;

  /// Runs problem(0) ... problem(count - 1), which write disjoint parts of c, and scales c to what
  /// the operands stand for. Results with an empty k are set to zero by the caller beforehand;
  /// problems with an empty m, n or k are passed over. Their operands are counted where the mode
  /// has a recorder.
  void Run(int64_t count, const std::function<PassProblem(int64_t)>& problem) const;
};

}  // namespace mulberry
