// Block formats against tables of their elements' values and a search in them for the neighbours of
// each quotient.
#include "mulberry/formats/block.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr Rounding kAllRoundings[] = {Rounding::kNearestEven, Rounding::kNearestUp,
                                      Rounding::kTowardZero, Rounding::kStochastic};

/// A format as the specification's tables have it: an element's magnitudes in the order of their
/// encodings, and the exponent of the largest.
struct Published {
  BlockFormat format;
  std::vector<double> magnitudes;
  int emax;
};

/// Normal and subnormal magnitudes of a float of `bits` bits without specials, m of them mantissa:
/// the encodings' values, from the layout.
std::vector<double> FloatMagnitudes(int codes, int m, int bias) {
  std::vector<double> magnitudes;
  for (int code = 0; code < codes; ++code) {
    const int exponent = code >> m, mantissa = code & ((1 << m) - 1);
    magnitudes.push_back(exponent == 0 ? std::ldexp(mantissa, 1 - bias - m)
                                       : std::ldexp(mantissa + (1 << m), exponent - bias - m));
  }
  return magnitudes;
}

/// 0 to `largest` in steps of 2^-m.
std::vector<double> IntegerMagnitudes(int largest, int m) {
  std::vector<double> magnitudes;
  for (int i = 0; i <= largest; ++i) magnitudes.push_back(std::ldexp(i, -m));
  return magnitudes;
}

std::vector<Published> AllFormats() {
  return {
      {*FindBlockFormat("mxfp4"), {0, 0.5, 1, 1.5, 2, 3, 4, 6}, 2},
      {*FindBlockFormat("mxfp6(e2m3)"),
       {0,     0.125, 0.25,  0.375, 0.5,   0.625, 0.75, 0.875, 1,    1.125, 1.25,
        1.375, 1.5,   1.625, 1.75,  1.875, 2,     2.25, 2.5,   2.75, 3,     3.25,
        3.5,   3.75,  4,     4.5,   5,     5.5,   6,    6.5,   7,    7.5},
       2},
      {*FindBlockFormat("mxfp6(e3m2)"),
       {0,     0.0625, 0.125, 0.1875, 0.25, 0.3125, 0.375, 0.4375, 0.5, 0.625, 0.75,
        0.875, 1,      1.25,  1.5,    1.75, 2,      2.5,   3,      3.5, 4,     5,
        6,     7,      8,     10,     12,   14,     16,    20,     24,  28},
       4},
      {*FindBlockFormat("mxfp8(e4m3)"), FloatMagnitudes(0x7f, 3, 7), 8},
      {*FindBlockFormat("mxfp8(e5m2)"), FloatMagnitudes(0x7c, 2, 15), 15},
      {*FindBlockFormat("mxint8"), IntegerMagnitudes(127, 6), 0},
      {MakeBlockFloatingPoint(2, 4), IntegerMagnitudes(1, 0), 0},
      {MakeBlockFloatingPoint(4, 16), IntegerMagnitudes(7, 2), 0},
      {MakeBlockFloatingPoint(9, 5), IntegerMagnitudes(255, 7), 0},
  };
}

/// What the block becomes, by neighbours in the table.
std::vector<float> ExpectedBlock(const Published& published, Rounding rounding,
                                 const std::vector<float>& in, RandomStream stream) {
  int scale = -127;
  for (const float x : in) {
    int exponent;  // 0.5 <= |x| / 2^exponent < 1.
    if (x != 0) {
      std::frexp(x, &exponent);
      scale = std::max(scale, exponent - 1 - published.emax);
    }
  }
  const std::vector<double>& table = published.magnitudes;
  std::vector<float> out;
  for (size_t i = 0; i < in.size(); ++i) {
    const double quotient = std::ldexp(std::fabs(double{in[i]}), -scale);
    const size_t below = std::upper_bound(table.begin(), table.end(), quotient) - table.begin() - 1;
    double result = table[below];
    if (below + 1 < table.size()) {
      const double part = (quotient - table[below]) / (table[below + 1] - table[below]);
      bool away = false;
      if (rounding == Rounding::kNearestEven) away = part > 0.5 || (part == 0.5 && below % 2 == 1);
      if (rounding == Rounding::kNearestUp) away = part > 0.5 || (part == 0.5 && in[i] > 0);
      if (rounding == Rounding::kStochastic) away = std::ldexp(part, 32) >= stream.At(i) + 1.0;
      if (away) result = table[below + 1];
    }
    const bool one_zero = published.format.is_integer() && result == 0;
    out.push_back(
        std::copysign(static_cast<float>(std::ldexp(result, scale)), one_zero ? 1.0f : in[i]));
  }
  return out;
}

