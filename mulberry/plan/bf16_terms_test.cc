// Strategy "bf16 terms", whose sums have an order of their own. Single products, for all mantissas
// and edge values, are plan_test.cc's; here it is sums: to the bit where every order gives the same
// ones, else within the rounding errors of sums. And what it must refuse.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/base/threads.h"
#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/kernels/test_multiplier.h"
#include "mulberry/kernels/test_targets.h"
#include "mulberry/multipliers/table.h"
#include "mulberry/plan/plan.h"

namespace mulberry {
namespace {

constexpr char kStrategy[] = "bf16 terms";

struct Shape {
  int64_t m, n, k;
};
constexpr Shape kShapes[] = {{1, 1, 1},     {1, 1, 2},    {3, 5, 3},     {4, 64, 33},  {9, 70, 256},
                             {17, 65, 257}, {130, 3, 31}, {5, 130, 511}, {33, 600, 64}};

/// Strides of a matrix of `rows` rows: row by row with a gap, or column by column.
Operand Strided(const std::vector<float>& values, int64_t rows, int64_t cols, bool by_columns) {
  return by_columns ? StridedOperand(values.data(), rows, cols, 1, rows)
                    : StridedOperand(values.data(), rows, cols, cols, 1);
}

/// Calls check(expected, actual, sums of magnitudes) for many products of what values(n, seed)
/// gives, on every instruction set that has the strategy.
template <class Values, class Check>
void ForEachProduct(const Arithmetic& arithmetic, const Values& values, const Check& check) {
  const FloatMultiplier multiplier = MakeFloatMultiplier(arithmetic);
  const ScalarProduct product{[](const void* self, float x, float y) {
                                return (*static_cast<const FloatMultiplier*>(self))(x, y);
                              },
                              &multiplier};
  const ScalarProduct magnitude{
      [](const void* self, float x, float y) {
        return std::fabs((*static_cast<const FloatMultiplier*>(self))(x, y));
      },
      &multiplier};
  uint32_t seed = 1;
  for (const auto& [m, n, k] : kShapes) {
    SCOPED_TRACE(testing::Message() << m << "x" << n << "x" << k);
    const std::vector<float> a = values(m * k, seed++), b = values(k * n, seed++);
    std::vector<float> expected(static_cast<size_t>(m * n)), actual(expected), sums(expected);
    GemmProblem problem;
    problem.a = Strided(a, m, k, seed % 3 == 0);
    problem.b = Strided(b, k, n, seed % 5 == 0);
    problem.b_first = seed % 4 == 0;
    problem.c = {expected.data(), n, n, 1, 0};
    ReferenceGemm(problem, product);
    problem.c.data = sums.data();
    ReferenceGemm(problem, magnitude);
    problem.c.data = actual.data();
    ForEachTarget([&] {
      if (!Bf16TermsSupported()) return;
      SetThreads(1 + static_cast<int>(seed % 2));
      MakePlan(arithmetic, kStrategy)->Gemm(problem);
      check(expected, actual, sums);
    });
  }
}

class Bf16Terms : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(, Bf16Terms,
                         testing::Values("exact@bf16+order=any", "drum(k=4)@bf16+order=any",
                                         "low_drop(p=3,q=2)@bf16+order=any",
                                         "exact@e4m3+order=any"),
                         [](const auto& info) { return "Spec" + std::to_string(info.index); });

TEST_P(Bf16Terms, SumsThatAreExactHaveTheBitsOfTheDefinition) {
  // Whole numbers up to 15, times signs: no sum of up to 511 products needs more than 24 bits,
  // though DRUM's and others' products have fractions: multiples of 2^-7, say, of at most 2^8.
  const auto values = [](int64_t n, uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<float> result(static_cast<size_t>(n));
    for (float& x : result) x = static_cast<float>(static_cast<int>(random() % 31) - 15);
    return result;
  };
  ForEachProduct(ParseArithmetic(GetParam()), values,
                 [](const auto& expected, const auto& actual, const auto&) {
                   ExpectSameBits(expected, actual);
                 });
}

TEST_P(Bf16Terms, OtherSumsAreWithinTheErrorsOfTheirRoundings) {
  const Arithmetic arithmetic = ParseArithmetic(GetParam());
  for (const Elements kind : {Elements::kOrdinary, Elements::kSparse, Elements::kTiny}) {
    SCOPED_TRACE(static_cast<int>(kind));
    const auto values = [&](int64_t n, uint32_t seed) {
      std::vector<float> result = RandomElements(static_cast<size_t>(n), 7, kind, seed);
      MakePlan(arithmetic)->Round(OperandIndex::kFirst, result.data(), result.data(), n);
      return result;
    };
    ForEachProduct(arithmetic, values,
                   [](const auto& expected, const auto& actual, const auto& sums) {
                     for (size_t i = 0; i < expected.size(); ++i) {
                       // Two sums of at most 511 products of two terms; and sums below 2^-126 may
                       // have been made zero, before others were added.
                       const double bound = 2 * 1022 * (0x1p-24 * double{sums[i]} + 0x1p-126);
                       ASSERT_LE(std::fabs(double{expected[i]} - double{actual[i]}), bound) << i;
                     }
                   });
  }
}

TEST(Bf16TermsTest, ServesOnlyWhereTheOrderIsOpen) {
  EXPECT_THROW(MakePlan(ParseArithmetic("exact@bf16"), kStrategy), UsageError);
  EXPECT_EQ(MakePlan(ParseArithmetic("exact@bf16"))->exactness(), Exactness::kBitwise);
  EXPECT_THROW(MakePlan(ParseArithmetic("exact@fp16+order=any"), kStrategy), UsageError);
  // Mitchell's products are no short sum.
  EXPECT_THROW(MakePlan(ParseArithmetic("mitchell@bf16+order=any"), kStrategy), UsageError);
  if (!Bf16TermsSupported()) return;
  const auto plan = MakePlan(ParseArithmetic("exact@bf16+order=any"), kStrategy);
  EXPECT_EQ(plan->exactness(), Exactness::kProductExact);
  EXPECT_EQ(MakePlan(ParseArithmetic("exact@bf16+order=any"))->exactness(),
            Exactness::kProductExact);
  EXPECT_EQ(MakePlan(ParseArithmetic("mitchell@bf16+order=any"))->exactness(), Exactness::kBitwise);
}

TEST(Bf16TermsTest, OneWrongProductIsNotASumOfTerms) {
  if (!Bf16TermsSupported()) GTEST_SKIP() << "needs AVX512_BF16";
  const Arithmetic drum = ParseArithmetic("drum(k=3)@float(8,6)+result=zero");
  MantissaTable table = MakeMantissaTable(MakeFloatMultiplier(drum));
  const auto spec = [&](const std::string& name) {
    const std::string path = testing::TempDir() + "/" + name + "_6.bin";
    WriteApproxTrainTable(table, path);
    return "table:" + path + "@float(8,6)+order=any";
  };
  EXPECT_EQ(MakePlan(ParseArithmetic(spec("drum")), kStrategy)->strategy(), kStrategy);
  table.products[1234] += 0x1p-6f;
  EXPECT_THROW(MakePlan(ParseArithmetic(spec("wrong_drum")), kStrategy), UsageError);
}

}  // namespace
}  // namespace mulberry
