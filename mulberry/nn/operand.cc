#include "mulberry/nn/operand.h"

#include <ATen/Functions.h>

#include <cmath>
#include <string>

#include "mulberry/base/error.h"
#include "mulberry/base/threads.h"
#include "mulberry/nn/operand_recorder.h"

namespace mulberry {

namespace {

// The real number that an integer step of `format` stands for in `tensor`.
float ScaleOf(const at::Tensor& tensor, const IntegerFormat& format, OperandIndex index,
              const SimulatedPass& pass) {
  const std::string name = Name(format);
  if (tensor.numel() == 0) return 1.0f;
  const float largest = tensor.abs().max().item<float>();
  if (!std::isfinite(largest)) {
    throw Error("a tensor with infinite or NaN elements cannot be quantised to {}", name);
  }
  if (!format.is_signed && tensor.min().item<float>() < 0.0f) {
    throw Error(
        "{} has no negative values, but a tensor that is to be quantised to it has: the {} operand "
        "of {} in {}; a signed format, such as int{}, multiplies magnitudes and signs apart",
        name, Name(index), pass.call.layer->name, Name(pass.pass), format.bits);
  }
  const float scale = largest / static_cast<float>(format.max());
  return scale > 0.0f ? scale : 1.0f;
}

}  // namespace

RoundedOperand RoundOperand(const at::Tensor& tensor, OperandIndex index,
                            const SimulatedPass& pass) {
  const Plan& plan = pass.plan();
  const Format format = plan.arithmetic().format_of(index);
  if (format == Format(kFp32)) return {tensor};
  at::Tensor source = tensor;
  for (int64_t dim = 0; dim < tensor.dim(); ++dim) {
    if (tensor.stride(dim) == 0 && tensor.size(dim) > 1) source = source.narrow(dim, 0, 1);
  }
  if (!source.is_non_overlapping_and_dense()) source = source.contiguous();
  RoundedOperand rounded{at::empty_strided(source.sizes(), source.strides(), source.options())};
  if (const auto* integer = std::get_if<IntegerFormat>(&format)) {
    rounded.scale = ScaleOf(source, *integer, index, pass);
    source = source / rounded.scale;
  }
  const bool stochastic = plan.arithmetic().rounding == Rounding::kStochastic;
  plan.Round(index, source.data_ptr<float>(), rounded.values.data_ptr<float>(), source.numel(),
             stochastic ? pass.state().NextStream() : RandomStream{});
  rounded.values = rounded.values.expand(tensor.sizes());
  return rounded;
}

void Rescale(at::Tensor& product, const RoundedOperand& a, const RoundedOperand& b) {
  const double scale = double{a.scale} * double{b.scale};
  if (scale != 1.0) product.mul_(scale);
}

void RunProblems(const SimulatedPass& pass, int64_t count,
                 const std::function<GemmProblem(int64_t)>& problem) {
  const auto run = [&](int64_t i) {
    const GemmProblem p = problem(i);
    if (p.m() == 0 || p.n() == 0 || p.k() == 0) return;
    pass.plan().Gemm(p);
    if (OperandRecorder* recorder = pass.state().recorder()) {
      recorder->Record(pass.call.layer->name, pass.pass, pass.plan().arithmetic(), p);
    }
  };
  // Many small products keep all threads busy one product each; few large ones are divided inside.
  if (count >= 2 * Threads()) {
    ParallelFor(count, run);
  } else {
    for (int64_t i = 0; i < count; ++i) run(i);
  }
}

}  // namespace mulberry