void ExpectBlock(const Published& published, const std::vector<float>& in) {
  const RandomStream stream{5, 6};
  for (const Rounding rounding : kAllRoundings) {
    std::vector<float> out(in.size());
    RoundBlock(published.format, rounding, in.data(), out.data(), static_cast<int64_t>(in.size()),
               stream);
    const std::vector<float> expected = ExpectedBlock(published, rounding, in, stream);
    for (size_t i = 0; i < in.size(); ++i) {
      ASSERT_EQ(out[i], expected[i]) << Name(published.format) << ' ' << Name(rounding) << " of "
                                     << std::hexfloat << in[i] << " at " << i;
      ASSERT_EQ(std::signbit(out[i]), std::signbit(expected[i])) << in[i];
    }
  }
}

/// Values of elements, the midpoints between them, and the FP32 neighbours of all, up to twice the
/// exponent of the largest, in units of 2^scale and with both signs.
std::vector<float> ElementsAndTies(const Published& published, int scale) {
  std::vector<float> values;
  const std::vector<double>& table = published.magnitudes;
  for (size_t i = 0; i < table.size(); ++i) {
    const double next = i + 1 < table.size() ? table[i + 1] : std::ldexp(2, published.emax);
    for (const double at : {table[i], (table[i] + next) / 2}) {
      const float x = std::ldexp(static_cast<float>(at), scale);
      for (const float y : {x, std::nextafter(x, 0.0f), std::nextafter(x, kInfinity)}) {
        if (std::isfinite(y)) values.insert(values.end(), {y, -y});
      }
    }
  }
  return values;
}

TEST(BlockFormat, NamesAndPublishedFigures) {
  for (const Published& published : AllFormats()) {
    EXPECT_EQ(published.format.max_exponent(), published.emax) << Name(published.format);
    EXPECT_EQ(published.format.max_element(), published.magnitudes.back());
    EXPECT_EQ(std::ldexp(1.0, published.format.min_exponent() - published.format.mantissa_bits),
              published.magnitudes[1]);
  }
  // Bits of an element and largest values, from the specification's tables.
  const auto figures = [](const char* name, int bits, float largest) {
    const BlockFormat format = FindBlockFormat(name).value();
    EXPECT_EQ(Name(format), name);
    EXPECT_EQ(format.block, 32);
    EXPECT_EQ(format.element_bits(), bits) << name;
    EXPECT_EQ(format.max_element(), largest) << name;
  };
  figures("mxfp8(e5m2)", 8, 57344);
  figures("mxfp8(e4m3)", 8, 448);
  figures("mxfp6(e3m2)", 6, 28);
  figures("mxfp6(e2m3)", 6, 7.5f);
  figures("mxfp4", 4, 6);
  figures("mxint8", 8, 1 + 63.0f / 64);
  EXPECT_EQ(FindBlockFormat("mxfp8"), FindBlockFormat("mxfp8(e4m3)"));
  EXPECT_FALSE(FindBlockFormat("mxfp6"));
  EXPECT_EQ(Name(MakeBlockFloatingPoint(4, 16)), "bfp(4,16)");
  EXPECT_EQ(MakeBlockFloatingPoint(8, 32), FindBlockFormat("mxint8"));
  EXPECT_EQ(MakeBlockFloatingPoint(24, 1).element_bits(), 24);
  EXPECT_THROW(MakeBlockFloatingPoint(1, 32), UsageError);
  EXPECT_THROW(MakeBlockFloatingPoint(25, 32), UsageError);
  EXPECT_THROW(MakeBlockFloatingPoint(8, 0), UsageError);
  EXPECT_THROW(MakeBlockFloatingPoint(8, 65537), UsageError);
}

// Every value of an element and every tie, in blocks whose largest magnitude stands at each place.
TEST(BlockFormat, EveryElementAndTieWithTheLargestAtEachPlace) {
  for (const Published& published : AllFormats()) {
    const size_t block = published.format.block;
    for (const int scale : {-127, -126, -100, 0, 3, 127 - published.emax}) {
      const std::vector<float> values = ElementsAndTies(published, scale);
      const float largest = std::ldexp(1.0f, published.emax + scale);
      size_t place = 0;
      for (size_t i = 0; i < values.size(); i += block - 1) {
        std::vector<float> in(values.begin() + i,
                              values.begin() + std::min(values.size(), i + block - 1));
        place = (place + 1) % (in.size() + 1);
        in.insert(in.begin() + place, i % 2 == 0 ? largest : -largest);
        ExpectBlock(published, in);
        if (HasFatalFailure()) return;
      }
      for (place = 0; place < block; ++place) {
        std::vector<float> in(values.begin(), values.begin() + std::min(values.size(), block));
        in[place % in.size()] = largest;
        ExpectBlock(published, in);
        if (HasFatalFailure()) return;
      }
    }
  }
}

