// BlockGemm against the scalar reference, and the reference against a product worked out in double.
#include "mulberry/kernels/block_gemm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "mulberry/base/random.h"

namespace mulberry {
namespace {

/// A multiplier that is not commutative, on floats and on integers: results tell the operands.
void FloatElements(const void*, const GemmProblem& problem) {
  ReferenceGemm(problem, {[](const void*, float a, float b) { return a * b + a / 8; }, nullptr});
}
void IntegerElements(const void*, const GemmProblem& problem) {
  ReferenceIntegerGemm(
      problem, {[](const void*, int32_t a, int32_t b) { return int64_t{a} * b + a; }, nullptr});
}
ElementGemm ElementsOf(const BlockFormat& format) {
  return {format.is_integer() ? IntegerElements : FloatElements, nullptr};
}

std::vector<float> RandomValues(int64_t n, uint64_t seed, int binades) {
  std::vector<float> values(static_cast<size_t>(n));
  const RandomStream random{seed, 0};
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] =
        std::ldexp(static_cast<float>(random.At(2 * i)) - 0x1p31f,
                   -30 - static_cast<int>(random.At(2 * i + 1) % static_cast<uint32_t>(binades)));
  }
  return values;
}

struct Case {
  BlockFormat first, second;
  int64_t m, n, k;
};
std::vector<Case> Cases() {
  const auto named = [](const char* name) { return *FindBlockFormat(name); };
  return {{named("mxfp8"), named("mxfp8"), 5, 7, 64},
          {named("mxfp8(e5m2)"), named("mxfp8(e4m3)"), 3, 70, 33},
          {named("mxfp6(e3m2)"), named("mxfp4"), 65, 2, 31},
          {named("mxfp6(e2m3)"), named("mxfp6(e2m3)"), 4, 4, 1},
          {named("mxint8"), named("mxint8"), 6, 9, 100},
          {MakeBlockFloatingPoint(12, 16), MakeBlockFloatingPoint(6, 16), 7, 5, 50},
          {MakeBlockFloatingPoint(4, 1), MakeBlockFloatingPoint(4, 1), 3, 3, 5},
          {MakeBlockFloatingPoint(8, 1000), MakeBlockFloatingPoint(8, 1000), 2, 2, 130}};
}

std::vector<float> Multiply(const Case& c, bool b_first, bool fast, const std::vector<float>& a,
                            const std::vector<float>& b, Rounding rounding) {
  std::vector<float> result(static_cast<size_t>(c.m * c.n), -1.0f);
  GemmProblem problem;
  problem.a = StridedOperand(a.data(), c.m, c.k, c.k, 1);
  problem.b = StridedOperand(b.data(), c.k, c.n, 1, c.k);
  problem.c = {.data = result.data(), .row_stride = c.n, .inner = c.n};
  problem.b_first = b_first;
  const BlockOperands operands{{c.first, c.second}, rounding};
  (fast ? BlockGemm : ReferenceBlockGemm)(problem, operands, ElementsOf(c.first));
  return result;
}

bool SameBits(float a, float b) {
  return a == b ? std::signbit(a) == std::signbit(b) : std::isnan(a) && std::isnan(b);
}

TEST(BlockGemm, EqualsTheReference) {
  uint64_t seed = 0;
  for (const Case& c : Cases()) {
    for (const bool b_first : {false, true}) {
      for (const Rounding rounding : {Rounding::kNearestEven, Rounding::kTowardZero}) {
        // Few binades, and so many that products leave FP32's range.
        for (const int binades : {8, 240}) {
          std::vector<float> a = RandomValues(c.m * c.k, ++seed, binades);
          std::vector<float> b = RandomValues(c.k * c.n, ++seed, binades);
          a[0] = 0.0f;
          if (binades > 8) b[1 % b.size()] = std::numeric_limits<float>::infinity();
          const auto expected = Multiply(c, b_first, false, a, b, rounding);
          const auto actual = Multiply(c, b_first, true, a, b, rounding);
          for (size_t i = 0; i < expected.size(); ++i) {
            ASSERT_TRUE(SameBits(actual[i], expected[i]))
                << Name(c.first) << ' ' << i << ": " << actual[i] << ", not " << expected[i];
          }
        }
      }
    }
  }
}

// The reference by other means: what is left of values after RoundBlock, multiplied in double,
// where such short sums are exact.
TEST(ReferenceBlockGemm, IsTheProductOfRoundedBlocks) {
  const BlockFormat format = *FindBlockFormat("mxint8");
  const std::vector<float> a = RandomValues(32, 1, 4), b = RandomValues(32, 2, 4);
  std::vector<float> x = a, y = b;
  RoundBlock(format, Rounding::kNearestEven, x.data(), x.data(), 32);
  RoundBlock(format, Rounding::kNearestEven, y.data(), y.data(), 32);
  double expected = 0;
  for (size_t i = 0; i < 32; ++i) expected += double{x[i]} * y[i];
  float result = 0;
  GemmProblem problem;
  problem.a = StridedOperand(a.data(), 1, 32, 32, 1);
  problem.b = StridedOperand(b.data(), 32, 1, 1, 1);
  problem.c.data = &result;
  ReferenceBlockGemm(
      problem, {format},
      {[](const void*, const GemmProblem& p) {
         ReferenceIntegerGemm(
             p, {[](const void*, int32_t i, int32_t j) { return int64_t{i} * j; }, nullptr});
       },
       nullptr});
  EXPECT_EQ(result, static_cast<float>(expected));
  EXPECT_NE(result, 0.0f);
}

// One infinity makes NaN of what its block takes part in, and of nothing else.
TEST(ReferenceBlockGemm, ABlockWithAnInfinityIsNaN) {
  for (const char* name : {"mxfp8", "mxint8"}) {
    const Case c{*FindBlockFormat(name), *FindBlockFormat(name), 3, 2, 64};
    std::vector<float> a = RandomValues(c.m * c.k, 1, 4);
    a[static_cast<size_t>(c.k) + 5] = -std::numeric_limits<float>::infinity();  // Row 1.
    const auto result =
        Multiply(c, false, false, a, RandomValues(c.k * c.n, 2, 4), Rounding::kNearestEven);
    for (size_t i = 0; i < result.size(); ++i) EXPECT_EQ(std::isnan(result[i]), i / 2 == 1) << name;
  }
}

}  // namespace
}  // namespace mulberry
