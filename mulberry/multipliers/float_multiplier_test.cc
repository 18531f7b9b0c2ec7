// The float wrapper: each line of its rule by name, and the multipliers it makes against the
// hardware's product and against formulas in real numbers.
#include "mulberry/multipliers/float_multiplier.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "mulberry/base/error.h"
#include "mulberry/formats/posit_arithmetic.h"

namespace mulberry {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kMaxFloat = std::numeric_limits<float>::max();

uint32_t Bits(float value) {
  return std::bit_cast<uint32_t>(value);
}

FloatMultiplier Make(const std::string& family, std::vector<int> values, int m,
                     ResultRounding result, int dropped_bits = 0) {
  return {MakeModel({family, std::move(values), {}}, {m + 1, true, dropped_bits}), m, result};
}
FloatMultiplier Exact(int m, ResultRounding result = ResultRounding::kFull) {
  return Make("exact", {}, m, result);
}

#define EXPECT_BITS(actual, expected) EXPECT_EQ(Bits(actual), Bits(expected))

// Line 1.
TEST(FloatMultiplierRule, NanTimesAnythingIsTheQuietNan) {
  const FloatMultiplier multiply = Exact(7);
  for (const float nan :
       {kNan, -kNan, std::bit_cast<float>(0x7f800001u), std::bit_cast<float>(0xff8fffffu)}) {
    for (const float other : {1.0f, -1.0f, 0.0f, -0.0f, 0x1p-140f, kInf, -kInf, kNan}) {
      EXPECT_EQ(Bits(multiply(nan, other)), 0x7fc00000u) << other;
      EXPECT_EQ(Bits(multiply(other, nan)), 0x7fc00000u) << other;
    }
  }
}

TEST(FloatMultiplierRule, InfinityTimesZeroIsTheQuietNan) {
  const FloatMultiplier multiply = Exact(7);
  for (const float infinity : {kInf, -kInf}) {
    // A magnitude below 2^-126 is read as zero here too.
    for (const float zero : {0.0f, -0.0f, 0x1p-127f, -0x1p-149f}) {
      EXPECT_EQ(Bits(multiply(infinity, zero)), 0x7fc00000u) << zero;
      EXPECT_EQ(Bits(multiply(zero, infinity)), 0x7fc00000u) << zero;
    }
  }
}

// Line 2.
TEST(FloatMultiplierRule, InfinityHasTheXorOfTheSigns) {
  const FloatMultiplier multiply = Exact(7);
  for (const float other : {1.0f, 0x1p-126f, kMaxFloat, kInf}) {
    EXPECT_BITS(multiply(kInf, other), kInf);
    EXPECT_BITS(multiply(other, -kInf), -kInf);
    EXPECT_BITS(multiply(-kInf, -other), kInf);
    EXPECT_BITS(multiply(-other, kInf), -kInf);
  }
}

// Line 3.
TEST(FloatMultiplierRule, ZeroHasTheXorOfTheSigns) {
  const FloatMultiplier multiply = Exact(7);
  for (const float other : {0.0f, 1.0f, 0x1p-126f, kMaxFloat}) {
    EXPECT_BITS(multiply(0.0f, other), 0.0f);
    EXPECT_BITS(multiply(other, -0.0f), -0.0f);
    EXPECT_BITS(multiply(-0.0f, -other), 0.0f);
    EXPECT_BITS(multiply(-other, 0.0f), -0.0f);
  }
}

TEST(FloatMultiplierRule, Fp32SubnormalsAreReadAsZero) {
  const FloatMultiplier multiply = Exact(23);
  const float largest_subnormal = std::bit_cast<float>(0x007fffffu);
  for (const float subnormal : {0x1p-149f, 0x1p-127f, largest_subnormal}) {
    EXPECT_BITS(multiply(subnormal, kMaxFloat), 0.0f);
    EXPECT_BITS(multiply(-subnormal, kMaxFloat), -0.0f);
    EXPECT_BITS(multiply(-kMaxFloat, -subnormal), 0.0f);
  }
  EXPECT_BITS(multiply(0x1p-126f, 2.0f), 0x1p-125f);
}

TEST(FloatMultiplierRule, SubnormalsOfNarrowFormatsAreNormalised) {
  // fp16: 3·2^-24 and 1023·2^-24. Its subnormals are normal as floats.
  const FloatMultiplier fp16 = Exact(10);
  EXPECT_BITS(fp16(0x3p-24f, 0x3p-24f), 0x9p-48f);
  EXPECT_BITS(fp16(-0x3ffp-24f, 4.0f), -0x3ffp-22f);
  // e4m3: multiples of 2^-9 below 2^-6.
  const FloatMultiplier e4m3 = Exact(3);
  for (int i = 1; i < 8; ++i) {
    for (int j = 1; j < 8; ++j) {
      const float a = std::ldexp(static_cast<float>(i), -9),
                  b = std::ldexp(static_cast<float>(j), -9);
      EXPECT_BITS(e4m3(a, b), a * b);
    }
  }
  // The model sees the normalised significand: 3·2^-24 is 1.5·2^-23.
  const FloatMultiplier mitchell = Make("mitchell", {}, 10, ResultRounding::kZero);
  EXPECT_BITS(mitchell(0x3p-24f, 0x3p-24f), 0x8p-48f);
}

// Line 4.
TEST(FloatMultiplierRule, MantissaBitsBeyondTheFormatAreIgnored) {
  const FloatMultiplier multiply = Exact(7);
  const float dirty = std::bit_cast<float>(Bits(1.5f) | 0xffff);
  EXPECT_BITS(multiply(dirty, dirty), 2.25f);
}

TEST(FloatMultiplierRule, SignificandsAreRoundedAsAsked) {
  // 2 mantissa bits: 1.75·1.75 = 3.0625, 1.25·1.25 = 1.5625 (above the tie), 1.25·1.5 = 1.875 (a
  // tie between 1.75 and 2), 1.5·1.75 = 2.625, 1.75·1.25 = 2.1875.
  struct Case {
    float a, b, full, nearest, zero;
  };
  for (const Case& c : {Case{1.75f, 1.75f, 3.0625f, 3.0f, 3.0f},
                        {1.25f, 1.25f, 1.5625f, 1.5f, 1.5f},
                        {1.25f, 1.5f, 1.875f, 2.0f, 1.75f},
                        {1.5f, 1.75f, 2.625f, 2.5f, 2.5f},
                        {1.75f, 1.25f, 2.1875f, 2.0f, 2.0f}}) {
    EXPECT_BITS(Exact(2, ResultRounding::kFull)(c.a, c.b), c.full);
    EXPECT_BITS(Exact(2, ResultRounding::kNearest)(c.a, c.b), c.nearest);
    EXPECT_BITS(Exact(2, ResultRounding::kZero)(c.a, -c.b), -c.zero);
  }
  // Ties go to the even mantissa: 1.125 and 1.375 with 2 bits, from 3.
  const FloatMultiplier identity(
      [](uint64_t a, uint64_t) { return (a & 3) == 1 ? uint64_t{18} : uint64_t{22}; }, 2,
      ResultRounding::kNearest);
  EXPECT_EQ(identity.SignificandProduct(1, 0), 1.0f);
  EXPECT_EQ(identity.SignificandProduct(2, 0), 1.5f);
}

TEST(FloatMultiplierRule, AnyModelIsNormalised) {
  const auto constant = [](uint64_t product) {
    return FloatMultiplier([product](uint64_t, uint64_t) { return product; }, 7,
                           ResultRounding::kNearest);
  };
  EXPECT_BITS(constant(0)(1.0f, -1.0f), -0.0f);
  EXPECT_BITS(constant(1)(1.0f, 1.0f), 0x1p-14f);
  EXPECT_BITS(constant(0xffff)(1.0f, 1.0f), 4.0f);  // Rounds up to four.
  EXPECT_BITS(constant(1)(0x1p-100f, 0x1p-26f), 0.0f);
  EXPECT_BITS(constant(1)(0x1p-100f, 0x1p-12f), 0x1p-126f);
}

// Line 5.
TEST(FloatMultiplierRule, OverflowIsInfinite) {
  const FloatMultiplier multiply = Exact(7);
  EXPECT_BITS(multiply(0x1p64f, 0x1p64f), kInf);
  EXPECT_BITS(multiply(-0x1p64f, 0x1p64f), -kInf);
  EXPECT_BITS(multiply(-0x1p127f, -0x1p127f), kInf);
  EXPECT_BITS(multiply(0x1.8p64f, 0x1.8p63f), kInf);  // 2.25·2^127: by the carry.
  EXPECT_BITS(multiply(0x1.4p64f, 0x1.8p63f), 0x1.ep127f);
  EXPECT_BITS(multiply(0x1p64f, 0x1p63f), 0x1p127f);
  // By rounding: (2 - 2^-22)·(1 + 2^-23) = 2 - 2^-45 rounds to 2.
  const FloatMultiplier fp32 = Exact(23);
  EXPECT_BITS(fp32(0x1.fffffcp63f, 0x1.000002p64f), kInf);
  EXPECT_BITS(fp32(0x1.fffffep63f, 0x1p64f), kMaxFloat);
}

TEST(FloatMultiplierRule, UnderflowIsZeroBelowTheSmallestNormal) {
  const FloatMultiplier multiply = Exact(7);
  EXPECT_BITS(multiply(0x1p-63f, 0x1p-63f), 0x1p-126f);
  EXPECT_BITS(multiply(0x1p-63f, -0x1p-64f), -0.0f);
  EXPECT_BITS(multiply(-0x1p-126f, -0x1p-126f), 0.0f);
  EXPECT_BITS(multiply(0x1.fep-64f, 0x1p-63f), 0.0f);
}

TEST(FloatMultiplierRule, CarryCanReachTheSmallestNormal) {
  const FloatMultiplier multiply = Exact(7);
  EXPECT_BITS(multiply(0x1.8p-64f, 0x1.8p-63f), 0x1.2p-126f);  // 2.25·2^-127
  EXPECT_BITS(multiply(0x1.4p-64f, 0x1.8p-63f), 0.0f);         // 1.875·2^-127
  const FloatMultiplier mitchell = Make("mitchell", {}, 7, ResultRounding::kZero);
  EXPECT_BITS(mitchell(0x1.8p-64f, -0x1.8p-63f), -0x1p-126f);  // 2·2^-127
  EXPECT_BITS(mitchell(0x1.4p-64f, -0x1.8p-63f), -0.0f);       // 1.75·2^-127
}

TEST(FloatMultiplierRule, RoundingCanReachTheSmallestNormal) {
  // 1.984375·1.0078125 = 1.9998779296875 rounds to 2.
  const float a = 0x1.fcp-64f, b = 0x1.02p-63f;
  EXPECT_BITS(Exact(7, ResultRounding::kNearest)(a, b), 0x1p-126f);
  EXPECT_BITS(Exact(7, ResultRounding::kZero)(a, b), 0.0f);
  EXPECT_BITS(Exact(7, ResultRounding::kFull)(a, b), 0.0f);
  // 24 bits: (2 - 2^-22)(1 + 2^-23) = 2 - 2^-45 rounds to 2.
  EXPECT_BITS(Exact(23)(0x1.fffffcp-64f, 0x1.000002p-63f), 0x1p-126f);
}

TEST(FloatMultiplier, TakesUpTo23MantissaBits) {
  const Model model = MakeModel({}, {.bits = 24});
  EXPECT_THROW(FloatMultiplier(model, -1, ResultRounding::kFull), UsageError);
  EXPECT_THROW(FloatMultiplier(model, 24, ResultRounding::kFull), UsageError);
  EXPECT_EQ(FloatMultiplier(model, 23, ResultRounding::kFull).mantissa_bits(), 23);
  EXPECT_EQ(Exact(0).SignificandProduct(0, 0), 1.0f);
}

/// A random float with any exponent; its product with another overflows or underflows often.
float RandomFloat(std::mt19937_64& random) {
  return std::bit_cast<float>(static_cast<uint32_t>(random()));
}

/// The exact product rounded to 24 bits with unbounded exponents, as a double.
double RoundedTo24Bits(float a, float b) {
  int exponent = 0;
  const double significand = std::frexp(double{a} * double{b}, &exponent);
  return std::ldexp(double{static_cast<float>(significand)}, exponent);
}

TEST(ExactAtFp32, IsTheHardwareProduct) {
  const FloatMultiplier multiply = Exact(23);
  std::mt19937_64 random(6);
  int64_t flushed = 0, infinite = 0, ordinary = 0;
  for (int i = 0; i < 4'000'000; ++i) {
    const float a = RandomFloat(random), b = RandomFloat(random);
    if (!std::isnormal(a) || !std::isnormal(b)) continue;
    const float product = multiply(a, b);
    if (std::abs(RoundedTo24Bits(a, b)) < 0x1p-126) {
      // Where IEEE 754 gives a subnormal, a zero, or rounds at 2^-149 up to 2^-126.
      ASSERT_EQ(Bits(product), Bits(std::copysign(0.0f, a * b))) << a << " " << b;
      ++flushed;
    } else {
      ASSERT_EQ(Bits(product), Bits(a * b)) << a << " " << b;
      ++(std::isinf(product) ? infinite : ordinary);
    }
  }
  EXPECT_GT(flushed, 100'000);
  EXPECT_GT(infinite, 100'000);
  EXPECT_GT(ordinary, 1'000'000);
}

TEST(ExactAtFp32, IsTheHardwareProductAroundTheSmallestNormal) {
  const FloatMultiplier multiply = Exact(23);
  std::mt19937_64 random(7);
  int64_t kept = 0, rounded_up_by_ieee_only = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    // b is nearly 2^-126 / a, a few units in the last place off.
    const float a =
        std::bit_cast<float>(Bits(0x1p-60f) | static_cast<uint32_t>(random() & 0x7fffff));
    const float quotient = static_cast<float>(0x1p-126 / a);
    const float b = std::bit_cast<float>(Bits(quotient) + static_cast<uint32_t>(random() % 5) - 2);
    const bool normal = RoundedTo24Bits(a, b) >= 0x1p-126;
    ASSERT_EQ(Bits(multiply(a, b)), normal ? Bits(a * b) : 0u) << a << " " << b;
    kept += normal;
    rounded_up_by_ieee_only += !normal && a * b == 0x1p-126f;
  }
  EXPECT_GT(kept, 100'000);
  EXPECT_GT(rounded_up_by_ieee_only, 1'000);
}

/// `value` in [1, 4) with m mantissa bits, to nearest even or truncated; by double's own rounding.
double RoundedTo(double value, int m, bool nearest) {
  const double scale = std::ldexp(1.0, value >= 2 ? m - 1 : m);
  return (nearest ? std::nearbyint(value * scale) : std::trunc(value * scale)) / scale;
}

TEST(Exact, IsTheRealProductForEveryMantissaWidth) {
  std::mt19937_64 random(8);
  for (int m = 0; m <= 23; ++m) {
    const FloatMultiplier full = Exact(m), nearest = Exact(m, ResultRounding::kNearest),
                          zero = Exact(m, ResultRounding::kZero);
    const uint32_t count = uint32_t{1} << m;
    const bool all = m <= 7;
    for (uint32_t step = 0; step < (all ? count * count : 50'000); ++step) {
      const uint32_t i = all ? step / count : static_cast<uint32_t>(random()) % count;
      const uint32_t j = all ? step % count : static_cast<uint32_t>(random()) % count;
      const double product = (1 + std::ldexp(i, -m)) * (1 + std::ldexp(j, -m));
      ASSERT_EQ(full.SignificandProduct(i, j), static_cast<float>(product))
          << m << " " << i << " " << j;
      ASSERT_EQ(nearest.SignificandProduct(i, j), RoundedTo(product, m, true))
          << m << " " << i << " " << j;
      ASSERT_EQ(zero.SignificandProduct(i, j), RoundedTo(product, m, false))
          << m << " " << i << " " << j;
    }
  }
}

/// Mitchell's significand product of fractions x and y.
double MitchellOracle(double x, double y) {
  return x + y < 1 ? 1 + x + y : 2 * (x + y);
}

TEST(Mitchell, IsItsFormulaAtFp32) {
  const FloatMultiplier multiply = Make("mitchell", {}, 23, ResultRounding::kZero);
  std::mt19937_64 random(9);
  for (int i = 0; i < 1'000'000; ++i) {
    const float a = RandomFloat(random), b = RandomFloat(random);
    if (!std::isnormal(a) || !std::isnormal(b)) continue;
    // a = ±2^k1·(1 + x1), so |product| = 2^(k1+k2)·(...), exact in double.
    const int k1 = std::ilogb(a), k2 = std::ilogb(b);
    const double x1 = std::ldexp(std::abs(double{a}), -k1) - 1;
    const double x2 = std::ldexp(std::abs(double{b}), -k2) - 1;
    double expected = std::ldexp(MitchellOracle(x1, x2), k1 + k2);
    if (expected >= 0x1p128) expected = kInf;
    if (expected < 0x1p-126) expected = 0;
    const float sign = std::signbit(a) != std::signbit(b) ? -1.0f : 1.0f;
    ASSERT_EQ(Bits(multiply(a, b)), Bits(sign * static_cast<float>(expected))) << a << " " << b;
  }
}

/// MBM as ApproxTrain's models have it at m < 23 mantissa bits, in units of 2^-m, where sums are
/// integers and c/2 is a half-integer at most; the result is truncated to m bits.
double MbmOracle(uint32_t i, uint32_t j, int m) {
  const double one = std::ldexp(1.0, m);
  const double c = std::floor(one / 16 + one / 64);
  const double sum = (i | 1) + (j | 1);
  double significand = one + sum + c;
  if (sum >= one) {
    const double fraction = sum - one;
    significand = 2 * (one + (fraction + c / 2 < one ? fraction + c / 2 : fraction));
  }
  return RoundedTo(significand / one, m, false);
}

TEST(MitchellAndMbm, AreTheirFormulasForAllPairsOfMantissas) {
  for (int m = 1; m <= 8; ++m) {
    const FloatMultiplier mitchell = Make("mitchell", {}, m, ResultRounding::kZero, 23 - m);
    const FloatMultiplier mbm = Make("mbm", {0}, m, ResultRounding::kZero, 23 - m);
    const uint32_t count = uint32_t{1} << m;
    for (uint32_t i = 0; i < count; ++i) {
      for (uint32_t j = 0; j < count; ++j) {
        ASSERT_EQ(mitchell.SignificandProduct(i, j),
                  RoundedTo(MitchellOracle(std::ldexp(i, -m), std::ldexp(j, -m)), m, false))
            << m << " " << i << " " << j;
        ASSERT_EQ(mbm.SignificandProduct(i, j), MbmOracle(i, j, m)) << m << " " << i << " " << j;
      }
    }
  }
}

TEST(Mbm, HasTheConstantsOfApproxTrain) {
  const auto product = [](int m, uint32_t i, uint32_t j) {
    return Make("mbm", {0}, m, ResultRounding::kZero, 23 - m).SignificandProduct(i, j);
  };
  // m = 7, in 128ths: c = 10, halved 5. Operands 1 and 1: 1 + 2 + 10.
  EXPECT_EQ(product(7, 0, 0), 1 + 12 / 128.0f);
  EXPECT_EQ(product(7, 0, 124), 2 * (1 + 4 / 128.0f));  // 1 + 125 + 10 passes 128; the half is cut.
  EXPECT_EQ(product(7, 0, 126), 2 * (1 + 5 / 128.0f));  // 1 + 127 carries: 0 + 5.
  EXPECT_EQ(product(7, 124, 126), 2 * (1 + 124 / 128.0f));  // 124 + 5 would reach 128: left out.
  // m = 5, in 32nds: c = 2 and c/2 = 1, as 2^-6 is below the lowest bit.
  EXPECT_EQ(product(5, 0, 0), 1 + 4 / 32.0f);
  EXPECT_EQ(product(5, 30, 30), 2 * (1 + 31 / 32.0f));
  // m = 3: none.
  EXPECT_EQ(product(3, 0, 0), 1 + 2 / 8.0f);
  // m = 23: no bit is set.
  EXPECT_EQ(Make("mbm", {0}, 23, ResultRounding::kZero).SignificandProduct(0, 0), 1.078125f);
}

/// All values of the format.
std::vector<float> ValuesOf(const PositFormat& format) {
  std::vector<float> values;
  for (uint32_t encoding = 0; encoding < uint32_t{1} << format.bits; ++encoding) {
    values.push_back(Decode(format, encoding));
  }
  return values;
}

FloatMultiplier OfPosits(const std::string& family, const PositFormat& format,
                         ResultRounding result) {
  return {MakeModel({family}, {.bits = format.mantissa_bits() + 1, .significand = true}), format,
          result};
}

TEST(PositProducts, FullOnesAreExactInFp32) {
  for (const PositFormat& format : {PositFormat{8, 0}, {8, 2}, {9, 1}, {4, 2}, {2, 0}}) {
    const FloatMultiplier multiply = OfPosits("exact", format, ResultRounding::kFull);
    EXPECT_FALSE(multiply.rounds_by_exponent());
    const std::vector<float> values = ValuesOf(format);
    for (const float a : values) {
      for (const float b : values) {
        if (std::isnan(a) || std::isnan(b)) {
          ASSERT_EQ(Bits(multiply(a, b)), 0x7fc00000u);
        } else {
          ASSERT_EQ(multiply(a, b), a * b) << Name(format);
        }
      }
    }
  }
}

TEST(PositProducts, RoundedOnesAreTheProductsOfPosits) {
  for (const PositFormat& format : {PositFormat{8, 0}, {8, 1}, {8, 2}, {9, 1}, {4, 2}, {2, 0}}) {
    const FloatMultiplier nearest = OfPosits("exact", format, ResultRounding::kNearest);
    const FloatMultiplier zero = OfPosits("exact", format, ResultRounding::kZero);
    EXPECT_TRUE(nearest.rounds_by_exponent());
    for (uint32_t a = 0; a < uint32_t{1} << format.bits; ++a) {
      for (uint32_t b = 0; b < uint32_t{1} << format.bits; ++b) {
        const float x = Decode(format, a), y = Decode(format, b);
        ASSERT_EQ(Bits(nearest(x, y)), Bits(Decode(format, PositMultiply(format, a, b))));
        ASSERT_EQ(Bits(zero(x, y)), Bits(Round(format, Rounding::kTowardZero, x * y)));
      }
    }
  }
}

// Mitchell's product is exact in FP32, and rounded once.
TEST(PositProducts, RoundedOnesAreTheModelsRoundedOnce) {
  const PositFormat format{8, 1};
  const FloatMultiplier full = OfPosits("mitchell", format, ResultRounding::kFull);
  const FloatMultiplier rounded = OfPosits("mitchell", format, ResultRounding::kNearest);
  const std::vector<float> values = ValuesOf(format);
  for (const float a : values) {
    std::vector<float> products(values.size()), same(values.size(), a);
    rounded.Multiply(same.data(), values.data(), products.data(), values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      const float expected = Round(format, Rounding::kNearestEven, full(a, values[i]));
      ASSERT_EQ(Bits(rounded(a, values[i])), Bits(expected)) << a << ' ' << values[i];
      ASSERT_EQ(Bits(products[i]), Bits(expected));
    }
  }
}

TEST(PositProducts, HaveNoSignificandsOfTheirOwnWhereTheyAreRounded) {
  const PositFormat format{8, 1};
  EXPECT_THROW(OfPosits("exact", format, ResultRounding::kZero).SignificandProduct(0, 0), Error);
  EXPECT_EQ(OfPosits("exact", format, ResultRounding::kFull).SignificandProduct(8, 8), 2.25f);
  EXPECT_THROW(OfPosits("exact", {32, 2}, ResultRounding::kFull), UsageError);
}

/// The number in double, which holds those below.
double ToDouble(const ExactProduct& product) {
  if (product.special != 0) return product.special;
  const double magnitude =
      std::ldexp(static_cast<double>(product.number.significand), product.number.exponent);
  return product.number.negative ? -magnitude : magnitude;
}

TEST(ExactProducts, AreNotRoundedAndHaveNoRange) {
  const FloatMultiplier exact = Exact(23, ResultRounding::kFull);
  const float values[] = {
      0x1.fffffep127f, 0x1.234568p-126f, -1.5f, 3.0f, 0x1.000002p3f, 0.0f, -0.0f};
  std::vector<float> first, second;
  for (const float a : values) {
    for (const float b : values) {
      EXPECT_EQ(ToDouble(exact.Exact(a, b)), double{a} * b) << a << " " << b;
      first.push_back(a);
      second.push_back(b);
    }
  }
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(exact.Exact(infinity, -2.0f).special, -infinity);
  EXPECT_TRUE(std::isnan(exact.Exact(infinity, 0.0f).special));
  EXPECT_EQ(exact.Exact(0x1p-127f, 1.0f).number.significand, 0u);  // Read as zero: line 3.
  std::vector<ExactProduct> products(first.size());
  exact.MultiplyExact(first.data(), second.data(), products.data(), first.size());
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(ToDouble(products[i]), double{first[i]} * second[i]);
  }
}

TEST(ExactProducts, AreTheRoundedOnesWhereTheResultIsRounded) {
  const FloatMultiplier zero = Exact(7, ResultRounding::kZero);
  EXPECT_EQ(ToDouble(zero.Exact(0x1.02p0f, 0x1.02p0f)), 0x1.04p0);
  EXPECT_EQ(zero.Exact(0x1p127f, 4.0f).special, std::numeric_limits<float>::infinity());
  const PositFormat format{8, 1};
  const FloatMultiplier nearest = OfPosits("exact", format, ResultRounding::kNearest);
  for (const float a : ValuesOf(format)) {
    for (const float b : ValuesOf(format)) {
      EXPECT_BITS(static_cast<float>(ToDouble(nearest.Exact(a, b))), nearest(a, b));
    }
  }
}

}  // namespace
}  // namespace mulberry