// The largest element rounds up beyond the largest value: it is clamped, and the scale stays.
TEST(BlockFormat, TheLargestElementSaturates) {
  const auto only = [](const char* name, float x) {
    float out;
    RoundBlock(FindBlockFormat(name).value(), Rounding::kNearestEven, &x, &out, 1);
    return out;
  };
  EXPECT_EQ(only("mxfp4", 7.99f), 6.0f);
  EXPECT_EQ(only("mxfp4", 8.0f), 8.0f);
  EXPECT_EQ(only("mxfp6(e2m3)", -7.99f), -7.5f);
  EXPECT_EQ(only("mxfp8(e4m3)", 511.0f), 448.0f);
  EXPECT_EQ(only("mxfp8(e5m2)", 65535.0f), 57344.0f);
  EXPECT_EQ(only("mxint8", 1.999f), 127.0f / 64);
  EXPECT_EQ(only("mxint8", -2.0f), -2.0f);  // -64/64 · 2.
  EXPECT_EQ(only("mxfp8(e4m3)", std::numeric_limits<float>::max()), 0x1.cp127f);
  EXPECT_EQ(only("mxint8", std::numeric_limits<float>::max()), 0x1.fcp127f);
}

// Below the smallest scale elements get smaller, down to FP32's own smallest value.
TEST(BlockFormat, SmallestScaleUnderflowsGradually) {
  const BlockFormat finest = MakeBlockFloatingPoint(24, 4);
  for (const float x : {0x1p-149f, 0x1.8p-148f, 0x1.fffffcp-127f, 0x1p-127f}) {
    float out;
    RoundBlock(finest, Rounding::kNearestEven, &x, &out, 1);
    EXPECT_EQ(out, x);
  }
  const float halves[] = {0x1p-129f, 0x1.8p-128f, 0x1p-149f, -0x1p-149f};
  float out[4];
  RoundBlock(FindBlockFormat("mxfp4").value(), Rounding::kNearestEven, halves, out, 4);
  EXPECT_EQ(out[0], 0.0f);  // Half of 2^-127 · 0.5 is a tie with zero.
  EXPECT_EQ(out[1], 0x1p-127f);
  EXPECT_EQ(out[2], 0.0f);
  EXPECT_TRUE(out[3] == 0 && std::signbit(out[3]));
}

TEST(BlockFormat, ZerosAndSpecialValues) {
  for (const Published& published : AllFormats()) {
    const BlockFormat& format = published.format;
    ExpectBlock(published, {0.0f, -0.0f, 0.0f});
    EXPECT_EQ(ScaleExponent(format, std::vector<float>{0.0f, -0.0f}.data(), 2), -127);
    for (const float special : {kInfinity, -kInfinity, kNan}) {
      for (size_t place = 0; place < 3; ++place) {
        std::vector<float> in = {1, 2, 3};
        in[place] = special;
        EXPECT_EQ(ScaleExponent(format, in.data(), 3), std::nullopt);
        RoundBlock(format, Rounding::kNearestEven, in.data(), in.data(), 3);
        for (const float x : in) EXPECT_TRUE(std::isnan(x));
      }
    }
  }
}

// A column of the specification's worked kind: the scale is that of the largest magnitude alone.
TEST(BlockFormat, ScaleIsTheLargestMagnitudes) {
  const BlockFormat mxfp4 = FindBlockFormat("mxfp4").value();
  const float block[] = {0.1f, -12.0f, 3.0f, 0.0f};  // floor(log2 12) = 3, emax = 2.
  EXPECT_EQ(ScaleExponent(mxfp4, block, 4), 1);
  EXPECT_EQ(ScaleExponent(mxfp4, block, 1), -6);
  float out[4];
  RoundBlock(mxfp4, Rounding::kNearestEven, block, out, 4);
  EXPECT_EQ(out[0], 0.0f);
  EXPECT_EQ(out[1], -12.0f);
  EXPECT_EQ(out[2], 3.0f);
}

}  // namespace
}  // namespace mulberry
