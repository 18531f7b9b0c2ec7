// The error curves against what the formats' definitions give on paper.
#include "mulberry/formats/rounding_error.h"

#include <gtest/gtest.h>

#include <cmath>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr IntegerFormat kInt8{.bits = 8, .is_signed = true};
constexpr PositFormat kPosit{8, 1};
constexpr FixedFormat kFixed{3, 4};

BlockFormat Block(std::string_view name) {
  return FindBlockFormat(name).value();
}

BinadeError ErrorAt(const Format& format, int exponent) {
  return RelativeErrors(format, exponent, exponent).front();
}

/// With m mantissa bits: half a gap at the first tie, and a quarter of one on the mean of |error|
/// times the mean of 1/x, which is ln 2.
void ExpectNormal(const BinadeError& error, int mantissa_bits) {
  const double half_gap = std::ldexp(0.5, -mantissa_bits);
  EXPECT_DOUBLE_EQ(error.largest, half_gap / (1 + half_gap)) << error.exponent;
  EXPECT_NEAR(error.mean / (half_gap / 2 * std::log(2.0)), 1, 0.02) << error.exponent;
}

TEST(RelativeErrors, OfNormalFloatsAreHalfAGapAtMost) {
  for (int m = 1; m <= 18; ++m) {
    const Format format = MakeFloatFormat(8, m);
    for (const BinadeError& error : RelativeErrors(format, -40, 40)) ExpectNormal(error, m);
  }
  for (const BinadeError& error : RelativeErrors(kFp32, -126, 127)) {
    EXPECT_EQ(error.largest, 0);
    EXPECT_EQ(error.mean, 0);
  }
}

TEST(RelativeErrors, OfFloatsAtTheirEnds) {
  // fp16: half of the highest binade of subnormals' 2^9 values is lost in each binade below.
  ExpectNormal(ErrorAt(kFp16, -14), 10);
  ExpectNormal(ErrorAt(kFp16, -15), 9);
  ExpectNormal(ErrorAt(kFp16, -20), 4);
  // Below half the smallest value everything is zero.
  EXPECT_EQ(ErrorAt(kFp16, -26).largest, 1);
  EXPECT_EQ(ErrorAt(kFp16, -26).mean, 1);
  ExpectNormal(ErrorAt(kFp16, 14), 10);
  EXPECT_TRUE(std::isinf(ErrorAt(kFp16, 15).largest));
  EXPECT_TRUE(std::isinf(ErrorAt(kFp16, 16).mean));
}

TEST(RelativeErrors, OfSaturatingFormatsApproachOne) {
  // e4m3 saturates at 448 = 1.75·2^8.
  const double top = std::nextafter(2.0f, 1.0f);
  EXPECT_DOUBLE_EQ(ErrorAt(kE4m3, 8).largest, (top - 1.75) / top);
  EXPECT_NEAR(ErrorAt(kE4m3, 20).largest, 1, 0.001);
  EXPECT_LT(ErrorAt(kE4m3, 20).largest, 1);
  EXPECT_DOUBLE_EQ(ErrorAt(kInt8, 7).largest, (256 * top / 2 - 127) / (256 * top / 2));
}

TEST(RelativeErrors, OfPositsTaper) {
  // posit(8,1): 4 fraction bits in 1/4 <= x < 4, one less for each two binades further out.
  for (const auto& [exponent, bits] : {std::pair{0, 4},
                                       {1, 4},
                                       {-1, 4},
                                       {-2, 4},
                                       {2, 3},
                                       {3, 3},
                                       {-3, 3},
                                       {4, 2},
                                       {6, 1},
                                       {-8, 1}}) {
    ExpectNormal(ErrorAt(kPosit, exponent), bits);
  }
  // Nothing becomes zero: below minpos the error grows without bound, above maxpos to 1.
  EXPECT_EQ(ErrorAt(kPosit, -14).largest, 3);
  EXPECT_EQ(ErrorAt(kPosit, -20).largest, 255);
  EXPECT_NEAR(ErrorAt(kPosit, 20).largest, 1, 0.01);
}

