// Plans: which strategy serves which arithmetic and why, and that every strategy that accepts
// computes the functional model's products, for all pairs of mantissas and for the edge values.
#include "mulberry/plan/plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "mulberry/analysis/error_file.h"
#include "mulberry/base/error.h"
#include "mulberry/base/threads.h"
#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/kernels/test_multiplier.h"
#include "mulberry/multipliers/table.h"

namespace mulberry {
namespace {

constexpr const char* kSpecs[] = {
    "exact@bf16",
    "exact@fp32",
    "exact@tf32",
    "exact@fp16",
    "exact@e4m3",
    "exact@e5m2",
    "mitchell@bf16",
    "mitchell@fp32",
    "mitchell@fp16",
    "mitchell@e4m3",
    "mbm@bf16",
    "mbm@fp16",
    "mbm(t=3)@bf16",
    "drum(k=4)@bf16",
    "exact@bf16+order=any",
    "exact@e4m3+order=any",
    "drum(k=4)@bf16+order=any",
    "low_drop(p=3,q=2)@bf16+order=any",
    "drum(k=6)@bf16",
    "drum(k=3)@e5m2",
    "drum(k=3)@fp16",
    "drum(k=12)@fp32",
    "drum(k=13)@fp32",
    "ssm(m=14)@fp32",
    "letam(k=7)@tf32",
    "realm(m=8)@bf16",
    "realm(m=16,t=1)@fp16",
    "alm_soa(m=3)@bf16",
    "alm_loa(m=2)@e4m3",
    "ssm(m=4)@bf16",
    "essm(m=6)@bf16",
    "tosam(t=1,h=5)@bf16",
    "letam(k=4)@bf16",
    "roba@bf16",
    "roba@fp16",
    "bam(v=4,h=0)@bf16",
    "bam(v=9,h=3)@bf16",
    "truncated(v=14)@bf16",
    "rounded(v=9)@bf16",
    "kulkarni@bf16",
    "etm@bf16",
    "etm@fp16",
    "low_drop(p=3,q=3)@bf16",
    "low_drop(p=8,q=8)@bf16",
    "exact@float(8,8)",
    "mbm@float(8,8)",
    "mitchell@float(6,1)",
    "exact@bf16+result=zero",
    "mbm@bf16+result=full",
    "mitchell@bf16+round=nearest",
    "exact@posit(16,1)",
    "exact@posit(8,2)",
    "exact@posit(4,2)",
    "exact@posit(26,0)",
    "mitchell@posit(16,1)",
    "mitchell@posit(8,1)+round=zero",
    "mbm@posit(8,0)",
    "mbm@posit(16,2)",
    "drum(k=4)@posit(16,1)",
    "roba@posit(11,1)",
    "exact@posit(16,1)+result=nearest",
    "mitchell@posit(8,2)+result=zero",
};

/// The ends of the range of a format of floats or posits.
std::vector<float> EndsOf(const Format& format) {
  if (const auto* floats = std::get_if<FloatFormat>(&format)) {
    return {floats->max_finite(), floats->min_normal(), floats->min_positive()};
  }
  const auto& posit = std::get<PositFormat>(format);
  return {Decode(posit, posit.maxpos()), Decode(posit, posit.minpos())};
}

ScalarProduct ProductOf(const FloatMultiplier& multiplier) {
  return {[](const void* self, float a, float b) {
            return (*static_cast<const FloatMultiplier*>(self))(a, b);
          },
          &multiplier};
}

/// Names of the strategies that accept `arithmetic`.
std::vector<std::string> Accepting(const Arithmetic& arithmetic) {
  std::vector<std::string> names;
  for (const Verdict& verdict : MakePlan(arithmetic)->verdicts()) {
    if (verdict.accepted) names.push_back(verdict.strategy);
  }
  return names;
}

/// c(i, j) = a(i) · b(j), a single product per output.
std::vector<float> OuterProduct(const Plan& plan, const std::vector<float>& a,
                                const std::vector<float>& b) {
  const int64_t m = a.size(), n = b.size();
  std::vector<float> c(m * n);
  GemmProblem problem;
  problem.a = StridedOperand(a.data(), m, 1, 1, 1);
  problem.b = StridedOperand(b.data(), 1, n, n, 1);
  problem.c = {c.data(), n, n, 1, 0};
  plan.Gemm(problem);
  return c;
}

TEST(Plan, ServesTheNamedSpecifications) {
  const auto strategy = [](const char* spec) {
    return MakePlan(ParseArithmetic(spec))->strategy();
  };
  EXPECT_EQ(strategy("fp32"), "native");
  EXPECT_EQ(strategy("exact@bf16"), "closed form");
  EXPECT_EQ(strategy("exact@fp32"), "closed form");
  EXPECT_EQ(strategy("mitchell@bf16"), "closed form");
  EXPECT_EQ(strategy("mitchell@fp32"), "closed form");
  EXPECT_EQ(strategy("mbm@bf16"), RegisterTableSupported(7) ? "register table" : "gather table");
  EXPECT_EQ(strategy("drum(k=6)@bf16"), "closed form");
  EXPECT_EQ(strategy("ssm(m=13)@fp32"), "closed form");
  EXPECT_EQ(strategy("truncated(v=4)@bf16"), strategy("mbm@bf16"));
  EXPECT_EQ(strategy("mbm@fp32"), "direct");
  EXPECT_EQ(strategy("exact@posit(16,1)"), "closed form");
  EXPECT_EQ(strategy("mitchell@posit(8,2)"), "closed form");
  EXPECT_EQ(strategy("mbm@posit(11,1)"), strategy("mbm@bf16"));
  EXPECT_EQ(strategy("exact@posit(8,1)+result=nearest"), "direct");
}

TEST(Plan, GivesAVerdictOfEveryStrategyInOrder) {
  const auto plan = MakePlan(ParseArithmetic("mbm@fp16"));
  const std::vector<std::string> names = StrategyNames();
  ASSERT_EQ(plan->verdicts().size(), names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(plan->verdicts()[i].strategy, names[i]);
    EXPECT_FALSE(plan->verdicts()[i].reason.empty());
  }
  EXPECT_EQ(plan->exactness(), Exactness::kBitwise);
  EXPECT_EQ(MakePlan(ParseArithmetic("fp32"))->exactness(), Exactness::kNative);
}

TEST(Plan, OfAnErrorModelKnowsTheErrorsAndNoProducts) {
  const auto plan = MakePlan(ParseArithmetic("noise(sd=25%,bias=-50%,on=products)@fp32"));
  EXPECT_EQ(plan->strategy(), "error model");
  EXPECT_EQ(plan->exactness(), Exactness::kStatistical);
  ASSERT_NE(plan->errors(), nullptr);
  EXPECT_EQ(*plan->errors(), (ErrorDistribution{-0.5, 0.25, {}}));
  EXPECT_THROW(plan->Gemm({}), Error);
  for (const Verdict& verdict : plan->verdicts()) {
    EXPECT_EQ(verdict.accepted, verdict.strategy == "error model") << verdict.strategy;
  }
  EXPECT_EQ(MakePlan(ParseArithmetic("exact@fp32"))->errors(), nullptr);
  EXPECT_THROW(MakePlan(ParseArithmetic("exact@fp32"), "error model"), UsageError);
}

TEST(Plan, OfMeasuredErrorsReadsTheirFile) {
  const std::string path = testing::TempDir() + "/plan_errors.json";
  ErrorRecord record{.source = "x", .operands = "uniform", .pairs = 2};
  record.errors = {0.125, 0.25, {-0.125, 0.375}};
  WriteErrors(record, path);
  const auto plan = MakePlan(ParseArithmetic("noise(file=" + path + ")@fp32"));
  EXPECT_EQ(*plan->errors(), record.errors);
  EXPECT_THROW(MakePlan(ParseArithmetic("noise(file=" + path + ".none)@fp32")), Error);
}

TEST(Plan, RefusesAStrategyThatDeclinesAndOneThatDoesNotExist) {
  const Arithmetic mbm = ParseArithmetic("mbm@bf16");
  try {
    MakePlan(mbm, "closed form");
    FAIL() << "accepted";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("cannot serve mbm@bf16"), std::string::npos);
  }
  EXPECT_THROW(MakePlan(mbm, "quick"), UsageError);
  EXPECT_EQ(MakePlan(mbm, "direct")->strategy(), "direct");
  EXPECT_THROW(MakePlan(ParseArithmetic("fp32"))->Gemm({}), Error);
}

TEST(Plan, RecognisesMitchellByItsProductsOnly) {
  // One wrong product, in the last entry, and the closed form must decline.
  const Arithmetic mitchell = ParseArithmetic("mitchell@float(8,5)");
  EXPECT_EQ(MakePlan(mitchell)->strategy(), "closed form");
  MantissaTable table = MakeMantissaTable(MakeFloatMultiplier(mitchell));
  const std::string path = testing::TempDir() + "/almost_mitchell_5.bin";
  WriteApproxTrainTable(table, path);
  EXPECT_EQ(MakePlan(ParseArithmetic("table:" + path + "@float(8,5)"))->strategy(), "closed form");
  table.products.back() -= 0x1p-4f;
  const std::string wrong = testing::TempDir() + "/wrong_mitchell_5.bin";
  WriteApproxTrainTable(table, wrong);
  EXPECT_NE(MakePlan(ParseArithmetic("table:" + wrong + "@float(8,5)"))->strategy(), "closed form");
}

TEST(Plan, EveryStrategyGivesTheFunctionalModelForAllMantissas) {
  for (const char* spec : kSpecs) {
    const Arithmetic arithmetic = ParseArithmetic(spec);
    const FloatMultiplier multiplier = MakeFloatMultiplier(arithmetic);
    const int m = arithmetic.mantissa_bits();
    // All mantissas of up to 8 bits, else a sample that spans them.
    const uint32_t step = m <= 8 ? 1 : (1u << (m - 8)) - 1;
    std::vector<float> values;
    for (uint32_t i = 0; i < 1u << m; i += step) {
      values.push_back(std::bit_cast<float>(0x3f800000u | i << (23 - m)));
    }
    for (const std::string& strategy : Accepting(arithmetic)) {
      SCOPED_TRACE(std::string(spec) + ", " + strategy);
      const std::vector<float> products =
          OuterProduct(*MakePlan(arithmetic, strategy), values, values);
      std::vector<float> expected;
      for (float a : values) {
        for (float b : values) expected.push_back(multiplier(a, b));
      }
      ExpectSameBits(expected, products);
    }
  }
}

TEST(Plan, EveryStrategyGivesTheFunctionalModelForEdgeValues) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const char* spec : kSpecs) {
    const Arithmetic arithmetic = ParseArithmetic(spec);
    const Format format = arithmetic.format_of(OperandIndex::kFirst);
    std::vector<float> values = {
        0.0f,        -0.0f,     1.0f,       -1.5f,
        0x1p-126f,   0x1p-127f, -0x1p-133f, 0x1p-63f,
        -0x1.8p-63f, 0x1p-64f,  0x1p64f,    -0x1.8p63f,
        0x1p63f,     kInfinity, -kInfinity, std::numeric_limits<float>::quiet_NaN()};
    for (const float end : EndsOf(format)) {
      values.insert(values.end(), {end, -end});
    }
    MakePlan(arithmetic)
        ->Round(OperandIndex::kFirst, values.data(), values.data(),
                static_cast<int64_t>(values.size()));
    const FloatMultiplier multiplier = MakeFloatMultiplier(arithmetic);
    std::vector<float> expected;
    for (float a : values) {
      // A sum begins at +0, so that a product of -0 gives +0.
      for (float b : values) expected.push_back(0.0f + multiplier(a, b));
    }
    for (const std::string& strategy : Accepting(arithmetic)) {
      SCOPED_TRACE(std::string(spec) + ", " + strategy);
      ExpectSameBits(expected, OuterProduct(*MakePlan(arithmetic, strategy), values, values));
      // One pair at a time, so that no neighbour sends its tile to the definition.
      for (size_t i = 0; i < values.size(); ++i) {
        for (size_t j = 0; j < values.size(); ++j) {
          ExpectSameBits({expected[i * values.size() + j]},
                         OuterProduct(*MakePlan(arithmetic, strategy), {values[i]}, {values[j]}));
        }
      }
    }
  }
}

