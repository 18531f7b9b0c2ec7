// Every multiplier family with every kind of operands and of accumulator: each combination either
// works, and its plan gives, bit for bit, what a plain loop over k gives with the scalar multiplier
// and a scalar accumulator (exact sums and words of integers written anew here), or is refused
// with a message that names what does not go together.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <iostream>
#include <limits>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "mulberry/base/threads.h"
#include "mulberry/formats/test_posit.h"
#include "mulberry/kernels/test_multiplier.h"
#include "mulberry/plan/plan.h"

namespace mulberry {
namespace {

// The lists. A family has parameters for wide operands and for narrow ones.
const std::vector<std::vector<std::string>> kMultipliers = {
    {"exact"},
    {"mitchell"},
    {"mbm", "mbm(t=1)"},
    {"realm(m=8)", "realm(m=4)"},
    {"alm_soa(m=3)", "alm_soa(m=1)"},
    {"alm_loa(m=3)", "alm_loa(m=1)"},
    {"drum(k=4)", "drum(k=3)"},
    {"ssm(m=5)", "ssm(m=3)", "ssm(m=2)"},
    {"essm(m=4)", "essm(m=3)", "essm(m=2)"},
    {"tosam(t=1,h=4)", "tosam(t=0,h=2)", "tosam(t=0,h=1)"},
    {"letam(k=4)", "letam(k=3)", "letam(k=2)"},
    {"roba"},
    {"bam(v=4,h=2)", "bam(v=2,h=1)"},
    {"truncated(v=4)", "truncated(v=2)"},
    {"rounded(v=5)", "rounded(v=2)"},
    {"kulkarni"},
    {"etm"},
    {"low_drop(p=3,q=2)", "low_drop(p=1,q=1)"},
};

const std::vector<std::string> kFormats = {
    "uint8",
    "int8",
    "int4",
    "uint8xint4",
    "fixed(3,4)xint6",
    "bf16",
    "fp16",
    "e4m3",
    "e5m2",
    "float(3,4)",
    "e5m2xe4m3",
    "posit(8,0)",
    "posit(8,1)",
    "posit(8,2)",
    "posit(16,1)",
    "posit(12,1)",
    "posit(8,2)xposit(8,1)",
};

const std::vector<std::string> kAccumulators = {
    "",
    "acc=bf16",
    "acc=fp16",
    "acc=tf32+chunk=1",
    "acc=e4m3+chunk=8",
    "acc=e5m2+acc-round=zero",
    "acc=float(6,9)+chunk=5",
    "acc-round=zero",
    "chunk=4",
    "acc=fixed(7,8)",
    "acc=fixed(3,12)+acc-overflow=wrap",
    "acc=fixed(10,20)+adder=loa(8)",
    "acc=fixed(6,6)+acc-round=zero+adder=trunc(3)",
    "acc=quire",
    "acc=int32",
    "acc=int16",
    "acc=int12+acc-overflow=wrap",
    "acc=int20+adder=loa(6)",
    "acc=int18+acc-overflow=wrap+adder=trunc(4)",
    "acc=quire+chunk=4",
    "acc=quire+adder=loa(4)",
    "acc=fp16+adder=loa(4)",
    "acc=bf16+acc-overflow=wrap",
    "acc=fixed(4,4)+chunk=2",
    "acc=fp16+order=any",
    "acc=int24+chunk=2",
    "acc=int8+adder=trunc(8)",
};

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// The operand's values: ordinary ones, zeros, and few of both ends.
std::vector<float> Elements(const Plan& plan, OperandIndex operand, size_t n, uint32_t seed) {
  std::mt19937 random(seed);
  const bool is_integer = plan.arithmetic().is_integer();
  std::vector<float> values(n);
  for (float& x : values) {
    const float unit = static_cast<float>(random() >> 8) * 0x1p-23f - 1;
    x = is_integer ? unit * 256 : std::ldexp(unit, static_cast<int>(random() % 8) - 3);
    if (random() % 16 == 0) x = 0.0f;
    if (seed % 3 == 0 && random() % 32 == 0) x = unit < 0 ? 1e30f : 1e-30f;
    if (seed % 6 == 0 && random() % 64 == 0) x = unit < 0 ? kInfinity : std::nanf("");
  }
  plan.Round(operand, values.data(), values.data(), static_cast<int64_t>(n));
  return values;
}

/// A finite FP32 value.
TestFixed FixedOf(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t exponent = bits >> 23 & 0xff, mantissa = bits & 0x7fffff;
  if (exponent == 0) return {std::signbit(value), mantissa, -149};
  return {std::signbit(value), mantissa | 0x800000, static_cast<int>(exponent) - 150};
}

/// The FP32 value nearest to a number, by search.
float ToFp32(const TestFixed& exact) {
  if (exact.Sign() == 0) return 0.0f;
  const TestFixed magnitude = exact.Sign() < 0 ? -exact : exact;
  uint32_t low = 0, high = 0x7f800000;
  while (high - low > 1) {
    const uint32_t middle = low + (high - low) / 2;
    (FixedOf(std::bit_cast<float>(middle)).Compare(magnitude) <= 0 ? low : high) = middle;
  }
  // As a number, infinity is the next value after the largest.
  const int side =
      (magnitude + magnitude)
          .Compare(FixedOf(std::bit_cast<float>(low)) + FixedOf(std::bit_cast<float>(high)));
  const uint32_t rounded = side > 0 || (side == 0 && low % 2 == 1) ? high : low;
  return std::copysign(std::bit_cast<float>(rounded), exact.Sign() < 0 ? -1.0f : 1.0f);
}

/// The pairs of operands of one output, in order.
using Pairs = std::vector<std::pair<float, float>>;

/// The exact sum of the model's products of significands, none of them rounded.
float SumExactly(const Arithmetic& arithmetic, const FloatMultiplier& multiplier,
                 const Pairs& pairs) {
  const int m = arithmetic.mantissa_bits();
  const bool truncated = arithmetic.rounding == Rounding::kTowardZero && arithmetic.float_format();
  const Model model =
      MakeModel(arithmetic.multiplier,
                {.bits = m + 1, .significand = true, .dropped_bits = truncated ? 23 - m : 0});
  const auto significand = [m](float x) {
    int exponent;
    return static_cast<uint64_t>(std::ldexp(std::frexp(std::fabs(x), &exponent), m + 1));
  };
  TestFixed sum;
  float special = 0.0f;
  for (const auto& [a, b] : pairs) {
    const float product = multiplier(a, b);
    if (!std::isfinite(a) || !std::isfinite(b)) {
      special += product;
    } else if (arithmetic.result != ResultRounding::kFull) {
      if (std::isfinite(product)) sum = sum + FixedOf(product);
      if (!std::isfinite(product)) special += product;
    } else if (a != 0 && b != 0) {
      sum =
          sum + TestFixed(std::signbit(a) != std::signbit(b), model(significand(a), significand(b)),
                          std::ilogb(a) + std::ilogb(b) - 2 * m);
    }
  }
  if (special != 0) return special;
  if (!arithmetic.posit_format()) return ToFp32(sum);
  const PositFormat& format = *arithmetic.posit_format();
  return Decode(format, TestEncoding(format, TestRound(format, true, sum)));
}

/// A word that saturates or wraps, by arithmetic on int64_t.
float SumInWord(const WordAccumulator& accumulator, const IntegerMultiplier& multiplier,
                const Pairs& pairs) {
  const int64_t range = int64_t{1} << accumulator.bits, most = range / 2 - 1, least = -range / 2;
  const int64_t unit = int64_t{1} << accumulator.adder.bits;
  const auto floor_to_unit = [unit](int64_t x) { return x - ((x % unit) + unit) % unit; };
  int64_t word = 0;
  for (const auto& [a, b] : pairs) {
    const int64_t product = multiplier(static_cast<int32_t>(a), static_cast<int32_t>(b));
    int64_t sum = word + product;
    if (accumulator.adder.kind != AdderKind::kExact) {
      sum = floor_to_unit(word) + floor_to_unit(product);
    }
    if (accumulator.adder.kind == AdderKind::kLowerOr) {
      const int64_t low = (word - floor_to_unit(word)) | (product - floor_to_unit(product));
      const bool carry = (word & product & unit / 2) != 0;
      sum += low + (carry ? unit : 0);
    }
    if (accumulator.overflow == WordOverflow::kSaturate) {
      word = std::clamp(sum, least, most);
    } else {
      word = ((sum % range) + range) % range;
      if (word > most) word -= range;
    }
  }
  return static_cast<float>(word);
}

/// What the arithmetic says of one output.
class Definition {
 public:
  explicit Definition(const Arithmetic& arithmetic) : arithmetic_(arithmetic) {
    if (arithmetic.is_integer()) {
      integers_.emplace(MakeIntegerMultiplier(arithmetic));
    } else {
      floats_.emplace(MakeFloatMultiplier(arithmetic));
    }
  }

