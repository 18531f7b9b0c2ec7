// The proof of the low-rank strategy: right factors give every product of the table, and one wrong
// entry anywhere, in a factor or in the table, is refused.
#include "mulberry/plan/byte_terms.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mulberry {
namespace {

IntegerProducts ProductsOf(const char* spec) {
  return IntegerProducts(MakeIntegerMultiplier(ParseArithmetic(spec)));
}

std::vector<int64_t> Operands(const char* format_name) {
  const IntegerFormat format = *FindIntegerFormat(format_name);
  std::vector<int64_t> values;
  for (uint32_t i = 0; i < 1u << format.bits; ++i) values.push_back(DecodeInteger(format, i));
  return values;
}

/// a·b - (a mod 8)(b mod 4), written down by hand.
IntegerFactors LowDropFactors() {
  IntegerFactors factors;
  factors.u = {Operands("uint8"), {}};
  factors.v = {Operands("uint8"), {}};
  for (int64_t i = 0; i < 256; ++i) {
    factors.u[1].push_back(-(i % 8));
    factors.v[1].push_back(i % 4);
  }
  return factors;
}

TEST(ByteTerms, AreTheTableInBothOrientations) {
  const IntegerProducts table = ProductsOf("low_drop(p=3,q=2)@uint8");
  for (const bool exchanged : {false, true}) {
    const auto terms = MakeByteTerms(LowDropFactors(), table, exchanged);
    ASSERT_TRUE(terms);
    EXPECT_EQ(terms->terms(), 2);
    EXPECT_TRUE(Reproduces(terms->side(), table, exchanged));
  }
}

TEST(ByteTerms, AreARectangularTableInBothOrientations) {
  // a·b - (a mod 8)(b mod 4) of 8 and 4 bits.
  const IntegerProducts table = ProductsOf("low_drop(p=3,q=2)@uint8xuint4");
  IntegerFactors factors = LowDropFactors();
  for (std::vector<int64_t>& v : factors.v) v.resize(16);
  for (const bool exchanged : {false, true}) {
    const auto terms = MakeByteTerms(factors, table, exchanged);
    ASSERT_TRUE(terms);
    EXPECT_EQ(terms->terms(), 2);
    EXPECT_TRUE(Reproduces(terms->side(), table, exchanged));
    EXPECT_FALSE(Reproduces(terms->side(), ProductsOf("exact@uint8xuint4"), exchanged));
  }
}

TEST(ByteTerms, SignsAndConstantsCostNothing) {
  // Signed operands are signed bytes, and a function of one operand is no term.
  IntegerProducts table = ProductsOf("exact@int8");
  const std::vector<int64_t> operands = Operands("int8");
  for (uint32_t i = 0; i < 256; ++i) {
    for (uint32_t j = 0; j < 256; ++j)
      table.products[i << 8 | j] += 3 * operands[j] * operands[j] - 9;
  }
  const auto terms = MakeByteTerms({{operands}, {operands}}, table, false);
  ASSERT_TRUE(terms);
  EXPECT_EQ(terms->terms(), 1);
}

TEST(ByteTerms, WideFactorsAreSplitIntoDigits) {
  // 9 bits by 17 bits: 2 · 3 digits. Multiples of 2^12 need no more than 8 bits again.
  std::vector<int64_t> u, v, w;
  for (int64_t i = 0; i < 256; ++i) {
    u.push_back(i * 2 - i % 2);
    v.push_back(i * 500 + i % 3);
    w.push_back((i % 16) << 12);
  }
  EXPECT_EQ(CountByteTerms({{u}, {v}}), 6);
  EXPECT_EQ(CountByteTerms({{w}, {w}}), 1);
  IntegerProducts table = ProductsOf("exact@uint8");
  for (size_t i = 0; i < 256; ++i) {
    for (size_t j = 0; j < 256; ++j) table.products[i << 8 | j] = u[i] * v[j] - (u[j] << 9);
  }
  EXPECT_TRUE(MakeByteTerms({{u}, {v}}, table, true));
}

TEST(ByteTerms, AWrongFactorIsRefused) {
  const IntegerProducts table = ProductsOf("low_drop(p=3,q=2)@uint8");
  for (const int64_t at : {0, 1, 77, 255}) {
    for (const bool exchanged : {false, true}) {
      // The last bit of one entry; where the other operand makes it a function of one operand
      // (nowhere here) it would be no fault.
      IntegerFactors factors = LowDropFactors();
      factors.u[1][static_cast<size_t>(at)] -= 1;
      EXPECT_FALSE(MakeByteTerms(factors, table, exchanged)) << at;
      factors = LowDropFactors();
      factors.v[0][static_cast<size_t>(at)] += 1;
      EXPECT_FALSE(MakeByteTerms(factors, table, exchanged)) << at;
    }
  }
}

TEST(ByteTerms, AWrongTableEntryIsRefused) {
  for (const size_t at : {size_t{0}, size_t{1}, size_t{256}, size_t{0x1234}, size_t{0xffff}}) {
    IntegerProducts table = ProductsOf("low_drop(p=3,q=2)@uint8");
    table.products[at] += 1;
    for (const bool exchanged : {false, true}) {
      EXPECT_FALSE(MakeByteTerms(LowDropFactors(), table, exchanged)) << at;
    }
  }
}

TEST(ByteTerms, AWrongByteOfTheKernelsDataIsSeen) {
  const IntegerProducts table = ProductsOf("mitchell@uint4");
  // Any table of 16 rows is a sum of 16 terms: its rows, each picked by one encoding.
  IntegerFactors factors;
  for (uint32_t r = 0; r < 16; ++r) {
    factors.u.emplace_back(16, 0)[r] = 1;
    factors.v.emplace_back();
    for (uint32_t j = 0; j < 16; ++j) factors.v[r].push_back(table.at(r, j));
  }
  const auto right = MakeByteTerms(factors, table, false);
  ASSERT_TRUE(right);
  for (auto bytes : {&ByteTerms::row_terms, &ByteTerms::column_terms}) {
    ByteTerms wrong = *right;
    (wrong.*bytes)[256 * 5 + 5] ^= 1;
    EXPECT_FALSE(Reproduces(wrong.side(), table, false));
  }
  ByteTerms wrong = *right;
  wrong.constant += 1;
  EXPECT_FALSE(Reproduces(wrong.side(), table, false));
  wrong = *right;
  wrong.zero_product += 1;
  EXPECT_FALSE(Reproduces(wrong.side(), table, false));
}

}  // namespace
}  // namespace mulberry
