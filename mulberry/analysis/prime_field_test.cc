#include "mulberry/analysis/prime_field.h"

#include <gtest/gtest.h>

#include <random>

namespace mulberry {
namespace {

TEST(PrimeField, TheLargestPrimesBelow2To62) {
  // From published lists of primes near powers of two.
  std::vector<uint64_t> expected;
  for (const uint64_t below : {57, 87, 117, 143, 153, 167, 171, 195, 203, 273}) {
    expected.push_back((uint64_t{1} << 62) - below);
  }
  EXPECT_EQ(LargePrimes(10), expected);
}

TEST(PrimeField, ArithmeticModuloThePrime) {
  for (const uint64_t prime : {uint64_t{3}, uint64_t{101}, LargePrimes(1)[0]}) {
    const PrimeField field(prime);
    const auto p = static_cast<int64_t>(prime);
    std::mt19937_64 random(prime);
    for (int i = 0; i < 1000; ++i) {
      const auto x = static_cast<int64_t>(random() % prime),
                 y = static_cast<int64_t>(random() % prime);
      const uint64_t a = field.FromInteger(x), b = field.FromInteger(y);
      const auto modulo = [&](__int128 z) {
        const auto residue = static_cast<int64_t>(((z % p) + p) % p);
        return residue <= p / 2 ? residue : residue - p;
      };
      EXPECT_EQ(field.ToInteger(a), modulo(x));
      EXPECT_EQ(field.ToInteger(field.Multiply(a, b)), modulo(static_cast<__int128>(x) * y));
      EXPECT_EQ(field.ToInteger(field.Subtract(a, b)), modulo(static_cast<__int128>(x) - y));
      EXPECT_EQ(field.FromInteger(x - p), a);
      if (x == 0) continue;
      EXPECT_EQ(field.ToInteger(field.Multiply(a, field.Inverse(a))), 1);
    }
  }
}

TEST(Echelon, ReducesToTheCoefficients) {
  // (5, 7, 9) = 2·(1, 2, 3) + (3, 3, 3), with the coefficients kept in the tail.
  const PrimeField field(LargePrimes(1)[0]);
  const auto row = [&field](std::vector<int64_t> values) {
    std::vector<uint64_t> elements;
    for (const int64_t value : values) elements.push_back(field.FromInteger(value));
    return elements;
  };
  Echelon echelon(field, 3);
  EXPECT_TRUE(echelon.Add(row({1, 2, 3, 1, 0})));
  EXPECT_TRUE(echelon.Add(row({3, 3, 3, 0, 1})));
  EXPECT_FALSE(echelon.Add(row({4, 5, 6, 0, 0})));
  EXPECT_EQ(echelon.rank(), 2);
  std::vector<uint64_t> reduced = row({5, 7, 9, 0, 0});
  EXPECT_EQ(echelon.Reduce(reduced), -1);
  EXPECT_EQ(reduced, row({0, 0, 0, -2, -1}));
  std::vector<uint64_t> independent = row({0, 0, 1, 0, 0});
  EXPECT_EQ(echelon.Reduce(independent), 2);
}

}  // namespace
}  // namespace mulberry
