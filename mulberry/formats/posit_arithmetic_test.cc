// Sums and products of posits against exact numbers and a search of the sorted posits
// (test_posit.h): all pairs of 8-bit ones here, directed and random pairs of wider ones.
#include "mulberry/formats/posit_arithmetic.h"

#include <gtest/gtest.h>

#include "mulberry/formats/test_posit_pairs.h"

namespace mulberry {
namespace {

TEST(PositArithmetic, AllPairsOfNarrowFormats) {
  for (int bits = 2; bits <= 6; ++bits) {
    for (int exponent_bits = 0; exponent_bits <= 3; ++exponent_bits) {
      CheckAllPairs({bits, exponent_bits});
    }
  }
}

TEST(PositArithmetic, AllPairsOfEightBits) {
  for (int exponent_bits = 0; exponent_bits <= 2; ++exponent_bits)
    CheckAllPairs({8, exponent_bits});
}

TEST(PositArithmetic, DirectedAndRandomPairsOfWideFormats) {
  for (const PositFormat& format :
       {PositFormat{16, 1}, {16, 2}, {32, 2}, {12, 0}, {32, 0}, {32, 3}}) {
    CheckDirectedPairs(format);
    CheckRandomPairs(format, 20000);
  }
}

TEST(PositArithmetic, NarWithAnythingIsNar) {
  const PositFormat format{8, 1};
  for (uint32_t a = 0; a < 256; ++a) {
    EXPECT_EQ(PositAdd(format, a, format.nar()), format.nar());
    EXPECT_EQ(PositAdd(format, format.nar(), a), format.nar());
    EXPECT_EQ(PositMultiply(format, a, format.nar()), format.nar());
    EXPECT_EQ(PositMultiply(format, format.nar(), a), format.nar());
  }
}

// What cancels leaves zero; what is too small or too large stays minpos or maxpos.
TEST(PositArithmetic, EndsOfTheRange) {
  const PositFormat format{16, 2};
  const uint32_t one = Encode(format, 1.0f), maxpos = format.maxpos(), minpos = format.minpos();
  EXPECT_EQ(PositAdd(format, one, format.Negated(one)), 0u);
  EXPECT_EQ(PositAdd(format, maxpos, maxpos), maxpos);
  EXPECT_EQ(PositMultiply(format, maxpos, maxpos), maxpos);
  EXPECT_EQ(PositMultiply(format, minpos, minpos), minpos);
  EXPECT_EQ(PositMultiply(format, minpos, format.Negated(minpos)), format.Negated(minpos));
  EXPECT_EQ(PositMultiply(format, minpos, maxpos), one);
  EXPECT_EQ(PositAdd(format, maxpos, format.Negated(minpos)), maxpos);
}

}  // namespace
}  // namespace mulberry
