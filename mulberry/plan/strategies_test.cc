// One test for all strategies, on every instruction set of this machine: random products from
// 1 × 1 × 1 to 300 × 300 × 300, of odd sizes, strided and transposed, with edge values among the
// elements, for one and two threads. Whatever accepts an arithmetic must give the definition's
// bits.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <random>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/base/threads.h"
#include "mulberry/kernels/instruction_set.h"
#include "mulberry/kernels/test_multiplier.h"
#include "mulberry/kernels/test_targets.h"
#include "mulberry/plan/plan.h"

namespace mulberry {
namespace {

// Each strategy serves some of them: floats with 2 to 10 mantissa bits, posits, and integers of 4
// to 12 bits, signed, unsigned and of two widths, with exact, regular and irregular products; fixed
// point; a format for each operand.
const char* const kSpecs[] = {
    "exact@bf16",
    "exact@e5m2",
    "exact@fp16",
    "mitchell@bf16",
    "mbm@bf16",
    "realm(m=8)@bf16",
    "kulkarni@bf16",
    "drum(k=4)@bf16",
    "mbm@float(6,8)",
    "exact@int8",
    "exact@uint8",
    "low_drop(p=4,q=4)@int8",
    "mitchell@int8",
    "truncated(v=4)@uint8",
    "kulkarni@uint4",
    "exact@uint8xint4",
    "drum(k=4)@int12",
    "exact@posit(16,1)",
    "mbm@posit(11,1)",
    "kulkarni@posit(8,2)",
    "exact@posit(8,2)xposit(8,1)",
    "mbm@e5m2xe4m3",
    "kulkarni@fixed(3,4)",
    "mitchell@dfx(6)xint8",
    "exact@fp16+acc=fp16",
    "exact@e5m2xe4m3+acc=float(6,9)+chunk=64",
    "exact@fp32+acc=float(8,21)",
    "exact@bf16+acc=bf16+acc-round=zero",
    "mitchell@fp16+acc=float(5,7)+acc-round=zero+chunk=16",
    "mbm@bf16+acc=tf32+chunk=8",
    "kulkarni@e4m3+acc=e4m3",
    "roba@posit(8,1)+acc=float(4,3)+acc-round=zero",
    "drum(k=4)@fp16+acc=float(2,1)+chunk=256",
};

/// A matrix in memory of its own: where element (r, c) lies.
struct Layout {
  int64_t row_stride, col_stride, size;
};

Layout RandomLayout(std::mt19937& random, int64_t rows, int64_t cols) {
  switch (random() % 4) {
    case 0:
      return {1, rows, rows * cols};  // Transposed.
    case 1:
      return {cols + 3, 1, rows * (cols + 3)};  // A part of a wider one.
    case 2:
      return {2 * cols, 2, 2 * rows * cols};  // Every other column.
    default:
      return {cols, 1, rows * cols};
  }
}

/// Values of the operand's format, some of them its edges.
std::vector<float> Elements(std::mt19937& random, const Plan& plan, OperandIndex operand,
                            int64_t size, bool edges) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kFloatEdges[] = {
      0.0f,       -0.0f,  0x1p-126f, -0x1p-127f, 0x1p-140f,
      0x1.8p127f, -3e38f, kInfinity, -kInfinity, std::numeric_limits<float>::quiet_NaN()};
  constexpr float kIntegerEdges[] = {0, 1, -1, 1e9f, -1e9f};
  const Format format = plan.arithmetic().format_of(operand);
  const auto integers = IntegersOf(format);
  const auto* fixed = std::get_if<FixedFormat>(&format);
  const float step = fixed ? fixed->epsilon() : 1.0f;
  std::vector<float> values(static_cast<size_t>(size));
  for (float& x : values) {
    const float unit = static_cast<float>(random() >> 8) * 0x1p-23f - 1;
    if (integers) {
      x = unit * step * static_cast<float>(1 << integers->bits);
      if (edges && random() % 8 == 0) x = kIntegerEdges[random() % std::size(kIntegerEdges)];
    } else {
      x = std::ldexp(unit, static_cast<int>(random() % 8));
      if (edges && random() % 256 == 0) x = kFloatEdges[random() % std::size(kFloatEdges)];
    }
  }
  plan.Round(operand, values.data(), values.data(), size);
  return values;
}

/// Between 1 and 300, the small ones as often as the large.
int64_t RandomSize(std::mt19937& random) {
  return std::llround(std::pow(300.0, static_cast<double>(random() % 1001) / 1000));
}

/// The definition: of floats or of integers.
void Define(const Arithmetic& arithmetic, const GemmProblem& problem) {
  if (arithmetic.is_integer()) {
    const IntegerMultiplier multiplier = MakeIntegerMultiplier(arithmetic);
    ReferenceIntegerGemm(problem, {[](const void* m, int32_t a, int32_t b) {
                                     return (*static_cast<const IntegerMultiplier*>(m))(a, b);
                                   },
                                   &multiplier});
  } else {
    const FloatMultiplier multiplier = MakeFloatMultiplier(arithmetic);
    const ScalarProduct product = {[](const void* m, float a, float b) {
                                     return (*static_cast<const FloatMultiplier*>(m))(a, b);
                                   },
                                   &multiplier};
    const auto* accumulator = std::get_if<FloatAccumulator>(&arithmetic.accumulator);
    accumulator ? ReferenceGemm(problem, product, *accumulator) : ReferenceGemm(problem, product);
  }
}

class Strategies : public testing::TestWithParam<const char*> {};

TEST_P(Strategies, GiveTheBitsOfTheDefinition) {
  const Arithmetic arithmetic = ParseArithmetic(GetParam());
  std::mt19937 random(11);
  for (int round = 0; round < 10; ++round) {
    int64_t m = RandomSize(random), n = RandomSize(random), k = RandomSize(random);
    if (round == 0) m = n = k = 1;
    if (round == 1 && arithmetic == ParseArithmetic("mbm@bf16")) m = n = k = 300;
    SCOPED_TRACE(testing::Message() << m << "x" << n << "x" << k << ", round " << round);
    const Layout a = RandomLayout(random, m, k), b = RandomLayout(random, k, n);
    const Layout c = RandomLayout(random, m, n);
    GemmProblem problem;
    problem.b_first = random() % 2 == 0;
    const OperandIndex first = problem.b_first ? OperandIndex::kSecond : OperandIndex::kFirst;
    const OperandIndex second = problem.b_first ? OperandIndex::kFirst : OperandIndex::kSecond;
    const auto any_plan = MakePlan(arithmetic);
    const std::vector<float> a_values = Elements(random, *any_plan, first, a.size, round % 2);
    const std::vector<float> b_values = Elements(random, *any_plan, second, b.size, round % 2);
    std::vector<float> expected(static_cast<size_t>(c.size), -7.0f), actual;
    problem.a = StridedOperand(a_values.data(), m, k, a.row_stride, a.col_stride);
    problem.b = StridedOperand(b_values.data(), k, n, b.row_stride, b.col_stride);
    problem.c = {expected.data(), c.row_stride, n, c.col_stride, 0};
    if (arithmetic.is_integer()) problem.c.scale = 0.37f;
    Define(arithmetic, problem);
    ForEachTarget([&] {
      for (const Verdict& verdict : MakePlan(arithmetic)->verdicts()) {
        // Those with sums in another order: bf16_terms_test.cc.
        if (!verdict.accepted || verdict.strategy == "bf16 terms") continue;
        SCOPED_TRACE(verdict.strategy);
        SetThreads(1 + (round + static_cast<int>(verdict.strategy.size())) % 2);
        actual.assign(expected.size(), -7.0f);
        problem.c.data = actual.data();
        MakePlan(arithmetic, verdict.strategy)->Gemm(problem);
        ExpectSameBits(expected, actual);
      }
    });
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(, Strategies, testing::ValuesIn(kSpecs), [](const auto& info) {
  std::string name;
  for (const char c : std::string_view(info.param)) name += std::isalnum(c) ? c : '_';
  return name;
});

// What would be a silent gap in the test above.
TEST(StrategiesTest, AllStrategiesServeSomeOfTheArithmetics) {
  std::vector<std::string> accepting;
  for (const char* spec : kSpecs) {
    for (const Verdict& verdict : MakePlan(ParseArithmetic(spec))->verdicts()) {
      if (verdict.accepted) accepting.push_back(verdict.strategy);
    }
  }
  for (const std::string& strategy : StrategyNames()) {
    if (strategy == "native" || strategy == "error model" || strategy == "bf16 terms") continue;
    if (InstructionSets().front() != "AVX3_DL" && strategy.find("register") != std::string::npos) {
      continue;
    }
    EXPECT_NE(std::find(accepting.begin(), accepting.end(), strategy), accepting.end()) << strategy;
  }
}

}  // namespace
}  // namespace mulberry
