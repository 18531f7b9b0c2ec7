// Segment multipliers against their definitions on strings of bits and in real numbers.
#include "mulberry/multipliers/segment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bitset>
#include <string>

#include "mulberry/multipliers/real_logarithm.h"
#include "mulberry/multipliers/test_pairs.h"

namespace mulberry {
namespace {

uint64_t Value(const std::string& digits) {
  return std::bitset<64>(digits).to_ullong();
}

/// n binary digits, the highest first.
std::string Digits(uint64_t operand, int n) {
  return std::bitset<64>(operand).to_string().substr(64 - static_cast<size_t>(n));
}

/// The operand that DRUM multiplies.
uint64_t DrumOracle(uint64_t operand, size_t k) {
  std::string digits = Digits(operand, 32);
  digits.erase(0, digits.find('1'));
  if (digits.size() <= k) return operand;
  digits[k - 1] = '1';
  std::fill(digits.begin() + static_cast<std::ptrdiff_t>(k), digits.end(), '0');
  return Value(digits);
}

TEST(Drum, IsTheProductOfSegments) {
  for (const int n : kTestWidths) {
    for (int k = 3; k <= n; k += n > 8 ? 4 : 1) {
      ExpectIsDefinition({"drum", {k}, {}}, n, [k](uint64_t a, uint64_t b) {
        return DrumOracle(a, static_cast<size_t>(k)) * DrumOracle(b, static_cast<size_t>(k));
      });
    }
  }
}

TEST(Drum, IsExactBelowTwoToTheK) {
  const Model model = MakeModel({"drum", {6}, {}}, {.bits = 16});
  for (uint64_t a = 0; a < 64; ++a) {
    for (uint64_t b = 0; b < 64; ++b) ASSERT_EQ(model(a, b), a * b);
  }
  EXPECT_EQ(model(64, 1), 66u);  // 1000000 becomes 1000010.
}

/// The operand that a static segment design multiplies: of the segments of m digits that begin at
/// `starts` (from the highest digit, in ascending order), the last that leaves no one before it.
uint64_t StaticOracle(uint64_t operand, int n, int m, const std::vector<int>& starts) {
  const std::string digits = Digits(operand, n);
  size_t start = 0;
  for (const int candidate : starts) {
    if (digits.find('1') >= static_cast<size_t>(candidate)) start = static_cast<size_t>(candidate);
  }
  std::string segment(static_cast<size_t>(n), '0');
  segment.replace(start, static_cast<size_t>(m), digits, start, static_cast<size_t>(m));
  return Value(segment);
}

TEST(Ssm, IsTheProductOfSegments) {
  for (const int n : kTestWidths) {
    for (int m = (n + 1) / 2; m < n; ++m) {
      ExpectIsDefinition({"ssm", {m}, {}}, n, [=](uint64_t a, uint64_t b) {
        return StaticOracle(a, n, m, {0, n - m}) * StaticOracle(b, n, m, {0, n - m});
      });
    }
  }
  EXPECT_EQ(MakeModel({"ssm", {4}, {}}, {.bits = 8})(0x1f, 0x0f), 0x10u * 0x0f);
}

TEST(Essm, IsTheProductOfSegments) {
  for (const int n : kTestWidths) {
    for (int m = n - 2; m >= (n + 1) / 2; m -= 2) {
      const std::vector<int> starts = {0, (n - m) / 2, n - m};
      ExpectIsDefinition({"essm", {m}, {}}, n, [=](uint64_t a, uint64_t b) {
        return StaticOracle(a, n, m, starts) * StaticOracle(b, n, m, starts);
      });
    }
  }
  // High, middle and low.
  const Model model = MakeModel({"essm", {4}, {}}, {.bits = 8});
  EXPECT_EQ(model(0x7f, 0x3f), 0x70u * 0x3c);
  EXPECT_EQ(model(0x0f, 0x10), 0x0fu * 0x10);
}

/// The operand that LETAM multiplies.
double LetamOracle(uint64_t operand, int n, int k) {
  if (operand == 0) return 0;
  std::string digits = Digits(operand, n);
  digits.erase(0, digits.find('1'));
  const int leading_one = static_cast<int>(digits.size()) - 1;
  digits.resize(static_cast<size_t>(k), '0');
  return std::ldexp(static_cast<double>(Value(digits + '1')), leading_one - k);
}

TEST(Letam, IsTheProductOfSegments) {
  for (const int n : kTestWidths) {
    for (int k = 2; k <= n; k += n > 8 ? 3 : 1) {
      ExpectIsDefinition({"letam", {k}, {}}, n, [=](uint64_t a, uint64_t b) {
        return static_cast<uint64_t>(LetamOracle(a, n, k) * LetamOracle(b, n, k));
      });
    }
  }
}

TEST(Letam, OfLongOperandsIsDrumOfOneMoreBit) {
  const Model letam = MakeModel({"letam", {5}, {}}, {.bits = 16});
  const Model drum = MakeModel({"drum", {6}, {}}, {.bits = 16});
  ForEachTestPair(16, [&](uint64_t a, uint64_t b) {
    if (a >= 64 && b >= 64) {
      ASSERT_EQ(letam(a, b), drum(a, b));
    }
  });
}

TEST(Tosam, IsItsFormula) {
  for (const int n : kTestWidths) {
    for (const auto& [t, h] : std::vector<std::pair<int, int>>{
             {0, 1}, {0, 2}, {0, 3}, {1, 3}, {1, 5}, {2, 6}, {3, 7}, {5, 9}, {10, 15}, {22, 23}}) {
      if (h >= n) continue;
      ExpectIsDefinition({"tosam", {t, h}, {}}, n, [t = t, h = h](uint64_t a, uint64_t b) {
        if (a == 0 || b == 0) return uint64_t{0};
        const RealLogarithm p(a), q(b);
        const auto odd = [t](double x) { return Cut(x, t) + std::ldexp(0.5, -t); };
        const double significand = 1 + Cut(p.x, h) + Cut(q.x, h) + odd(p.x) * odd(q.x);
        return static_cast<uint64_t>(std::ldexp(significand, p.k + q.k));
      });
    }
  }
}

TEST(Tosam, IsThePapersExample) {
  // TOSAM(3,7) of 11761 and 2482 (Vahdat et al., 2019, worked example).
  EXPECT_EQ(MakeModel({"tosam", {3, 7}, {}}, {.bits = 16})(11761, 2482), 28901376u);
}

}  // namespace
}  // namespace mulberry
