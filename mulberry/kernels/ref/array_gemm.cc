// Matrix products by a multiplication of arrays: all products of some outputs at once, then their
// sums in the order of the contract.
#include <algorithm>
#include <type_traits>
#include <vector>

#include "mulberry/base/threads.h"
#include "mulberry/kernels/gemm.h"

namespace mulberry {
namespace {

/// Products asked for at once: what a user's circuit takes in one batch.
constexpr int64_t kProducts = int64_t{1} << 16;

/// The sums of the contract.
struct StandardFloatSum {
  void Add(float product) { sum += product; }
  float Result() const { return sum; }
  float sum = 0;
};
struct StandardIntegerSum {
  void Add(int64_t product) { sum += product; }
  int64_t word() const { return sum; }
  int64_t sum = 0;
};

/// `start` is the sum of no products.
template <typename Sum, typename Value, typename Product>
void Gemm(const GemmProblem& problem, const ArrayProduct<Value, Product>& product,
          const Sum& start) {
  const int64_t m = problem.m(), n = problem.n(), k = problem.k();
  const int64_t depth = std::clamp<int64_t>(k, 1, kProducts);
  const int64_t width = std::max<int64_t>(1, std::min(kProducts / depth, m * n));
  const int64_t groups = (m * n + width - 1) / width;
  ParallelFor(groups, [&](int64_t group) {
    const int64_t begin = group * width, end = std::min(begin + width, m * n);
    std::vector<Sum> sums(static_cast<size_t>(end - begin), start);
    std::vector<Value> a, b;
    std::vector<Product> products;
    for (int64_t first = 0; first < k; first += depth) {
      const int64_t last = std::min(first + depth, k);
      a.clear();
      b.clear();
      for (int64_t output = begin; output < end; ++output) {
        for (int64_t l = first; l < last; ++l) {
          a.push_back(static_cast<Value>(ElementOf(problem.a, output / n, l)));
          b.push_back(static_cast<Value>(ElementOf(problem.b, l, output % n)));
        }
      }
      products.resize(a.size());
      if (problem.b_first) std::swap(a, b);
      product(a.data(), b.data(), products.data(), a.size());
      const Product* next = products.data();
      for (Sum& sum : sums) {
        for (int64_t l = first; l < last; ++l) sum.Add(*next++);
      }
    }
    for (int64_t output = begin; output < end; ++output) {
      const Sum& sum = sums[output - begin];
      const int64_t i = output / n, j = output % n;
      if constexpr (std::is_integral_v<Value>) {
        problem.c.at(i, j) = problem.c.ValueOf(sum.word(), i, j);
      } else {
        problem.c.at(i, j) = sum.Result();
      }
    }
  });
}

}  // namespace

void ArrayGemm(const GemmProblem& problem, FloatArrayProduct product) {
  Gemm(problem, product, StandardFloatSum());
}

void ArrayGemm(const GemmProblem& problem, FloatArrayProduct product,
               const FloatAccumulator& accumulator) {
  Gemm(problem, product, FloatSum(accumulator));
}

void ArrayGemm(const GemmProblem& problem, FloatArrayProduct product,
               const WordAccumulator& accumulator) {
  Gemm(problem, product, WordSum(accumulator));
}

void ArrayGemm(const GemmProblem& problem, IntegerArrayProduct product) {
  Gemm(problem, product, StandardIntegerSum());
}

void ArrayGemm(const GemmProblem& problem, IntegerArrayProduct product,
               const WordAccumulator& accumulator) {
  Gemm(problem, product, WordSum(accumulator));
}

void ArrayGemm(const GemmProblem& problem, ExactArrayProduct product,
               std::optional<PositFormat> posit) {
  Gemm(problem, product, ExactSum(posit));
}

}  // namespace mulberry
