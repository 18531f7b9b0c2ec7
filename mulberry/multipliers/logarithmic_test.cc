// Mitchell and MBM against their formulas in real numbers.
#include "mulberry/multipliers/logarithmic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "mulberry/multipliers/real_logarithm.h"

namespace mulberry {
namespace {

Model Mitchell(int n) {
  return MakeModel({"mitchell", {}, {}}, {.bits = n});
}
Model Mbm(int t, const OperandKind& operand) {
  return MakeModel({"mbm", {t}, {}}, operand);
}

double MitchellOracle(uint64_t a, uint64_t b) {
  if (a == 0 || b == 0) return 0;
  const RealLogarithm p(a), q(b);
  return RealAntilogarithm(p.k + q.k, p.x + q.x);
}

/// MBM's real product of n-bit operands whose fractions keep `kept` bits, the lowest of them set if
/// `set`.
double MbmOracle(uint64_t a, uint64_t b, int n, int kept, bool set) {
  if (a == 0 || b == 0) return 0;
  const RealLogarithm p(a), q(b);
  const double c = Cut(0.0625 + 0.015625, kept);
  return RealCorrectedAntilogarithm(p.k + q.k,
                                    Shortened(p.x, kept, set) + Shortened(q.x, kept, set), c, n);
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

TEST(Mbm, IsItsFormulaForIntegersOfAllT) {
  for (const int n : {1, 2, 5, 8}) {
    for (int t = 0; t <= std::max(0, n - 2); ++t) {
      const Model model = Mbm(t, {.bits = n});
      for (uint64_t a = 0; a < uint64_t{1} << n; ++a) {
        for (uint64_t b = 0; b < uint64_t{1} << n; ++b) {
          const double real = MbmOracle(a, b, n, n - 1 - t, t > 0);
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
      const double real = MbmOracle(a, b, 24, 23 - t, t > 0);
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
      ASSERT_EQ(static_cast<double>(truncated(a, b)), MbmOracle(a, b, 8, 7, true)) << a << " " << b;
      ASSERT_EQ(static_cast<double>(rounded(a, b)), MbmOracle(a, b, 8, 7, false)) << a << " " << b;
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

TEST(Mbm, LeavesTheConstantOutOnlyWhereTheProductWouldNotFit) {
  // 2^15·(254 + 5/2·2)/128 needs 17 bits, 2^14·(253 + 5)/128 fits in 16, though past 2^15.
  const Model model = Mbm(0, {.bits = 8});
  EXPECT_EQ(model(255, 255), 65024u);
  EXPECT_EQ(model(127, 255), 33024u);
}

}  // namespace
}  // namespace mulberry
