// From float tensors to the plain-data products of kernels/gemm.h: rounding operands into the
// plan's format, and running a batch of products. Internal to nn.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "mulberry/nn/state.h"
#include "mulberry/plan/plan.h"

namespace mulberry {

/// `tensor` (float, on the CPU) rounded into the plan's format: itself where the format is FP32,
/// else a new tensor of the same sizes. Views keep their strides; a broadcast dimension is rounded
/// once. Element i in memory order takes the i-th number of the state's next random stream.
at::Tensor RoundOperand(const at::Tensor& tensor, const Plan& plan, ModeState& state);

/// Runs problem(0) ... problem(count - 1), which write disjoint results. Results with an empty k
/// are set to zero by the caller beforehand; problems with an empty m, n or k are passed over.
void RunProblems(const Plan& plan, int64_t count,
                 const std::function<GemmProblem(int64_t)>& problem);

}  // namespace mulberry