TEST(Plan, EveryStrategyGivesTheReferenceSumsForOneAndTwoThreads) {
  for (const char* spec : kSpecs) {
    const Arithmetic arithmetic = ParseArithmetic(spec);
    const FloatMultiplier multiplier = MakeFloatMultiplier(arithmetic);
    const int64_t m = 9, n = 70, k = 300;
    for (Elements kind : {Elements::kOrdinary, Elements::kSparse, Elements::kSpecial}) {
      std::vector<float> a = RandomElements(m * k, 23, kind, 11);
      std::vector<float> b = RandomElements(k * n, 23, Elements::kOrdinary, 12);
      const auto any_plan = MakePlan(arithmetic);
      any_plan->Round(OperandIndex::kFirst, a.data(), a.data(), m * k);
      any_plan->Round(OperandIndex::kSecond, b.data(), b.data(), k * n);
      std::vector<float> expected(m * n), actual(m * n);
      GemmProblem problem;
      problem.a = StridedOperand(a.data(), m, k, k, 1);
      problem.b = StridedOperand(b.data(), k, n, n, 1);
      problem.c = {expected.data(), n, n, 1, 0};
      ReferenceGemm(problem, ProductOf(multiplier));
      problem.c.data = actual.data();
      for (const std::string& strategy : Accepting(arithmetic)) {
        for (int threads : {1, 2}) {
          SCOPED_TRACE(std::string(spec) + ", " + strategy + ", " + std::to_string(threads));
          SetThreads(threads);
          const auto plan = MakePlan(arithmetic, strategy);
          if (plan->exactness() != Exactness::kBitwise) continue;  // bf16_terms_test.cc has those.
          plan->Gemm(problem);
          ExpectSameBits(expected, actual);
        }
      }
    }
  }
}

