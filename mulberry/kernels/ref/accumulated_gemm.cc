// The scalar reference matrix product with an accumulator: the products of gemm.cc, in its order,
// each added to a sum that formats/accumulator.h defines. Never optimised.
#include <type_traits>

#include "mulberry/base/threads.h"
#include "mulberry/kernels/gemm.h"

namespace mulberry {
namespace {

/// `start` is the sum of no products, and Value what operands' elements are.
template <typename Value, typename Sum, typename Product>
void Define(const GemmProblem& problem, const Product& product, const Sum& start) {
  ParallelFor(problem.m(), [&](int64_t i) {
    for (int64_t j = 0; j < problem.n(); ++j) {
      Sum sum = start;
      for (int64_t l = 0; l < problem.k(); ++l) {
        const auto a = static_cast<Value>(ElementOf(problem.a, i, l));
        const auto b = static_cast<Value>(ElementOf(problem.b, l, j));
        sum.Add(problem.b_first ? product(b, a) : product(a, b));
      }
      if constexpr (std::is_integral_v<Value>) {
        problem.c.at(i, j) = problem.c.ValueOf(sum.word(), i, j);
      } else {
        problem.c.at(i, j) = sum.Result();
      }
    }
  });
}

}  // namespace

void ReferenceGemm(const GemmProblem& problem, ScalarProduct product,
                   const FloatAccumulator& accumulator) {
  Define<float>(problem, product, FloatSum(accumulator));
}

void ReferenceGemm(const GemmProblem& problem, ScalarProduct product,
                   const WordAccumulator& accumulator) {
  Define<float>(problem, product, WordSum(accumulator));
}

void ReferenceIntegerGemm(const GemmProblem& problem, IntegerProduct product,
                          const WordAccumulator& accumulator) {
  Define<int32_t>(problem, product, WordSum(accumulator));
}

void ReferenceExactGemm(const GemmProblem& problem, ExactScalarProduct product,
                        std::optional<PositFormat> posit) {
  Define<float>(problem, product, ExactSum(posit));
}

}  // namespace mulberry
