// RoBA against a search for the nearest power of two.
#include "mulberry/multipliers/rounding.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "mulberry/multipliers/test_pairs.h"

namespace mulberry {
namespace {

/// The power of two nearest to an n-bit operand, the higher of two but for 3, by looking at all.
int64_t NearestPowerOracle(int64_t operand, int n) {
  if (operand == 0) return 0;
  if (operand == 3) return 2;
  int64_t nearest = 1;
  for (int p = 1; p <= n; ++p) {
    const int64_t power = int64_t{1} << p;
    if (std::abs(power - operand) <= std::abs(nearest - operand)) nearest = power;
  }
  return nearest;
}

TEST(Roba, IsTheProductWithoutTheProductOfTheRemainders) {
  for (const int n : kTestWidths) {
    ExpectIsDefinition({"roba", {}, {}}, n, [n](uint64_t a, uint64_t b) {
      const int64_t x = static_cast<int64_t>(a), y = static_cast<int64_t>(b);
      return static_cast<uint64_t>(x * y -
                                   (NearestPowerOracle(x, n) - x) * (NearestPowerOracle(y, n) - y));
    });
  }
}

TEST(Roba, OfTheLargestOperandsFits) {
  // 256·255 + 256·255 - 256·256.
  EXPECT_EQ(MakeModel({"roba", {}, {}}, {.bits = 8})(255, 255), 65024u);
}

TEST(Roba, RoundsThreeDown) {
  const Model model = MakeModel({"roba", {}, {}}, {.bits = 8});
  EXPECT_EQ(model(3, 3), 8u);
  EXPECT_EQ(model(6, 6), 32u);  // 6 is as near to 4 as to 8: up.
  EXPECT_EQ(model(3, 6), 20u);  // Up and down: above the exact product.
}

}  // namespace
}  // namespace mulberry