/// All values of up to 8 bits, else a sample with both ends.
std::vector<float> ValuesOf(const IntegerFormat& format) {
  std::vector<float> values;
  for (int32_t v = format.min(); v <= format.max(); v += format.bits <= 8 ? 1 : 39) {
    values.push_back(static_cast<float>(v));
  }
  values.push_back(static_cast<float>(format.max()));
  return values;
}

TEST(Plan, EveryStrategyGivesTheIntegerModelForAllPairsAndTheReferenceSums) {
  for (const char* spec : {"exact@uint8",
                           "exact@int8",
                           "mitchell@uint8",
                           "mbm(t=2)@int8",
                           "drum(k=4)@int8",
                           "exact@int4",
                           "drum(k=3)@uint6",
                           "alm_loa(m=3)@uint8",
                           "essm(m=4)@uint8",
                           "truncated(v=5)@int8",
                           "rounded(v=9)@uint8xint8",
                           "mitchell@int12",
                           "realm(m=8)@int8",
                           "alm_soa(m=3)@uint8",
                           "ssm(m=5)@uint8",
                           "tosam(t=1,h=5)@int8",
                           "letam(k=4)@uint8",
                           "roba@uint8",
                           "bam(v=4,h=2)@int8",
                           "kulkarni@uint8",
                           "etm@uint8",
                           "etm@int7",
                           "low_drop(p=3,q=2)@uint8",
                           "exact@uint8xuint4",
                           "exact@uint4xuint8",
                           "exact@uint8xint8",
                           "mitchell@uint8xint8",
                           "mitchell@int8xuint8",
                           "mitchell@uint5xint7",
                           "drum(k=4)@int6xuint8",
                           "drum(k=4)@int8xuint8",
                           "low_drop(p=3,q=2)@uint8xint4",
                           "low_drop(p=3,q=2)@int4xuint8",
                           "exact@int8xuint4+sign=twos",
                           "etm@uint8xint5+sign=twos",
                           "mitchell@uint12xint4"}) {
    const Arithmetic arithmetic = ParseArithmetic(spec);
    const IntegerMultiplier multiplier = MakeIntegerMultiplier(arithmetic);
    const auto& [first, second] = arithmetic.integer_formats();
    const std::vector<float> of_first = ValuesOf(first), of_second = ValuesOf(second);
    std::vector<float> expected;
    for (float a : of_first) {
      for (float b : of_second) {
        expected.push_back(
            static_cast<float>(multiplier(static_cast<int32_t>(a), static_cast<int32_t>(b))));
      }
    }
    std::vector<float> a(3 * 700), b(700 * 70);
    const std::vector<float> noise =
        RandomElements(a.size() + b.size(), 23, Elements::kOrdinary, 3);
    const auto plan = MakePlan(arithmetic);
    for (size_t i = 0; i < noise.size(); ++i) {
      (i < a.size() ? a[i] : b[i - a.size()]) = 40 * noise[i];
    }
    plan->Round(OperandIndex::kFirst, a.data(), a.data(), a.size());
    plan->Round(OperandIndex::kSecond, b.data(), b.data(), b.size());
    std::vector<float> sums(3 * 70), actual(3 * 70);
    GemmProblem problem;
    problem.a = StridedOperand(a.data(), 3, 700, 700, 1);
    problem.b = StridedOperand(b.data(), 700, 70, 70, 1);
    problem.c = {sums.data(), 70, 70, 1, 0};
    ReferenceIntegerGemm(problem, {[](const void* self, int32_t x, int32_t y) {
                                     return (*static_cast<const IntegerMultiplier*>(self))(x, y);
                                   },
                                   &multiplier});
    problem.c.data = actual.data();
    for (const std::string& strategy : Accepting(arithmetic)) {
      SCOPED_TRACE(std::string(spec) + ", " + strategy);
      ExpectSameBits(expected, OuterProduct(*MakePlan(arithmetic, strategy), of_first, of_second));
      MakePlan(arithmetic, strategy)->Gemm(problem);
      ExpectSameBits(sums, actual);
    }
    EXPECT_EQ(Accepting(arithmetic).front(), plan->strategy());
    EXPECT_EQ(Accepting(arithmetic).size() > 1, first.bits <= 8 && second.bits <= 8);
  }
}

