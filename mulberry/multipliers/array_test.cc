// Array multipliers against sums of partial products, one by one, and circuits step by step.
#include "mulberry/multipliers/array.h"

#include <gtest/gtest.h>

#include <bitset>
#include <string>

#include "mulberry/multipliers/test_pairs.h"

namespace mulberry {
namespace {

/// The sum of the partial products (i, j), bits i of the first and j of the second operand, that
/// `keep` selects.
template <typename Keep>
uint64_t SumOfPartialProducts(uint64_t a, uint64_t b, int n, Keep keep) {
  uint64_t sum = 0;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      if (keep(i, j)) sum += (a >> i & 1) * (b >> j & 1) << (i + j);
    }
  }
  return sum;
}

TEST(Bam, KeepsColumnsFromVAndRowsFromH) {
  for (const int n : kTestWidths) {
    for (int v = 0; v <= 2 * n - 2; v += n > 8 ? 9 : 1) {
      for (const int h : {0, 1, 3, n - 1}) {
        ExpectIsDefinition({"bam", {v, h}, {}}, n, [=](uint64_t a, uint64_t b) {
          return SumOfPartialProducts(a, b, n, [=](int i, int j) { return i + j >= v && j >= h; });
        });
      }
    }
  }
}

TEST(Truncated, KeepsColumnsFromV) {
  for (const int n : kTestWidths) {
    for (int v = 0; v <= 2 * n - 2; v += n > 8 ? 9 : 1) {
      ExpectIsDefinition({"truncated", {v}, {}}, n, [=](uint64_t a, uint64_t b) {
        return SumOfPartialProducts(a, b, n, [=](int i, int j) { return i + j >= v; });
      });
    }
  }
}

/// Of column v - 1 the partial products count twice, one place higher; but for that of b's top bit.
TEST(Rounded, AddsTheHighestColumnLeftOutToTheNext) {
  for (const int n : kTestWidths) {
    for (int v = 0; v <= 2 * n - 2; v += n > 8 ? 9 : 1) {
      ExpectIsDefinition({"rounded", {v}, {}}, n, [=](uint64_t a, uint64_t b) {
        return SumOfPartialProducts(a, b, n, [=](int i, int j) { return i + j >= v; }) +
               2 * SumOfPartialProducts(a, b, n,
                                        [=](int i, int j) { return i + j == v - 1 && j < n - 1; });
      });
    }
  }
}

TEST(Rounded, RoundsTheSecondOperandForEachBitOfTheFirst) {
  const Model rounded = MakeModel({"rounded", {9}, {}}, {.bits = 8});
  EXPECT_EQ(rounded(128, 1), 0u);    // A quarter of the last place, of weight 4, of b.
  EXPECT_EQ(rounded(128, 2), 512u);  // Half of it rounds up.
  EXPECT_EQ(rounded(128, 5), 512u);
  EXPECT_EQ(rounded(128, 255), 32768u);  // Up to 2^8.
  EXPECT_EQ(rounded(3, 255), 0u);        // Bits of a whose places of b are 2^8 and more.
}

TEST(LowDrop, LeavesOutTheProductOfTheLowParts) {
  for (const int n : kTestWidths) {
    for (const int p : {0, 1, 3, n - 1, n}) {
      for (const int q : {0, 2, 4, n}) {
        ExpectIsDefinition({"low_drop", {p, q}, {}}, n, [=](uint64_t a, uint64_t b) {
          return SumOfPartialProducts(a, b, n, [=](int i, int j) { return i >= p || j >= q; });
        });
      }
    }
  }
}

/// The paper's recursion, of operands with `bits` bits, a power of two.
uint64_t KulkarniOracle(uint64_t a, uint64_t b, int bits) {
  if (bits == 2) return a == 3 && b == 3 ? 7 : a * b;
  const int half = bits / 2;
  const uint64_t low = (uint64_t{1} << half) - 1;
  return (KulkarniOracle(a >> half, b >> half, half) << bits) +
         ((KulkarniOracle(a >> half, b & low, half) + KulkarniOracle(a & low, b >> half, half))
          << half) +
         KulkarniOracle(a & low, b & low, half);
}

TEST(Kulkarni, IsItsRecursion) {
  for (const int n : kTestWidths) {
    ExpectIsDefinition({"kulkarni", {}, {}}, n,
                       [](uint64_t a, uint64_t b) { return KulkarniOracle(a, b, 32); });
  }
  const Model block = MakeModel({"kulkarni", {}, {}}, {.bits = 2});
  EXPECT_EQ(block(3, 3), 7u);
  EXPECT_EQ(block(3, 2), 6u);
}

/// The circuit, on digits: the low halves are scanned from their highest position, and from the
/// first one in either on all digits of the product are ones.
uint64_t EtmOracle(uint64_t a, uint64_t b, int n) {
  const size_t m = static_cast<size_t>(n / 2), high = static_cast<size_t>(n) - m;
  const auto digits = [n](uint64_t x) {
    return std::bitset<64>(x).to_string().substr(64 - static_cast<size_t>(n));
  };
  const auto value = [](const std::string& text) { return std::bitset<64>(text).to_ullong(); };
  const std::string x = digits(a), y = digits(b);
  const uint64_t x_high = value(x.substr(0, high)), y_high = value(y.substr(0, high));
  if (x_high == 0 && y_high == 0) return a * b;
  std::string low(2 * m, '0');
  for (size_t i = 0; i < m; ++i) {
    if (x[high + i] == '1' || y[high + i] == '1') {
      low.replace(i, std::string::npos, 2 * m - i, '1');
      break;
    }
  }
  return value(std::bitset<64>(x_high * y_high).to_string().substr(2 * m) + low);
}

TEST(Etm, IsItsCircuit) {
  for (const int n : {4, 5, 7, 8, 11, 12, 16, 24}) {
    ExpectIsDefinition({"etm", {}, {}}, n,
                       [n](uint64_t a, uint64_t b) { return EtmOracle(a, b, n); });
  }
}

TEST(Etm, OfZeroIsNotZeroWhereTheOtherOperandIsLarge) {
  const Model model = MakeModel({"etm", {}, {}}, {.bits = 8});
  EXPECT_EQ(model(0, 17), 31u);
  EXPECT_EQ(model(17, 0), 31u);
  EXPECT_EQ(model(0, 15), 0u);
  EXPECT_EQ(model(0, 16), 0u);
}

}  // namespace
}  // namespace mulberry
