// Encoded tables: of posits against sums and products of encodings, which are held to the
// definition in formats/posit_arithmetic_test.cc; of floats against double arithmetic and a search
// of all values.
#include "mulberry/arithmetic/encoded_table.h"

#include <gtest/gtest.h>

#include <cmath>

#include "mulberry/formats/posit_arithmetic.h"

namespace mulberry {
namespace {

std::vector<uint8_t> Products(const char* spec) {
  return EncodedProducts(ParseArithmetic(spec));
}
std::vector<uint8_t> Sums(const char* spec) {
  return EncodedSums(ParseArithmetic(spec));
}

TEST(EncodedTable, PositsHaveTheirCorrectlyRoundedProductsAndSums) {
  for (const PositFormat& format : {PositFormat{8, 0}, {8, 1}, {8, 2}, {6, 1}, {3, 0}, {2, 0}}) {
    const std::string spec = "exact@" + Name(format);
    const auto products = Products(spec.c_str()), sums = Sums(spec.c_str());
    ASSERT_EQ(products.size(), size_t{1} << 2 * format.bits);
    ASSERT_EQ(sums.size(), products.size());
    for (uint32_t a = 0; a < uint32_t{1} << format.bits; ++a) {
      for (uint32_t b = 0; b < uint32_t{1} << format.bits; ++b) {
        ASSERT_EQ(products[a << format.bits | b], PositMultiply(format, a, b)) << spec;
        ASSERT_EQ(sums[a << format.bits | b], PositAdd(format, a, b)) << spec;
      }
    }
  }
}

TEST(EncodedTable, ApproximateProductsAreRoundedAsAsked) {
  const PositFormat format{8, 1};
  const uint32_t x = Encode(format, 1.3125f);  // 1 + 5/16.
  const size_t entry = x << 8 | x;
  // Mitchell: 1 + 10/16. Exact: 1.72265625, between 1 + 11/16 and 1 + 12/16.
  EXPECT_EQ(Decode(format, Products("mitchell@posit(8,1)")[entry]), 1.625f);
  EXPECT_EQ(Decode(format, Products("exact@posit(8,1)")[entry]), 1.75f);
  EXPECT_EQ(Decode(format, Products("exact@posit(8,1)+result=nearest")[entry]), 1.75f);
  EXPECT_EQ(Decode(format, Products("exact@posit(8,1)+result=zero")[entry]), 1.6875f);
}

/// The encoding of the value nearest to x, of two the one with the even encoding, by looking at all
/// of them; x is finite and, rounded, not beyond the largest value.
uint32_t Nearest(const FloatFormat& format, double x) {
  const uint32_t sign = std::signbit(x) ? 1u << (format.bits() - 1) : 0;
  uint32_t nearest = 0;
  double distance = std::fabs(x);
  for (uint32_t code = 1; code <= Encode(format, format.max_finite()); ++code) {
    const double other = std::fabs(Decode(format, code) - std::fabs(x));
    if (other < distance || (other == distance && code % 2 == 0)) nearest = code;
    distance = std::min(distance, other);
  }
  return sign | nearest;
}

TEST(EncodedTable, FloatsHaveTheirCorrectlyRoundedProductsAndSums) {
  for (const char* spec : {"exact@e4m3", "exact@e5m2", "exact@float(3,4)", "exact@float(2,3)"}) {
    const FloatFormat format = *ParseArithmetic(spec).float_format();
    const int n = format.bits();
    const auto products = Products(spec), sums = Sums(spec);
    for (uint32_t a = 0; a < uint32_t{1} << n; ++a) {
      for (uint32_t b = 0; b < uint32_t{1} << n; ++b) {
        const double x = Decode(format, a), y = Decode(format, b);
        const auto check = [&](double exact, uint32_t encoding) {
          const float value = Decode(format, encoding);
          if (std::isnan(exact)) {
            EXPECT_TRUE(std::isnan(value));
          } else if (std::fabs(exact) <= format.max_finite()) {
            ASSERT_EQ(encoding, Nearest(format, exact)) << spec << ' ' << x << ' ' << y;
          } else {
            EXPECT_GE(std::fabs(value), format.max_finite());
          }
        };
        check(x * y, products[a << n | b]);
        check(x + y, sums[a << n | b]);
      }
    }
  }
}

TEST(EncodedTable, OverflowIsTheFormats) {
  const uint32_t largest = Encode(kE4m3, 448), entry = largest << 8 | largest;
  EXPECT_EQ(Products("exact@e4m3")[entry], largest);
  EXPECT_EQ(Products("exact@e4m3+overflow=nan")[entry], 0x7f);
  EXPECT_EQ(Sums("exact@e4m3+overflow=nan")[entry], 0x7f);
  EXPECT_EQ(Products("exact@e5m2")[0x7b << 8 | 0xfb], 0xfc);
  EXPECT_EQ(Products("exact@e5m2+result=zero")[0x7b << 8 | 0xfb], 0xfb);
}

TEST(EncodedTable, RefusesWhatItDoesNotHold) {
  for (const char* spec : {"exact@posit(9,1)", "exact@bf16", "exact@uint8", "fp32"}) {
    EXPECT_THROW(Products(spec), UsageError) << spec;
    EXPECT_THROW(Sums(spec), UsageError) << spec;
  }
  EXPECT_THROW(Sums("mitchell@posit(8,1)"), UsageError);
  EXPECT_THROW(Sums("exact@posit(8,1)+result=zero"), UsageError);
  EXPECT_NO_THROW(Sums("exact@posit(8,1)+result=nearest"));
}

}  // namespace
}  // namespace mulberry
