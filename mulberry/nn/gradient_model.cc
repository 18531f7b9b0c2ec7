#include "mulberry/nn/gradient_model.h"

#include <ATen/Functions.h>
#include <ATen/ops/linalg_svd.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>

#include "mulberry/analysis/slopes.h"
#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr OperandIndex OtherThan(OperandIndex of) {
  return of == OperandIndex::kFirst ? OperandIndex::kSecond : OperandIndex::kFirst;
}

at::Tensor TableOf(const std::vector<double>& values) {
  return at::tensor(values, at::TensorOptions().dtype(at::kFloat));
}

// The table's entries for integers of the format.
at::Tensor LookUp(const at::Tensor& table, const IntegerFormat& format, const at::Tensor& values) {
  const at::Tensor index = values.sub(format.min()).to(at::kLong);
  return table.index_select(0, index.flatten()).view(values.sizes());
}

float LookUpOne(const at::Tensor& table, const IntegerFormat& format, int64_t value) {
  return table.data_ptr<float>()[value - format.min()];
}

// One for the tensor, or one for each channel, as what is multiplied or added to it.
at::Tensor ByChannel(const at::Tensor& values, const at::Tensor& tensor, int64_t channel_dim) {
  if (values.numel() == 1) return values.view(at::IntArrayRef{});
  std::vector<int64_t> sizes(static_cast<size_t>(tensor.dim()), 1);
  sizes[static_cast<size_t>(channel_dim)] = values.numel();
  return values.view(sizes);
}

// The fewest leading singular vectors whose products leave an error of at most `largest_error`, in
// the Frobenius norm, of a table: first values by second values.
struct Factors {
  at::Tensor first, second;  ///< [values, terms]
};
Factors Factorise(const at::Tensor& matrix, double largest_error) {
  const auto [u, s, vt] = at::linalg_svd(matrix, /*full_matrices=*/false);
  const at::Tensor squares = s.square();
  double left = squares.sum().item<double>();
  int64_t terms = 0;
  while (terms < s.numel() && left > largest_error * largest_error)
    left -= squares[terms++].item<double>();
  return {u.narrow(1, 0, terms).mul(s.narrow(0, 0, terms)).to(at::kFloat),
          vt.narrow(0, 0, terms).t().to(at::kFloat)};
}

}  // namespace

GradientModel::GradientModel(const GradientEstimator& estimator, const Arithmetic& arithmetic)
    : formats_(arithmetic.integer_formats().first, arithmetic.integer_formats().second) {
  for (const OperandIndex operand : {OperandIndex::kFirst, OperandIndex::kSecond}) {
    if (arithmetic.rounding[operand] != Rounding::kStochastic) continue;
    throw UsageError(
        "{}: gradient estimators round operands anew in the backward pass, and a stochastic "
        "rounding gives others; give round=nearest",
        Print(arithmetic));
  }
  const auto terms_of = [&](OperandIndex of) -> std::vector<Term> {
    if (estimator.kind == GradientEstimator::Kind::kStraightThrough) return {Term{}};
    const ErrorSubject subject = SubjectOf(arithmetic);
    if (estimator.kind == GradientEstimator::Kind::kSlopes) {
      return {Term{{}, TableOf(MeanSlopes(subject, of, estimator.window))}};
    }
    std::vector<double> slopes = SmoothedDifferences(subject, of, estimator.window);
    const int64_t rows = subject.a_range().count, columns = subject.b_range().count;
    const at::Tensor table = at::from_blob(slopes.data(), {rows, columns}, at::kDouble);
    const bool of_first = of == OperandIndex::kFirst;
    const OperandRange other = of_first ? subject.b_range() : subject.a_range();
    const at::Tensor exact =
        at::arange(other.lowest, other.highest() + 1, at::kDouble).unsqueeze(of_first ? 0 : 1);
    const Factors factors =
        Factorise(table - exact, estimator.tolerance_pct / 100 * table.norm().item<double>());
    std::vector<Term> terms{Term{}};
    for (int64_t r = 0; r < factors.first.size(1); ++r) {
      const at::Tensor first = factors.first.select(1, r).contiguous();
      const at::Tensor second = factors.second.select(1, r).contiguous();
      terms.push_back(of_first ? Term{first, second} : Term{second, first});
    }
    return terms;
  };
  terms_ = {terms_of(OperandIndex::kFirst), terms_of(OperandIndex::kSecond)};
}

std::shared_ptr<const GradientModel> GradientModel::Of(const GradientEstimator& estimator,
                                                       const Arithmetic& arithmetic) {
  static std::mutex mutex;
  static std::map<std::pair<std::string, std::string>, std::shared_ptr<const GradientModel>> models;
  const std::lock_guard<std::mutex> lock(mutex);
  auto& model = models[{Print(estimator), Print(arithmetic)}];
  if (!model) model.reset(new GradientModel(estimator, arithmetic));
  return model;
}

// An element stands for s·(q - z), and the product of two for s_a·s_b times
// M(a, b) - z_a·b - z_b·a + z_a·z_b: the derivative in what a stands for is s_b·(∂M/∂a - z_b).
at::Tensor GradientModel::Gradient(OperandIndex of, const RoundedOperand& self,
                                   const RoundedOperand& other, int64_t channel_dim,
                                   const NativeGradient& native) const {
  const IntegerFormat &own = formats_[of], &others = formats_[OtherThan(of)];
  const at::Tensor scale = ByChannel(at::tensor(other.scales), other.values, channel_dim);
  at::Tensor sum;
  for (const Term& term : terms_[of]) {
    const bool exact_part = !term.of_self.defined();
    at::Tensor factor =
        term.of_other.defined() ? LookUp(term.of_other, others, other.values) : other.values;
    float at_zero = term.of_other.defined() ? LookUpOne(term.of_other, others, other.zeros[0])
                                            : static_cast<float>(other.zeros[0]);
    if (exact_part && other.has_zeros()) {
      const at::Tensor zeros = at::tensor(other.zeros).to(at::kFloat);
      factor = factor - ByChannel(zeros, other.values, channel_dim);
    }
    if (exact_part) at_zero -= static_cast<float>(other.zeros[0]);
    at::Tensor gradient = native(factor * scale, at_zero * other.scales[0]);
    if (term.of_self.defined()) gradient.mul_(LookUp(term.of_self, own, self.values));
    sum = sum.defined() ? sum.add_(gradient) : gradient;
  }
  return sum;
}

double GradientModel::Slope(OperandIndex of, int64_t first, int64_t second) const {
  const bool of_first = of == OperandIndex::kFirst;
  const int64_t self = of_first ? first : second, other = of_first ? second : first;
  double sum = 0;
  for (const Term& term : terms_[of]) {
    const double of_other = term.of_other.defined()
                                ? LookUpOne(term.of_other, formats_[OtherThan(of)], other)
                                : static_cast<double>(other);
    sum += of_other * (term.of_self.defined() ? LookUpOne(term.of_self, formats_[of], self) : 1.0);
  }
  return sum;
}

at::Tensor WithinRange(const at::Tensor& activation, const RoundedOperand& rounded,
                       const IntegerFormat& format) {
  const double zero = rounded.zeros[0], step = rounded.scales[0];
  return activation.ge(step * (format.min() - zero - 0.5))
      .logical_and_(activation.le(step * (format.max() - zero + 0.5)));
}

}  // namespace mulberry
