// From float tensors to the plain-data products of kernels/gemm.h: rounding operands into the
// plan's format, and running a batch of products. Internal to nn.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "mulberry/nn/state.h"
#include "mulberry/plan/plan.h"

namespace mulberry {

/// A tensor in a plan's format: what it stands for is scale · values. The scale is 1 for floats.
struct RoundedOperand {
  at::Tensor values;
  float scale = 1.0f;
};

/// `tensor` (float, on the CPU), the `index` operand of the pass's multiplier, rounded into that
/// operand's format: itself where that changes nothing, else a new tensor of the same sizes. Views
/// keep their strides; a broadcast dimension is rounded once. Element i in memory order takes the
/// i-th number of the state's next random stream.
///
/// Integer formats: the scale maps the tensor's largest magnitude to the format's largest value, so
/// that zero stays zero. Throws Error for infinities, NaNs, and negative elements where the format
/// is unsigned.
RoundedOperand RoundOperand(const at::Tensor& tensor, OperandIndex index,
                            const SimulatedPass& pass);

/// What a product of values of `a` and `b` stands for: for Result::scale.
float ScaleOfProduct(const RoundedOperand& a, const RoundedOperand& b);

/// Runs problem(0) ... problem(count - 1), which write disjoint results. Results with an empty k
/// are set to zero by the caller beforehand; problems with an empty m, n or k are passed over.
/// Their operands are counted where the mode has a recorder.
void RunProblems(const SimulatedPass& pass, int64_t count,
                 const std::function<GemmProblem(int64_t)>& problem);

}  // namespace mulberry
