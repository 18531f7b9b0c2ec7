// The scalar reference matrix product: the numeric contract of gemm.h, written so that it can be
// read against it. It is never optimised; fast kernels are measured by their equality with it.
#include "mulberry/kernels/gemm.h"
#include "mulberry/base/threads.h"

namespace mulberry {

void ReferenceGemm(const GemmProblem& problem, ScalarProduct product) {
  ParallelFor(problem.m(), [&](int64_t i) {
    for (int64_t j = 0; j < problem.n(); ++j) {
      float sum = 0.0f;
      for (int64_t l = 0; l < problem.k(); ++l) {
        const float a = ElementOf(problem.a, i, l);
        const float b = ElementOf(problem.b, l, j);
        sum += problem.b_first ? product(b, a) : product(a, b);
      }
      problem.c.at(i, j) = sum;
    }
  });
}

void ReferenceIntegerGemm(const GemmProblem& problem, IntegerProduct product) {
  ParallelFor(problem.m(), [&](int64_t i) {
    for (int64_t j = 0; j < problem.n(); ++j) {
      int64_t sum = 0;
      for (int64_t l = 0; l < problem.k(); ++l) {
        const auto a = static_cast<int32_t>(ElementOf(problem.a, i, l));
        const auto b = static_cast<int32_t>(ElementOf(problem.b, l, j));
        sum += problem.b_first ? product(b, a) : product(a, b);
      }
      problem.c.at(i, j) = problem.c.ValueOf(sum, i, j);
    }
  });
}

}  // namespace mulberry
