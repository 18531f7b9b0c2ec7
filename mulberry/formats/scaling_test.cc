#include "mulberry/formats/scaling.h"

#include <gtest/gtest.h>

#include <cmath>

namespace mulberry {
namespace {

using enum Scaling::Kind;

TEST(Scaling, MaxIsTheLeastPowerThatKeepsTheLargestWithin) {
  for (const Format& format : {Format(kE4m3), Format(kE5m2), Format(kFp16)}) {
    const float most = MagnitudesOf(format).largest;
    EXPECT_EQ(ScaleExponent({kMax}, format, most, 0), 0);
    EXPECT_EQ(ScaleExponent({kMax}, format, std::nextafter(most, INFINITY), 0), 1);
    EXPECT_EQ(ScaleExponent({kMax}, format, most / 2, 0), -1);
    EXPECT_EQ(ScaleExponent({kMax}, format, 0, 0), 0);
    for (int i = -300; i < 300; ++i) {
      const double largest = std::exp(i / 10.0);
      const int exponent = ScaleExponent({kMax}, format, largest, 0);
      EXPECT_LE(std::ldexp(largest, -exponent), most);
      EXPECT_GT(std::ldexp(largest, 1 - exponent), most);
    }
  }
}

// Lu et al.: Sf = 2^(round(mean(log2|x|)) + 2).
TEST(Scaling, CenterShiftsTheRoundedMean) {
  const Format posit = PositFormat{8, 1};
  EXPECT_EQ(ScaleExponent({kCenter, Scaling::kUsualShift}, posit, 0, -3.4), -1);
  EXPECT_EQ(ScaleExponent({kCenter, Scaling::kUsualShift}, posit, 0, -3.6), -2);
  EXPECT_EQ(ScaleExponent({kCenter, 0}, posit, 0, 5.2), 5);
  EXPECT_EQ(ScaleExponent({kCenter, 0}, kBf16, 0, -126), -Scaling::kMaxExponent);
  EXPECT_EQ(ScaleExponent({kPower, -4}, posit, 7, 7), -4);
  EXPECT_EQ(ScaleExponent({}, posit, 7, 7), 0);
  EXPECT_EQ(MagnitudesOf(posit).smallest, 0x1p-12f);
  EXPECT_EQ(MagnitudesOf(posit).largest, 0x1p12f);
  EXPECT_EQ(MagnitudesOf(kE4m3).smallest, 0x1p-9f);
  EXPECT_EQ(MagnitudesOf(kE4m3).largest, 448.0f);
}

TEST(Scaling, SuitsTheFormat) {
  EXPECT_EQ(DefaultScaling(IntegerFormat{8, true}), Scaling{kMax});
  EXPECT_EQ(DefaultScaling(kBf16), Scaling{});
  EXPECT_FALSE(CanScale(PositFormat{8, 1}, kMax));
  EXPECT_FALSE(CanScale(IntegerFormat{8, true}, kNone));
  EXPECT_FALSE(CanScale(FixedFormat{4, 3}, kPower));
  EXPECT_TRUE(CanScale(FixedFormat{4, 3}, kNone));
  EXPECT_TRUE(CanScale(*FindBlockFormat("mxfp4"), kNone));
}

}  // namespace
}  // namespace mulberry