  float Of(const Pairs& pairs) const {
    const Accumulator& accumulator = arithmetic_.accumulator;
    const auto* word = std::get_if<WordAccumulator>(&accumulator);
    if (integers_) {
      // Without a word the sum is exact: that of one that nothing fills.
      const WordAccumulator exact{.bits = 60};
      return SumInWord(word ? *word : exact, *integers_, pairs);
    }
    if (std::holds_alternative<ExactAccumulator>(accumulator)) {
      return SumExactly(arithmetic_, *floats_, pairs);
    }
    if (word) return Summed(WordSum(*word), pairs);
    if (const auto* floats = std::get_if<FloatAccumulator>(&accumulator)) {
      return Summed(FloatSum(*floats), pairs);
    }
    float sum = 0.0f;
    for (const auto& [a, b] : pairs) sum += (*floats_)(a, b);
    return sum;
  }

 private:
  template <typename Sum>
  float Summed(Sum sum, const Pairs& pairs) const {
    for (const auto& [a, b] : pairs) sum.Add((*floats_)(a, b));
    return sum.Result();
  }

  const Arithmetic& arithmetic_;
  std::optional<FloatMultiplier> floats_;
  std::optional<IntegerMultiplier> integers_;
};

/// The plan's product against the definition; and its accepting strategies' one by one.
void CheckPlans(const Arithmetic& arithmetic, uint32_t seed) {
  const int64_t m = 3, n = 5, k = 37;
  const auto plan = MakePlan(arithmetic);
  const bool b_first = seed % 2 == 1;
  const OperandIndex first = b_first ? OperandIndex::kSecond : OperandIndex::kFirst;
  const OperandIndex second = b_first ? OperandIndex::kFirst : OperandIndex::kSecond;
  const std::vector<float> a = Elements(*plan, first, m * k, seed);
  const std::vector<float> b = Elements(*plan, second, k * n, seed + 3);
  const Definition definition(arithmetic);
  std::vector<float> expected, actual(m * n);
  const float scale = arithmetic.is_integer() ? 0.37f : 1.0f;
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      Pairs pairs;
      for (int64_t l = 0; l < k; ++l) {
        const float x = a[static_cast<size_t>(i * k + l)], y = b[static_cast<size_t>(l * n + j)];
        pairs.push_back(b_first ? std::pair(y, x) : std::pair(x, y));
      }
      expected.push_back(definition.Of(pairs) * scale);
    }
  }
  GemmProblem problem;
  problem.a = StridedOperand(a.data(), m, k, k, 1);
  problem.b = StridedOperand(b.data(), k, n, n, 1);
  problem.c = {.data = actual.data(), .row_stride = n, .inner = n, .scale = scale};
  problem.b_first = b_first;
  SetThreads(1 + static_cast<int>(seed / 2 % 2));
  for (const Verdict& verdict : plan->verdicts()) {
    EXPECT_FALSE(verdict.reason.empty()) << verdict.strategy;
    if (!verdict.accepted) continue;
    SCOPED_TRACE(verdict.strategy);
    MakePlan(arithmetic, verdict.strategy)->Gemm(problem);
    ExpectSameBits(expected, actual);
  }
}

