// Integer formats: names, ranges, and rounding against its definition in doubles.
#include "mulberry/formats/integer_format.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace mulberry {
namespace {

TEST(IntegerFormat, NamesAndRanges) {
  EXPECT_EQ(FindIntegerFormat("uint8"), (IntegerFormat{8, false}));
  EXPECT_EQ(FindIntegerFormat("int16"), (IntegerFormat{16, true}));
  EXPECT_EQ(Name(IntegerFormats(IntegerFormat{8, false}, IntegerFormat{4, true})), "uint8xint4");
  EXPECT_EQ(Name(IntegerFormats(IntegerFormat{8, true}, IntegerFormat{8, true})), "int8");
  for (const char* name : {"int", "int3", "int17", "uint08", "sint8", "int8x", "", "u8", "INT8"}) {
    EXPECT_FALSE(FindIntegerFormat(name)) << name;
  }
  for (int bits = 4; bits <= 16; ++bits) {
    for (bool is_signed : {false, true}) {
      const IntegerFormat format{bits, is_signed};
      EXPECT_EQ(FindIntegerFormat(Name(format)), format);
    }
  }
  EXPECT_EQ((IntegerFormat{8, true}.min()), -128);
  EXPECT_EQ((IntegerFormat{8, true}.max()), 127);
  EXPECT_EQ((IntegerFormat{8, false}.min()), 0);
  EXPECT_EQ((IntegerFormat{16, false}.max()), 65535);
  EXPECT_EQ(EncodeInteger({8, true}, -1), 255u);
  EXPECT_EQ(EncodeInteger({4, true}, -8), 8u);
}

TEST(IntegerFormat, RoundsTiesToEvenTowardZeroAndClamps) {
  const IntegerFormat int8{8, true}, uint4{4, false};
  const auto nearest = [&](float x) { return Round(int8, Rounding::kNearestEven, x); };
  EXPECT_EQ(nearest(0.5f), 0.0f);
  EXPECT_EQ(nearest(1.5f), 2.0f);
  EXPECT_EQ(nearest(-2.5f), -2.0f);
  EXPECT_EQ(nearest(-3.5f), -4.0f);
  EXPECT_EQ(nearest(126.5f), 126.0f);
  EXPECT_EQ(nearest(127.6f), 127.0f);
  EXPECT_EQ(nearest(-128.5f), -128.0f);
  EXPECT_EQ(nearest(std::numeric_limits<float>::infinity()), 127.0f);
  EXPECT_EQ(nearest(-std::numeric_limits<float>::infinity()), -128.0f);
  EXPECT_EQ(nearest(std::numeric_limits<float>::quiet_NaN()), 0.0f);
  EXPECT_FALSE(std::signbit(nearest(-0.25f)));
  EXPECT_EQ(Round(int8, Rounding::kTowardZero, -3.9f), -3.0f);
  EXPECT_EQ(Round(uint4, Rounding::kNearestEven, -3.0f), 0.0f);
  EXPECT_EQ(Round(uint4, Rounding::kNearestEven, 99.0f), 15.0f);
  for (float x = -130.0f; x < 130.0f; x += 0.0625f) {
    // The processor's own rounding to nearest even.
    EXPECT_EQ(nearest(x), std::fmin(127.0f, std::fmax(-128.0f, std::nearbyint(x)))) << x;
  }
}

TEST(IntegerFormat, StochasticRoundingGoesAwayWithTheFractionAsProbability) {
  const IntegerFormat int8{8, true};
  const auto round = [&](float x, uint32_t random) {
    return Round(int8, Rounding::kStochastic, x, random);
  };
  EXPECT_EQ(round(2.25f, 0x3fffffff), 3.0f);
  EXPECT_EQ(round(2.25f, 0x40000000), 2.0f);
  EXPECT_EQ(round(-2.25f, 0x3fffffff), -3.0f);
  EXPECT_EQ(round(2.0f, 0), 2.0f);
}

}  // namespace
}  // namespace mulberry
