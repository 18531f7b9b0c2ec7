#include "mulberry/nn/operand.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <string>

#include "mulberry/base/error.h"
#include "mulberry/base/threads.h"
#include "mulberry/kernels/round.h"
#include "mulberry/nn/operand_recorder.h"

namespace mulberry {

namespace {

// The real number that an integer step of `format` stands for in a tensor of that extent.
float StepOf(const Extent& extent, const IntegerFormat& format, OperandIndex index,
             const SimulatedPass& pass) {
  const std::string name = Name(format);
  if (!extent.finite) {
    throw Error("a tensor with infinite or NaN elements cannot be quantised to {}", name);
  }
  if (!format.is_signed && extent.smallest < 0.0f) {
    throw Error(
        "{} has no negative values, but a tensor that is to be quantised to it has: the {} operand "
        "of {} in {}; a signed format, such as int{}, multiplies magnitudes and signs apart",
        name, Name(index), pass.call.layer->name, Name(pass.pass), format.bits);
  }
  const float step = std::max(extent.largest, -extent.smallest) / static_cast<float>(format.max());
  return step > 0.0f ? step : 1.0f;
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
  const Rounding rounding = plan.arithmetic().rounding;
  const RandomStream stream =
      rounding == Rounding::kStochastic ? pass.state().NextStream() : RandomStream{};
  const float* from = source.data_ptr<float>();
  float* to = rounded.values.data_ptr<float>();
  const int64_t size = source.numel();
  if (const auto* integer = std::get_if<IntegerFormat>(&format)) {
    rounded.scale = StepOf(ExtentOf(from, size), *integer, index, pass);
    QuantizeArray(*integer, rounding, rounded.scale, from, to, size, stream);
  } else {
    plan.Round(index, from, to, size, stream);
  }
  rounded.values = rounded.values.expand(tensor.sizes());
  return rounded;
}

float ScaleOfProduct(const RoundedOperand& a, const RoundedOperand& b) {
  return static_cast<float>(double{a.scale} * double{b.scale});
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