/// A specification without its options after acc=: what a refusal may name.
std::vector<std::string> PartsOf(const std::string& multiplier, const std::string& format,
                                 const std::string& accumulator) {
  std::vector<std::string> parts = {multiplier.substr(0, multiplier.find('(')), format};
  size_t start = 0;
  while (start < accumulator.size()) {
    const size_t end = std::min(accumulator.find('+', start), accumulator.size());
    const std::string option = accumulator.substr(start, end - start);
    const size_t equals = option.find('=');
    parts.push_back(option.substr(0, equals) == "acc"
                        ? option.substr(equals + 1, option.find('(') - equals - 1)
                        : option.substr(0, equals));
    start = end + 1;
  }
  return parts;
}

/// Of a message, whose first two lines repeat the specification: at least two of the parts.
void CheckRefusal(const std::string& message, const std::vector<std::string>& parts) {
  const size_t first = message.find('\n'), second = message.find('\n', first + 1);
  ASSERT_NE(second, std::string::npos) << message;
  int named = 0;
  for (const std::string& part : parts) {
    if (message.find(part, second) != std::string::npos) ++named;
  }
  EXPECT_GE(named, 2) << message;
}

class Combinations : public testing::TestWithParam<std::string> {};

TEST_P(Combinations, WorkByTheDefinitionOrAreRefusedWithTheReason) {
  const std::string& format = GetParam();
  int working = 0, refused = 0;
  uint32_t seed = 0;
  for (const std::vector<std::string>& family : kMultipliers) {
    // The first parameters that fit; else the family is refused.
    for (const std::string& multiplier : family) {
      bool fits = true;
      for (const std::string& accumulator : kAccumulators) {
        const std::string spec =
            multiplier + "@" + format + (accumulator.empty() ? "" : "+" + accumulator);
        SCOPED_TRACE(spec);
        std::optional<Arithmetic> arithmetic;
        try {
          arithmetic = ParseArithmetic(spec);
        } catch (const UsageError& error) {
          fits &= !accumulator.empty();
          CheckRefusal(error.what(), PartsOf(multiplier, format, accumulator));
          ++refused;
        }
        if (!fits) break;
        if (!arithmetic) continue;
        EXPECT_EQ(ParseArithmetic(Print(*arithmetic)), *arithmetic);
        CheckPlans(*arithmetic, ++seed);
        if (HasFatalFailure()) return;
        ++working;
      }
      if (fits) break;
    }
  }
  std::cout << format << ": " << working << " work, " << refused << " are refused\n";
  // All families but those that narrow significands do not fit, with half a dozen accumulators.
  EXPECT_GE(working, 10 * 6);
  EXPECT_GE(refused, 10 * 6);
}

INSTANTIATE_TEST_SUITE_P(, Combinations, testing::ValuesIn(kFormats), [](const auto& info) {
  std::string name;
  for (const char c : info.param) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

// The lists cover the families there are.
TEST(CombinationsTest, HaveEveryFamily) {
  std::set<std::string> listed;
  for (const auto& family : kMultipliers) listed.insert(family[0].substr(0, family[0].find('(')));
  for (const MultiplierFamily& family : MultiplierFamilies()) {
    EXPECT_TRUE(listed.contains(family.name)) << family.name;
  }
}

}  // namespace
}  // namespace mulberry
