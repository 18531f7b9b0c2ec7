#include "mulberry/nn/operand.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

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

// What the lines of one operand of a product stand for, the rows of A or the columns of B, where
// the kernel has to know it of each.
class Lines {
 public:
  // `columns` is the operand with its lines as columns.
  Lines(const RoundedOperand& operand, const RoundedOperand& other, const PassProblem& problem,
        const Operand& columns) {
    const bool has_zeros = operand.has_zeros();
    for (int64_t i = 0; i < columns.cols; ++i) {
      const int64_t channel = problem.first_channel + i / problem.channel_lines;
      const auto at = static_cast<size_t>(operand.per_channel() ? channel : 0);
      if (operand.per_channel()) {
        scales_.push_back(static_cast<float>(double{operand.scales[at]} * other.scales[0]));
      }
      if (has_zeros) zeros_.push_back(operand.zeros[at]);
    }
    if (other.has_zeros()) sums_ = SumsOfColumns(columns);
  }

  IntegerLines view() const {
    const auto data = [](const auto& v) { return v.empty() ? nullptr : v.data(); };
    return {data(scales_), data(zeros_), data(sums_)};
  }

 private:
  std::vector<float> scales_;
  std::vector<double> zeros_, sums_;
};

}  // namespace

bool RoundedOperand::has_zeros() const {
  return std::ranges::any_of(zeros, [](int32_t zero) { return zero != 0; });
}

RoundedOperand RoundOperand(const at::Tensor& tensor, OperandIndex index, int64_t channel_dim,
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
  if (into.scaling.per_channel) {
    const at::Tensor channels = tensor.movedim(channel_dim, 0).contiguous();
    RoundedChannels rounded = RoundChannels(into, channels, stream, name);
    return {rounded.values.movedim(0, channel_dim), std::move(rounded.scales),
            std::move(rounded.zeros)};
  }
  const bool is_activation = pass.pass == Pass::kForward && index == OperandIndex::kFirst;
  const Range* range = is_activation ? pass.state().RangeOf(*pass.call.layer) : nullptr;
  const RoundedTensor rounded = RoundInto(into, DenseOnce(tensor), stream, name, range);
  return {rounded.values.expand(tensor.sizes()), {rounded.scale}, {rounded.zero}};
}

void PassProduct::Run(int64_t count, const std::function<PassProblem(int64_t)>& problem) const {
  const Plan& plan = pass.plan();
  const auto scale = static_cast<float>(double{a.scales[0]} * double{b.scales[0]});
  const bool of_lines = a.per_channel() || b.per_channel() || a.has_zeros() || b.has_zeros();
  const auto run = [&](int64_t i) {
    const PassProblem part = problem(i);
    GemmProblem p = part.gemm;
    if (p.m() == 0 || p.n() == 0 || p.k() == 0) return;
    p.c.scale = scale;
    std::optional<Lines> rows, columns;
    if (of_lines) {
      p.c.rows = rows.emplace(a, b, part, Transpose(p.a)).view();
      p.c.columns = columns.emplace(b, a, part, p.b).view();
      p.c.products = p.k();
    }
    plan.Gemm(p);
    if (OperandRecorder* recorder = pass.state().recorder()) {
      recorder->Record(pass.call.layer->name, pass.pass, plan.arithmetic(), p, i);
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
