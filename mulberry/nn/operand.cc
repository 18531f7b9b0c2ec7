#include "mulberry/nn/operand.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>

#include "mulberry/base/error.h"
#include "mulberry/base/threads.h"
#include "mulberry/kernels/round.h"
#include "mulberry/nn/operand_recorder.h"

namespace mulberry {

namespace {

// The real number that a step of the integers stands for in a tensor of that extent.
float StepOf(const Extent& extent, OperandIndex index, const SimulatedPass& pass) {
  const Format& format = pass.plan().arithmetic().format_of(index);
  if (!extent.finite) {
    throw Error("a tensor with infinite or NaN elements cannot be quantised to {}", Name(format));
  }
  if (const auto* fixed = std::get_if<FixedFormat>(&format)) return fixed->epsilon();
  if (const auto* dynamic = std::get_if<DynamicFixedFormat>(&format)) {
    return FittedTo(*dynamic, extent.smallest, extent.largest).epsilon();
  }
  const auto& integers = std::get<IntegerFormat>(format);
  if (!integers.is_signed && extent.smallest < 0.0f) {
    throw Error(
        "{} has no negative values, but a tensor that is to be quantised to it has: the {} operand "
        "of {} in {}; a signed format, such as int{}, multiplies magnitudes and signs apart",
        Name(format), Name(index), pass.call.layer->name, Name(pass.pass), integers.bits);
  }
  const Scaling& scaling = pass.plan().arithmetic().scaling[index];
  if (scaling.kind == Scaling::Kind::kPower) return std::ldexp(1.0f, scaling.exponent);
  const float step =
      std::max(extent.largest, -extent.smallest) / static_cast<float>(integers.max());
  return step > 0.0f ? step : 1.0f;
}

// The power of two that a tensor of floats or posits is divided by. One that is not finite shows
// it without a scale.
float PowerOf(const float* values, int64_t n, const Format& format, const Scaling& scaling) {
  double largest = 0, mean_log2 = 0;
  if (scaling.kind == Scaling::Kind::kMax) {
    const Extent extent = ExtentOf(values, n);
    if (!extent.finite) return 1.0f;
    largest = std::max(extent.largest, -extent.smallest);
  }
  if (scaling.kind == Scaling::Kind::kCenter) {
    const Magnitudes range = MagnitudesOf(format);
    mean_log2 = MeanLog2(values, n, range.smallest, range.largest);
  }
  return std::ldexp(1.0f, ScaleExponent(scaling, format, largest, mean_log2));
}

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
  const at::Tensor source = DenseOnce(tensor);
  RoundedOperand rounded{at::empty_strided(source.sizes(), source.strides(), source.options())};
  const Rounding rounding = arithmetic.rounding[index];
  const RandomStream stream =
      rounding == Rounding::kStochastic ? pass.state().NextStream() : RandomStream{};
  const float* from = source.data_ptr<float>();
  float* to = rounded.values.data_ptr<float>();
  const int64_t size = source.numel();
  if (const auto integers = IntegersOf(format)) {
    rounded.scale = StepOf(ExtentOf(from, size), index, pass);
    QuantizeArray(*integers, rounding, rounded.scale, from, to, size, stream);
  } else {
    rounded.scale = PowerOf(from, size, format, arithmetic.scaling[index]);
    if (rounded.scale != 1.0f) {
      at::mul_out(rounded.values, source, 1.0f / rounded.scale);
      from = to;
    }
    plan.Round(index, from, to, size, stream);
  }
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
