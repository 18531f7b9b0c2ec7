// The quire against exact numbers: sums of products that posits cannot hold, rounded once.
#include "mulberry/formats/quire.h"

#include <gtest/gtest.h>

#include "mulberry/base/random.h"
#include "mulberry/formats/test_posit.h"

namespace mulberry {
namespace {

// Standard for Posit Arithmetic (2022): the quire of posit(n,2) has 16n bits.
TEST(Quire, HasTheWidthOfTheStandard) {
  for (const int bits : {8, 16, 32}) EXPECT_EQ(Quire::Bits({bits, 2}), 16 * bits);
}

TEST(Quire, SumsOfProductsAreExactUntilTheyAreRounded) {
  for (const PositFormat& format :
       {PositFormat{8, 0}, {8, 1}, {8, 2}, {16, 1}, {16, 2}, {32, 2}, {2, 0}, {5, 3}}) {
    const RandomStream stream{3, static_cast<uint64_t>(format.bits * 16 + format.exponent_bits)};
    const uint32_t mask = format.nar() | format.maxpos();
    const auto value = [&](uint32_t encoding) {
      return TestDecode(format.bits, format.exponent_bits, encoding);
    };
    for (uint64_t sum = 0; sum < 200; ++sum) {
      Quire quire(format);
      TestFixed exact;
      for (uint64_t i = 0; i < 20; ++i) {
        uint32_t a = stream.At(60 * sum + 3 * i) & mask, b = stream.At(60 * sum + 3 * i + 1) & mask;
        if (a == format.nar()) a = format.maxpos();
        if (b == format.nar()) b = format.minpos();
        quire.AddProduct(a, b);
        exact = exact + value(a).Times(value(b));
        if (stream.At(60 * sum + 3 * i + 2) % 4 == 0) {
          quire.Add(a);
          exact = exact + value(a).Fixed();
        }
        ASSERT_EQ(quire.ToPosit(), TestEncoding(format, TestRound(format, true, exact)))
            << Name(format) << " after " << i + 1 << " products";
      }
    }
  }
}

// maxpos^2 and minpos^2 in one sum; what is left after the large ones cancel is exact.
TEST(Quire, HoldsTheLargestAndTheSmallestProductsAtOnce) {
  const PositFormat format{32, 2};
  const uint32_t maxpos = format.maxpos(), minpos = format.minpos();
  Quire quire(format);
  for (int i = 0; i < 1000; ++i) quire.AddProduct(maxpos, maxpos);
  quire.AddProduct(minpos, minpos);
  EXPECT_EQ(quire.ToPosit(), maxpos);
  for (int i = 0; i < 1000; ++i) quire.AddProduct(maxpos, format.Negated(maxpos));
  EXPECT_EQ(quire.ToPosit(), minpos);
  quire.AddProduct(minpos, format.Negated(minpos));
  EXPECT_EQ(quire.ToPosit(), 0u);
}

TEST(Quire, IsNarForGoodAfterANar) {
  const PositFormat format{16, 1};
  Quire quire(format);
  quire.AddProduct(format.nar(), 0);
  EXPECT_EQ(quire.ToPosit(), format.nar());
  quire.Add(1);
  EXPECT_EQ(quire.ToPosit(), format.nar());
}

}  // namespace
}  // namespace mulberry