TEST(RelativeErrors, OfFixedPointHalveWithEachBinade) {
  for (int exponent = -4; exponent < 2; ++exponent) {
    ExpectNormal(ErrorAt(kFixed, exponent), exponent + 4);
  }
  // The largest value is an eps below 8.
  const double top = 4 * std::nextafter(2.0f, 1.0f);
  EXPECT_DOUBLE_EQ(ErrorAt(kFixed, 2).largest, (top - 7.9375) / top);
  // Ties to even: half of eps is 0, and what is above it eps.
  EXPECT_EQ(ErrorAt(kFixed, -5).largest, 1);
  EXPECT_NEAR(ErrorAt(kFixed, -5).mean, std::log(4.0) - 1, 0.001);
  EXPECT_EQ(ErrorAt(kFixed, -6).mean, 1);
  EXPECT_EQ(ErrorAt(kInt8, -1).largest, 1);
  EXPECT_NEAR(ErrorAt(kInt8, -1).mean, std::log(4.0) - 1, 0.001);
}

TEST(RelativeErrors, OfBlocksAreThoseBesideAOne) {
  // mxint8: gap 2^-6 beside a 1, and relative to x where x is the largest itself.
  ExpectNormal(ErrorAt(Block("mxint8"), -1), 5);
  ExpectNormal(ErrorAt(Block("mxint8"), -4), 2);
  EXPECT_EQ(ErrorAt(Block("mxint8"), -8).mean, 1);
  ExpectNormal(ErrorAt(MakeBlockFloatingPoint(16, 2), 30), 14);
  ExpectNormal(ErrorAt(MakeBlockFloatingPoint(16, 2), 0), 14);
  // Its largest elements are clamped: 1.984375 for nearly 2.
  const double top = std::nextafter(2.0f, 1.0f);
  EXPECT_DOUBLE_EQ(ErrorAt(Block("mxint8"), 0).largest, (top - 1.984375) / top);
  // mxfp4: 6 for nearly 8, in every binade above.
  EXPECT_DOUBLE_EQ(ErrorAt(Block("mxfp4"), 17).largest, (top - 1.5) / top);
  // Beside a 1 the scale is 2^-2, and the smallest element 2^-3.
  ExpectNormal(ErrorAt(Block("mxfp4"), -2), 1);
  EXPECT_EQ(ErrorAt(Block("mxfp4"), -5).mean, 1);
  // mxfp8 keeps its precision for 14 binades below the largest.
  ExpectNormal(ErrorAt(Block("mxfp8"), -14), 3);
  ExpectNormal(ErrorAt(Block("mxfp8"), -15), 2);
  // In blocks of one every element has a scale of its own.
  ExpectNormal(ErrorAt(MakeBlockFloatingPoint(16, 1), -30), 14);
}

TEST(RelativeErrors, OfDynamicFixedPointAreThoseBesideAOne) {
  // Beside a 1, which must not overflow, dfx(8) is fixed(1,6).
  const DynamicFixedFormat format = MakeDynamicFixedFormat(8);
  for (int exponent = -6; exponent < 0; ++exponent) {
    ExpectNormal(ErrorAt(format, exponent), exponent + 6);
  }
  EXPECT_EQ(ErrorAt(format, -8).mean, 1);
  // Above, the point is the value's own. From eps below the binade's end on values overflow, so
  // that eps doubles, and the first of them is a tie.
  for (const int exponent : {0, 5, 30}) {
    EXPECT_DOUBLE_EQ(ErrorAt(format, exponent).largest, 1 / 127.0) << exponent;
  }
}

TEST(RelativeErrors, RefusesWhatCannotBeMeasured) {
  EXPECT_THROW(RelativeErrors(kBf16, -127, 0), UsageError);
  EXPECT_THROW(RelativeErrors(kBf16, 0, 128), UsageError);
  EXPECT_THROW(RelativeErrors(kBf16, 1, 0), UsageError);
  EXPECT_THROW(RelativeErrors(PositFormat{32, 2}, 0, 1), UsageError);
}

}  // namespace
}  // namespace mulberry
