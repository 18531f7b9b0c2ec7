#include "mulberry/nn/operand.h"

#include <fmt/format.h>

#include "mulberry/base/threads.h"
#include "mulberry/nn/operand_recorder.h"

namespace mulberry {

namespace {

// `tensor` without its broadcast dimensions' copies, dense.
at::Tensor DenseOnce(const at::Tensor& tensor) {
  at::Tensor source = tensor;
  for (int64_t dim = 0; dim < tensor.dim(); ++dim) {
    if (tensor.stride(dim) == 0 && tensor.size(dim) > 1) source = source.narrow(dim, 0, 1);
  }
  return source.is_non_overlapping_and_dense() ? source : source.contiguous();
}

}  // namespace

RoundedOperand RoundOperand(const at::Tensor& tensor, OperandIndex index,
                            const SimulatedPass& pass) {
  const Plan& plan = pass.plan();
  const Arithmetic& arithmetic = plan.arithmetic();
  const Format& format = arithmetic.format_of(index);
  if (arithmetic.is_block() || format == Format(kFp32)) return {tensor};
  const TensorFormat into{format, arithmetic.rounding[index], arithmetic.scaling[index]};
  const RandomStream stream =
      into.rounding == Rounding::kStochastic ? pass.state().NextStream() : RandomStream{};
  const auto name = [&] {
    return fmt::format("the {} operand of {} in {}", Name(index), pass.call.layer->name,
                       Name(pass.pass));
  };
  RoundedOperand rounded = RoundInto(into, DenseOnce(tensor), stream, name);
  rounded.values = rounded.values.expand(tensor.sizes());
  return rounded;
}

void PassProduct::Run(int64_t count, const std::function<GemmProblem(int64_t)>& problem) const {
  const Plan& plan = pass.plan();
  const auto scale = static_cast<float>(double{a.scale} * double{b.scale});
  const auto run = [&](int64_t i) {
    GemmProblem p = problem(i);
    if (p.m() == 0 || p.n() == 0 || p.k() == 0) return;
    p.c.scale = scale;
    plan.Gemm(p);
    if (OperandRecorder* recorder = pass.state().recorder()) {
      recorder->Record(pass.call.layer->name, pass.pass, plan.arithmetic(), p);
    }
  };
  // Many small products keep all threads busy one product each; few large ones are divided inside.
  if (count >= 2 * Threads()) {
    ParallelFor(count, run);
  } else {
    for (int64_t i = 0; i < count; ++i) run(i);
  }
  // Sums of integers were scaled where they were rounded; powers of two can be applied here.
  if (scale != 1.0f && !plan.arithmetic().is_integer()) c.mul_(scale);
}

}  // namespace mulberry