// The rows of C from the second operand.
TEST(Plan, EveryStrategyTakesTheSecondOperandFirst) {
  for (const char* spec : {"low_drop(p=3,q=2)@uint8xint4", "mitchell@int8xuint6", "etm@uint8xuint4",
                           "drum(k=4)@int4xuint8"}) {
    const Arithmetic arithmetic = ParseArithmetic(spec);
    const IntegerMultiplier multiplier = MakeIntegerMultiplier(arithmetic);
    const auto& [first, second] = arithmetic.integer_formats();
    const std::vector<float> of_first = ValuesOf(first), of_second = ValuesOf(second);
    const auto m = static_cast<int64_t>(of_second.size());
    const auto n = static_cast<int64_t>(of_first.size());
    std::vector<float> expected, actual(static_cast<size_t>(m * n));
    for (float b : of_second) {
      for (float a : of_first) {
        expected.push_back(
            static_cast<float>(multiplier(static_cast<int32_t>(a), static_cast<int32_t>(b))));
      }
    }
    GemmProblem problem;
    problem.a = StridedOperand(of_second.data(), m, 1, 1, 1);
    problem.b = StridedOperand(of_first.data(), 1, n, n, 1);
    problem.c = {actual.data(), n, n, 1, 0};
    problem.b_first = true;
    for (const std::string& strategy : Accepting(arithmetic)) {
      SCOPED_TRACE(std::string(spec) + ", " + strategy);
      MakePlan(arithmetic, strategy)->Gemm(problem);
      ExpectSameBits(expected, actual);
    }
  }
}

// A product of low rank is one where the table is rectangular, too.
TEST(Plan, RectangularTablesAreFactored) {
  for (const char* spec : {"exact@uint8xuint4", "exact@uint8xint8", "drum(k=4)@int6xuint8",
                           "low_drop(p=3,q=2)@uint8xint4", "low_drop(p=3,q=2)@int4xuint8"}) {
    EXPECT_EQ(Accepting(ParseArithmetic(spec)).front(), "low rank") << spec;
  }
}

}  // namespace
}  // namespace mulberry
