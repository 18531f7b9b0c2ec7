// Plans of block formats: every strategy that multiplies the elements gives the bits of the scalar
// reference with the scalar multiplier.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "mulberry/base/error.h"
#include "mulberry/base/random.h"
#include "mulberry/kernels/block_gemm.h"
#include "mulberry/kernels/test_multiplier.h"
#include "mulberry/plan/plan.h"

namespace mulberry {
namespace {

/// The definition of the products of elements.
struct Elements {
  explicit Elements(const Arithmetic& arithmetic) {
    if (arithmetic.is_integer()) {
      integers.emplace(MakeIntegerMultiplier(arithmetic));
    } else {
      floats.emplace(MakeFloatMultiplier(arithmetic));
    }
  }

  static void Gemm(const void* context, const GemmProblem& problem) {
    const auto& elements = *static_cast<const Elements*>(context);
    if (elements.integers) {
      ReferenceIntegerGemm(problem, {[](const void* m, int32_t a, int32_t b) {
                                       return (*static_cast<const IntegerMultiplier*>(m))(a, b);
                                     },
                                     &*elements.integers});
    } else {
      ReferenceGemm(problem, {[](const void* m, float a, float b) {
                                return (*static_cast<const FloatMultiplier*>(m))(a, b);
                              },
                              &*elements.floats});
    }
  }

  std::optional<FloatMultiplier> floats;
  std::optional<IntegerMultiplier> integers;
};

std::vector<float> RandomValues(int64_t n, uint64_t seed) {
  std::vector<float> values(static_cast<size_t>(n));
  const RandomStream random{seed, 0};
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = std::ldexp(static_cast<float>(random.At(2 * i)) - 0x1p31f,
                           -30 - static_cast<int>(random.At(2 * i + 1) % 10));
  }
  return values;
}

TEST(BlockPlan, EveryStrategyGivesTheReference) {
  constexpr int64_t kM = 9, kN = 21, kK = 70;
  const std::vector<float> a = RandomValues(kM * kK, 1), b = RandomValues(kK * kN, 2);
  int by_other_than_direct = 0;
  for (const char* spec :
       {"exact@mxfp8", "mitchell@mxfp8(e5m2)xmxfp8(e4m3)", "mbm@mxfp6(e2m3)", "exact@mxfp4",
        "kulkarni@mxint8", "drum(k=4)@mxint8", "mitchell@bfp(10,16)", "exact@bfp(8,64)+round=zero",
        "low_drop(p=3,q=1)@bfp(6,32)xbfp(5,32)+round=nearest/zero"}) {
    const Arithmetic arithmetic = ParseArithmetic(spec);
    const Elements elements(ElementArithmetic(arithmetic));
    for (const bool b_first : {false, true}) {
      std::vector<float> expected(kM * kN), actual(kM * kN);
      GemmProblem problem;
      problem.a = StridedOperand(a.data(), kM, kK, kK, 1);
      problem.b = StridedOperand(b.data(), kK, kN, kN, 1);
      problem.c = {.data = expected.data(), .row_stride = kN, .inner = kN};
      problem.b_first = b_first;
      const BlockOperands operands{{std::get<BlockFormat>(arithmetic.format.first),
                                    std::get<BlockFormat>(arithmetic.format.second)},
                                   arithmetic.rounding};
      ReferenceBlockGemm(problem, operands, {Elements::Gemm, &elements});
      int served = 0;
      for (const Verdict& verdict : MakePlan(arithmetic)->verdicts()) {
        if (!verdict.accepted) continue;
        SCOPED_TRACE(testing::Message() << spec << " by " << verdict.strategy);
        problem.c.data = actual.data();
        MakePlan(arithmetic, verdict.strategy)->Gemm(problem);
        ExpectSameBits(expected, actual);
        ++served;
      }
      EXPECT_GE(served, 1) << spec;
      by_other_than_direct += served - 1;
    }
  }
  EXPECT_GE(by_other_than_direct, 16);
}

TEST(BlockPlan, RoundsNothingBeforehand) {
  float value = 1.0f;
  EXPECT_THROW(
      MakePlan(ParseArithmetic("exact@mxfp4"))->Round(OperandIndex::kFirst, &value, &value, 1),
      Error);
}

}  // namespace
}  // namespace mulberry
