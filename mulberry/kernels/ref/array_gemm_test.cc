// ArrayGemm against the reference: sums longer and outputs more than one batch.
#include <gtest/gtest.h>

#include "mulberry/base/threads.h"
#include "mulberry/kernels/gemm.h"
#include "mulberry/kernels/test_multiplier.h"

namespace mulberry {
namespace {

struct Shape {
  int64_t m, n, k;
};
constexpr Shape kShapes[] = {{1, 1, 1}, {3, 5, 0}, {7, 11, 13}, {40, 50, 70}, {2, 3, 70000}};

/// The result of `gemm` for operands of the shape, rows of c apart.
template <typename Gemm>
std::vector<float> ResultOf(const Shape& shape, const std::vector<float>& a,
                            const std::vector<float>& b, bool b_first, Gemm gemm) {
  const auto [m, n, k] = shape;
  std::vector<float> c(static_cast<size_t>(m * (n + 1)), -1.0f);
  GemmProblem problem;
  problem.a = StridedOperand(a.data(), m, k, k, 1);
  problem.b = StridedOperand(b.data(), k, n, 1, k);
  problem.c = {c.data(), n + 1, n, 1, 0};
  problem.b_first = b_first;
  gemm(problem);
  return c;
}

TEST(ArrayGemm, HasTheBitsOfTheReference) {
  const TestMultiplier multiplier = RandomMultiplier(5, 12, 1);
  const FloatArrayProduct arrays = {
      [](const void* self, const float* a, const float* b, float* products, size_t n) {
        for (size_t i = 0; i < n; ++i) {
          products[i] = (*static_cast<const TestMultiplier*>(self))(a[i], b[i]);
        }
      },
      &multiplier};
  for (const Shape& shape : kShapes) {
    const auto a = RandomElements(shape.m * shape.k, 5, Elements::kOrdinary, 2);
    const auto b = RandomElements(shape.k * shape.n, 5, Elements::kSpecial, 3);
    for (const bool b_first : {false, true}) {
      const auto expected = ResultOf(shape, a, b, b_first, [&](const GemmProblem& problem) {
        ReferenceGemm(problem, multiplier.product());
      });
      for (const int threads : {1, 2}) {
        SetThreads(threads);
        ExpectSameBits(expected, ResultOf(shape, a, b, b_first, [&](const GemmProblem& problem) {
                         ArrayGemm(problem, arrays);
                       }));
      }
    }
  }
}

TEST(ArrayGemm, HasTheBitsOfTheReferenceForIntegers) {
  // Not commutative, and with sums beyond FP32's 24 bits.
  const auto product = [](const void*, int32_t a, int32_t b) -> int64_t {
    return int64_t{a} * b * 65537 + a;
  };
  const IntegerArrayProduct arrays = {
      [](const void*, const int32_t* a, const int32_t* b, int64_t* products, size_t n) {
        for (size_t i = 0; i < n; ++i) products[i] = int64_t{a[i]} * b[i] * 65537 + a[i];
      },
      nullptr};
  for (const Shape& shape : kShapes) {
    std::vector<float> a(static_cast<size_t>(shape.m * shape.k));
    std::vector<float> b(static_cast<size_t>(shape.k * shape.n));
    for (size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(i * 7919 % 4001) - 2000;
    for (size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>(i * 6007 % 3001) - 1500;
    for (const bool b_first : {false, true}) {
      ExpectSameBits(ResultOf(shape, a, b, b_first,
                              [&](const GemmProblem& problem) {
                                ReferenceIntegerGemm(problem, {product, nullptr});
                              }),
                     ResultOf(shape, a, b, b_first,
                              [&](const GemmProblem& problem) { ArrayGemm(problem, arrays); }));
    }
  }
}

TEST(ArrayGemm, HasTheBitsOfTheReferenceForEveryAccumulator) {
  const TestMultiplier multiplier = RandomMultiplier(5, 12, 1);
  const FloatArrayProduct floats = {
      [](const void* self, const float* a, const float* b, float* products, size_t n) {
        for (size_t i = 0; i < n; ++i) {
          products[i] = (*static_cast<const TestMultiplier*>(self))(a[i], b[i]);
        }
      },
      &multiplier};
  const auto integer_product = [](const void*, int32_t a, int32_t b) -> int64_t {
    return a * b + a;
  };
  const IntegerArrayProduct integers = {
      [](const void*, const int32_t* a, const int32_t* b, int64_t* products, size_t n) {
        for (size_t i = 0; i < n; ++i) products[i] = a[i] * b[i] + a[i];
      },
      nullptr};
  const auto exact_product = [](const void*, float a, float b) -> ExactProduct {
    return {.number = Unpack(double{a} * b)};
  };
  const ExactArrayProduct exact = {
      [](const void*, const float* a, const float* b, ExactProduct* products, size_t n) {
        for (size_t i = 0; i < n; ++i) products[i] = {.number = Unpack(double{a[i]} * b[i])};
      },
      nullptr};
  const FloatAccumulator narrow{.format = kFp16, .chunk = 100};
  const WordAccumulator fixed{.is_integer = false, .bits = 20, .fraction_bits = 10};
  const WordAccumulator word{.bits = 16, .adder = {AdderKind::kLowerOr, 3}};
  for (const Shape& shape : kShapes) {
    const auto a = RandomElements(shape.m * shape.k, 5, Elements::kOrdinary, 2);
    const auto b = RandomElements(shape.k * shape.n, 5, Elements::kSparse, 3);
    const auto same = [&](const auto& reference, const auto& arrays, const std::vector<float>& x,
                          const std::vector<float>& y) {
      ExpectSameBits(ResultOf(shape, x, y, true, reference), ResultOf(shape, x, y, true, arrays));
    };
    using Problem = const GemmProblem&;
    same([&](Problem p) { ReferenceGemm(p, multiplier.product(), narrow); },
         [&](Problem p) { ArrayGemm(p, floats, narrow); }, a, b);
    same([&](Problem p) { ReferenceGemm(p, multiplier.product(), fixed); },
         [&](Problem p) { ArrayGemm(p, floats, fixed); }, a, b);
    std::vector<float> whole_a(a.size()), whole_b(b.size());
    for (size_t i = 0; i < a.size(); ++i) whole_a[i] = static_cast<float>(i % 201) - 100;
    for (size_t i = 0; i < b.size(); ++i) whole_b[i] = static_cast<float>(i % 53) - 20;
    same(
        [&](Problem p) {
          ReferenceIntegerGemm(p, {integer_product, nullptr}, word);
        },
        [&](Problem p) { ArrayGemm(p, integers, word); }, whole_a, whole_b);
    same(
        [&](Problem p) {
          ReferenceExactGemm(p, {exact_product, nullptr}, std::nullopt);
        },
        [&](Problem p) { ArrayGemm(p, exact, std::nullopt); }, a, b);
    same(
        [&](Problem p) {
          ReferenceExactGemm(p, {exact_product, nullptr}, PositFormat{8, 1});
        },
        [&](Problem p) {
          ArrayGemm(p, exact, PositFormat{8, 1});
        },
        a, b);
  }
}

}  // namespace
}  // namespace mulberry
