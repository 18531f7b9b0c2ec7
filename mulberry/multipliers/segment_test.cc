// DRUM against its definition on strings of bits, and against published figures.
#include "mulberry/multipliers/segment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bitset>
#include <string>

#include "mulberry/multipliers/error_figures.h"

namespace mulberry {
namespace {

Model Drum(int k, int n) {
  return MakeModel({"drum", {k}, {}}, {.bits = n});
}

/// The operand that DRUM multiplies, written out in binary digits.
uint64_t SegmentOracle(uint64_t operand, size_t k) {
  std::string digits = std::bitset<32>(operand).to_string();
  digits.erase(0, digits.find('1'));
  if (digits.size() <= k) return operand;
  digits[k - 1] = '1';
  std::fill(digits.begin() + static_cast<std::ptrdiff_t>(k), digits.end(), '0');
  return std::bitset<32>(digits).to_ullong();
}

TEST(Drum, IsTheProductOfSegments) {
  for (const int n : {3, 5, 9}) {
    for (int k = 3; k <= n; ++k) {
      const Model model = Drum(k, n);
      for (uint64_t a = 0; a < uint64_t{1} << n; ++a) {
        const uint64_t segment = SegmentOracle(a, static_cast<size_t>(k));
        for (uint64_t b = 0; b < uint64_t{1} << n; ++b) {
          ASSERT_EQ(model(a, b), segment * SegmentOracle(b, static_cast<size_t>(k)))
              << n << " " << k << " " << a << " " << b;
        }
      }
    }
  }
}

TEST(Drum, IsExactBelowTwoToTheK) {
  const Model model = Drum(6, 16);
  for (uint64_t a = 0; a < 64; ++a) {
    for (uint64_t b = 0; b < 64; ++b) ASSERT_EQ(model(a, b), a * b);
  }
  EXPECT_EQ(model(64, 1), 66u);  // 1000000 becomes 1000010.
}

TEST(Drum, HasItsPublishedFigures) {
  // 16 bits, k = 6: mean 1.47 %, nearly without bias (Hashemi, Bahar, Reda, ICCAD 2015).
  const ErrorFigures figures = FiguresOfRandomPairs(Drum(6, 16), 16);
  EXPECT_NEAR(figures.mean, 1.47, 0.005);
  EXPECT_LT(std::abs(figures.bias), 0.05);
  // Each step of k halves the error.
  EXPECT_NEAR(FiguresOfRandomPairs(Drum(7, 16), 16).mean, 1.47 / 2, 0.01);
}

}  // namespace
}  // namespace mulberry
