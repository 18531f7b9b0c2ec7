#include "mulberry/nn/operand.h"

#include <ATen/Functions.h>

#include <algorithm>

#include "mulberry/base/threads.h"

namespace mulberry {

at::Tensor RoundOperand(const at::Tensor& tensor, const Plan& plan, ModeState& state) {
  if (plan.arithmetic().format == kFp32) return tensor;
  at::Tensor source = tensor;
  for (int64_t dim = 0; dim < tensor.dim(); ++dim) {
    if (tensor.stride(dim) == 0 && tensor.size(dim) > 1) source = source.narrow(dim, 0, 1);
  }
  if (!source.is_non_overlapping_and_dense()) source = source.contiguous();
  at::Tensor rounded = at::empty_strided(source.sizes(), source.strides(), source.options());
  const bool stochastic = plan.arithmetic().rounding == Rounding::kStochastic;
  const RandomStream stream = stochastic ? state.NextStream() : RandomStream{};
  const float* in = source.data_ptr<float>();
  float* out = rounded.data_ptr<float>();
  const int64_t n = source.numel();
  constexpr int64_t kChunk = 1 << 16;
  ParallelFor((n + kChunk - 1) / kChunk, [&](int64_t chunk) {
    const int64_t first = chunk * kChunk;
    plan.Round(in + first, out + first, std::min(kChunk, n - first), stream,
               static_cast<uint64_t>(first));
  });
  return rounded.expand(tensor.sizes());
}

void RunProblems(const Plan& plan, int64_t count,
                 const std::function<GemmProblem(int64_t)>& problem) {
  const auto run = [&](int64_t i) {
    const GemmProblem p = problem(i);
    if (p.m() > 0 && p.n() > 0 && p.k() > 0) plan.Gemm(p);
  };
  // Many small products keep all threads busy one product each; few large ones are divided inside.
  if (count >= 2 * Threads()) {
    ParallelFor(count, run);
  } else {
    for (int64_t i = 0; i < count; ++i) run(i);
  }
}

}  // namespace mulberry
