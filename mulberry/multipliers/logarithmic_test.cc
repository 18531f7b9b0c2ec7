// Mitchell and MBM against their formulas in real numbers, and against published figures. The
// formulas are evaluated in double, where all their terms are exact.
#include "mulberry/multipliers/logarithmic.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "mulberry/multipliers/error_figures.h"

namespace mulberry {
namespace {

Model Mitchell(int n) {
  return MakeModel({"mitchell", {}, {}}, {.bits = n});
}
Model Mbm(int t, const OperandKind& operand) {
  return MakeModel({"mbm", {t}, {}}, operand);
}

/// The k and x of 2^k·(1 + x).
struct Logarithm {
  explicit Logarithm(uint64_t operand)
      : k(std::ilogb(static_cast<double>(operand))),
        x(std::ldexp(static_cast<double>(operand), -k) - 1) {}
  int k;
  double x;
};

double MitchellOracle(uint64_t a, uint64_t b) {
  if (a == 0 || b == 0) return 0;
  const Logarithm p(a), q(b);
  const double sum = p.x + q.x;
  return sum < 1 ? std::ldexp(1 + sum, p.k + q.k) : std::ldexp(sum, p.k + q.k + 1);
}

/// `value` cut to `bits` bits after the point.
double Cut(double value, int bits) {
  return std::ldexp(std::floor(std::ldexp(value, bits)), -bits);
}

/// MBM's real product of fractions that keep `kept` bits, the lowest of them set if `set`.
double MbmOracle(uint64_t a, uint64_t b, int kept, bool set) {
  if (a == 0 || b == 0) return 0;
  const Logarithm p(a), q(b);
  const double unit = std::ldexp(1.0, -kept);
  const auto shorten = [&](double x) {
    x = Cut(x, kept);
    const bool is_set = std::fmod(x / unit, 2) == 1;
    return set && !is_set ? x + unit : x;
  };
  const double c = Cut(0.0625 + 0.015625, kept);
  const double sum = shorten(p.x) + shorten(q.x);
  if (sum < 1) return std::ldexp(1 + sum + c, p.k + q.k);
  const double fraction = sum - 1;
  const double corrected = fraction + c / 2 >= 1 ? fraction : fraction + c / 2;
  return std::ldexp(1 + corrected, p.k + q.k + 1);
}

TEST(Mitchell, IsItsFormula) {
  const Model model = Mitchell(9);
  for (uint64_t a = 0; a < 512; ++a) {
    for (uint64_t b = 0; b < 512; ++b) {
      ASSERT_EQ(static_cast<double>(model(a, b)), MitchellOracle(a, b)) << a << " " << b;
    }
  }
  const Model wide = Mitchell(24);
  std::mt19937_64 random(3);
  for (int i = 0; i < 1'000'000; ++i) {
    // Of every length, not only the longest.
    const uint64_t a = (random() & 0xffffff) >> random() % 24;
    const uint64_t b = (random() & 0xffffff) >> random() % 24;
    ASSERT_EQ(static_cast<double>(wide(a, b)), MitchellOracle(a, b)) << a << " " << b;
  }
}

TEST(Mitchell, IsExactForPowersOfTwoAndNeverAbove) {
  const Model model = Mitchell(10);
  for (uint64_t a = 0; a < 1024; ++a) {
    for (int k = 0; k < 10; ++k) ASSERT_EQ(model(a, 1 << k), a << k);
    for (uint64_t b = 0; b < 1024; ++b) ASSERT_LE(model(a, b), a * b);
  }
}

TEST(Mitchell, HasItsPublishedFigures) {
  const Model model = Mitchell(8);
  const ErrorFigures figures = FiguresOfAllPairs(model, 8);
  // 8 bits: average error 3.76 % (table in Shanmugapriya, Balachandran, "Design of LNS based
  // approximate multiplier using Mitchell's algorithm and modified operand decomposition", IJERT,
  // 2019). It is the mean over all 2^16 pairs, those with a zero being exact.
  EXPECT_NEAR(figures.mean * 255 * 255 / (256 * 256), 3.76, 0.005);
  EXPECT_NEAR(figures.mean, 3.79, 0.005);
  // Mitchell, 1962: never above, and at most 1/9 below.
  EXPECT_NEAR(figures.lowest, -11.11, 0.005);
  EXPECT_EQ(figures.highest, 0);
  EXPECT_EQ(model(0b11, 0b11), 8u);  // Where the error is 1/9.
}

TEST(Mbm, IsItsFormulaForIntegersOfAllT) {
  for (const int n : {1, 2, 5, 8}) {
    for (int t = 0; t <= std::max(0, n - 2); ++t) {
      const Model model = Mbm(t, {.bits = n});
      for (uint64_t a = 0; a < uint64_t{1} << n; ++a) {
        for (uint64_t b = 0; b < uint64_t{1} << n; ++b) {
          const double real = MbmOracle(a, b, n - 1 - t, t > 0);
          ASSERT_EQ(static_cast<double>(model(a, b)), std::floor(real))
              << n << " " << t << " " << a << " " << b;
        }
      }
    }
  }
}

TEST(Mbm, IsItsFormulaForWideOperands) {
  std::mt19937_64 random(4);
  for (const int t : {0, 1, 9, 16, 22}) {
    const Model model = Mbm(t, {.bits = 24});
    for (int i = 0; i < 200'000; ++i) {
      const uint64_t a = (random() & 0xffffff) >> random() % 24;
      const uint64_t b = (random() & 0xffffff) >> random() % 24;
      const double real = MbmOracle(a, b, 23 - t, t > 0);
      ASSERT_EQ(static_cast<double>(model(a, b)), std::floor(real)) << t << " " << a << " " << b;
    }
  }
}

TEST(Mbm, SetsTheLowestBitOfTruncatedSignificands) {
  // 7 mantissa bits, of FP32's 23: the real product has 8 fraction bits, and is an integer here.
  const Model truncated = Mbm(0, {.bits = 8, .significand = true, .dropped_bits = 16});
  const Model rounded = Mbm(0, {.bits = 8, .significand = true, .dropped_bits = 0});
  for (uint64_t a = 128; a < 256; ++a) {
    for (uint64_t b = 128; b < 256; ++b) {
      ASSERT_EQ(static_cast<double>(truncated(a, b)), MbmOracle(a, b, 7, true)) << a << " " << b;
      ASSERT_EQ(static_cast<double>(rounded(a, b)), MbmOracle(a, b, 7, false)) << a << " " << b;
    }
  }
}

TEST(Mbm, DroppingMoreBitsOfAWiderSignificandIsTheNarrowerOne) {
  // 7 bits kept of FP32's 23, by t or by the format.
  const Model wide = Mbm(16, {.bits = 24, .significand = true, .dropped_bits = 0});
  const Model middle = Mbm(3, {.bits = 11, .significand = true, .dropped_bits = 13});
  const Model narrow = Mbm(0, {.bits = 8, .significand = true, .dropped_bits = 16});
  std::mt19937_64 random(5);
  for (int i = 0; i < 100'000; ++i) {
    const uint64_t a = 0x800000 | (random() & 0x7fffff), b = 0x800000 | (random() & 0x7fffff);
    ASSERT_EQ(wide(a, b), narrow(a >> 16, b >> 16) << 32) << a << " " << b;
    ASSERT_EQ(middle(a >> 13, b >> 13), narrow(a >> 16, b >> 16) << 6) << a << " " << b;
  }
}

TEST(Mbm, WithoutRoomForTheConstantIsMitchellOfSetOperands) {
  for (int m = 0; m <= 3; ++m) {
    const Model model = Mbm(0, {.bits = m + 1, .significand = true, .dropped_bits = 23 - m});
    const uint64_t set = m > 0 ? 1 : 0;
    for (uint64_t a = uint64_t{1} << m; a < uint64_t{2} << m; ++a) {
      for (uint64_t b = uint64_t{1} << m; b < uint64_t{2} << m; ++b) {
        ASSERT_EQ(static_cast<double>(model(a, b)), MitchellOracle(a | set, b | set));
      }
    }
  }
}

TEST(Mbm, HasItsPublishedFigures) {
  // 16 bits: mean error 2.6 %, peak error 7.8 %, as the best that REALM is compared with (Saadat,
  // Javaid, Ignjatovic, Parameswaran, "REALM", DATE 2020, abstract). By the formula: 5/64 above
  // where x1 = x2 = 0, and 11/144 below where x1 = x2 = 1/2.
  const ErrorFigures figures = FiguresOfRandomPairs(Mbm(0, {.bits = 16}), 16);
  EXPECT_NEAR(figures.mean, 2.6, 0.05);
  EXPECT_NEAR(figures.highest, 7.8, 0.05);
  EXPECT_NEAR(figures.lowest, -100.0 * 11 / 144, 0.01);
  // Minimally biased: Mitchell's is 3.8 % low.
  EXPECT_LT(std::abs(figures.bias), 0.12);
}

}  // namespace
}  // namespace mulberry
