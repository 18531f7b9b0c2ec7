// Posits against published values and against their definition read bit by bit (test_posit.h).
// Sums and products: posit_arithmetic_test.cc.
#include "mulberry/formats/posit.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "mulberry/base/error.h"
#include "mulberry/base/random.h"
#include "mulberry/formats/test_posit.h"

namespace mulberry {
namespace {

constexpr Rounding kAllRoundings[] = {Rounding::kNearestEven, Rounding::kNearestUp,
                                      Rounding::kTowardZero, Rounding::kStochastic};
constexpr Rounding kNearest = Rounding::kNearestEven, kZero = Rounding::kTowardZero,
                   kStochastic = Rounding::kStochastic;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

uint32_t Bits(float x) {
  return std::bit_cast<uint32_t>(x);
}

/// All formats of up to `bits` bits and 0 to 4 exponent bits that FP32 carries.
std::vector<PositFormat> CarriedFormats(int bits) {
  std::vector<PositFormat> formats;
  for (int n = PositFormat::kMinBits; n <= bits; ++n) {
    for (int es = 0; es <= 4; ++es) {
      if (!WhyNotCarried({n, es})) formats.push_back({n, es});
    }
  }
  return formats;
}

/// The value of a string of `bits` bits, as a double.
double ValueOf(int bits, int exponent_bits, uint64_t encoding) {
  const TestValue value = TestDecode(bits, exponent_bits, encoding);
  const double magnitude = std::ldexp(static_cast<double>(value.significand), value.exponent);
  return value.negative ? -magnitude : magnitude;
}

TEST(Posit, NamesAndSizes) {
  EXPECT_EQ(Name(PositFormat{16, 1}), "posit(16,1)");
  EXPECT_EQ(MakePositFormat(8, 2), (PositFormat{8, 2}));
  for (const auto& [bits, exponent_bits] : {std::pair(1, 0), {33, 2}, {8, -1}, {8, 9}}) {
    EXPECT_THROW(MakePositFormat(bits, exponent_bits), UsageError);
  }
  const PositFormat format{8, 1};
  EXPECT_EQ(format.nar(), 0x80u);
  EXPECT_EQ(format.maxpos(), 0x7fu);
  EXPECT_EQ(format.Negated(0x01), 0xffu);
  EXPECT_EQ(format.Negated(0x00), 0x00u);
  EXPECT_EQ(format.Negated(0x80), 0x80u);
  EXPECT_EQ((PositFormat{32, 2}.Negated(1)), 0xffffffffu);
}

// Standard for Posit Arithmetic (2022), table of the standard formats; Gustafson and Yonemoto for
// the others: maxpos is 2^((n-2)·2^es).
TEST(Posit, PublishedRanges) {
  EXPECT_EQ((PositFormat{8, 2}.max_exponent()), 24);
  EXPECT_EQ((PositFormat{16, 2}.max_exponent()), 56);
  EXPECT_EQ((PositFormat{32, 2}.max_exponent()), 120);
  EXPECT_EQ((PositFormat{8, 0}.max_exponent()), 6);
  EXPECT_EQ((PositFormat{16, 1}.max_exponent()), 28);
  EXPECT_EQ(Decode(PositFormat{8, 2}, 0x7f), 0x1p24f);
  EXPECT_EQ(Decode(PositFormat{8, 2}, 0x01), 0x1p-24f);
  EXPECT_EQ(Decode(PositFormat{16, 2}, 0x7fff), 0x1p56f);
  EXPECT_EQ(Decode(PositFormat{16, 2}, 0xffff), -0x1p-56f);
  EXPECT_EQ(Decode(PositFormat{32, 2}, 0x7fffffff), 0x1p120f);
  EXPECT_EQ(Decode(PositFormat{32, 2}, 0x00000001), 0x1p-120f);
  // Fraction bits of the values around 1: 3, 11 and 27.
  EXPECT_EQ((PositFormat{8, 2}.mantissa_bits()), 3);
  EXPECT_EQ((PositFormat{16, 2}.mantissa_bits()), 11);
  EXPECT_EQ((PositFormat{32, 2}.mantissa_bits()), 27);
  EXPECT_EQ((PositFormat{3, 2}.mantissa_bits()), 0);
}

// All values of posit(5,1), and the example of posit(16,3): Gustafson and Yonemoto, figures 5
// and 4.
TEST(Posit, PublishedValues) {
  const float positive[] = {0,        1.0f / 64, 1.0f / 16, 1.0f / 8, 1.0f / 4, 3.0f / 8,
                            1.0f / 2, 3.0f / 4,  1.0f,      1.5f,     2.0f,     3.0f,
                            4.0f,     8.0f,      16.0f,     64.0f};
  for (uint32_t encoding = 0; encoding < 16; ++encoding) {
    EXPECT_EQ(Decode(PositFormat{5, 1}, encoding), positive[encoding]) << encoding;
  }
  EXPECT_EQ(Decode(PositFormat{16, 3}, 0b0000110111011101), 477 * 0x1p-27f);
}

// The first digits of pi, correctly rounded, by hand: 2·(1 + 0.5707963...).
TEST(Posit, NearestToPi) {
  const auto rounded = [](const PositFormat& format) {
    return RoundToPosit(format, kNearest, Unpack(std::numbers::pi));
  };
  EXPECT_EQ(rounded({8, 2}), 0x4du);  // 3.25
  EXPECT_EQ(Decode(PositFormat{8, 2}, 0x4d), 3.25f);
  EXPECT_EQ(rounded({16, 2}), 0x4c91u);
  EXPECT_EQ(Decode(PositFormat{16, 2}, 0x4c91), 3.1416015625f);
  EXPECT_EQ(rounded({16, 1}), 0x5922u);
  EXPECT_EQ(rounded({32, 2}), 0x4c90fdaau);
}

TEST(Posit, EveryEncodingHasTheValueOfTheDefinition) {
  for (int bits = PositFormat::kMinBits; bits <= 16; ++bits) {
    for (int es = 0; es <= PositFormat::kMaxExponentBits; ++es) {
      const PositFormat format{bits, es};
      for (uint32_t encoding = 1; encoding < uint32_t{1} << bits; ++encoding) {
        const UnpackedReal value = Unpack(format, encoding);
        ASSERT_EQ(value.nan, encoding == format.nar());
        if (value.nan) continue;
        const TestValue expected = TestDecode(bits, es, encoding);
        ASSERT_EQ(value.negative, expected.negative) << Name(format) << ' ' << encoding;
        ASSERT_EQ(value.significand, expected.significand) << Name(format) << ' ' << encoding;
        ASSERT_EQ(value.exponent, expected.exponent) << Name(format) << ' ' << encoding;
      }
    }
  }
}

TEST(Posit, EveryEncodingRoundsToItself) {
  for (int bits = PositFormat::kMinBits; bits <= 16; ++bits) {
    for (int es = 0; es <= PositFormat::kMaxExponentBits; ++es) {
      const PositFormat format{bits, es};
      for (uint32_t encoding = 0; encoding < uint32_t{1} << bits; ++encoding) {
        for (const Rounding rounding : kAllRoundings) {
          ASSERT_EQ(RoundToPosit(format, rounding, Unpack(format, encoding)), encoding)
              << Name(format) << ' ' << Name(rounding);
        }
      }
    }
  }
}

TEST(Posit, EncodingsOfValuesThatFp32Carries) {
  for (const PositFormat& format : CarriedFormats(12)) {
    for (uint32_t encoding = 0; encoding < uint32_t{1} << format.bits; ++encoding) {
      const float value = Decode(format, encoding);
      ASSERT_EQ(Encode(format, value), encoding) << Name(format);
      ASSERT_EQ(std::isnan(value), encoding == format.nar());
      ASSERT_TRUE(encoding == 0 || encoding == format.nar() || std::isnormal(value));
    }
  }
  EXPECT_THROW(Encode(PositFormat{8, 1}, 1.01f), Error);
  EXPECT_THROW(Encode(PositFormat{8, 1}, 0x1p13f), Error);
  EXPECT_THROW(Encode(PositFormat{8, 1}, kInfinity), Error);
}

TEST(Posit, WhatFp32CannotCarryIsSaid) {
  for (const PositFormat& format :
       {PositFormat{8, 0}, {8, 2}, {16, 1}, {16, 2}, {16, 3}, {28, 2}}) {
    EXPECT_EQ(WhyNotCarried(format), std::nullopt) << Name(format);
  }
  EXPECT_EQ(WhyNotCarried({32, 2}),
            "posit(32,2) has 27 fraction bits, and FP32, which carries it, has 23");
  EXPECT_EQ(WhyNotCarried({16, 4}),
            "posit(16,4) reaches down to 2^-224, and the normal numbers of FP32, which carries it, "
            "to 2^-126");
}

/// EXPECTs the result for `value`, and its mirror image for -value.
void ExpectRound(const PositFormat& format, Rounding rounding, double value, uint32_t expected,
                 uint32_t random = 0) {
  const float x = static_cast<float>(value);
  ASSERT_EQ(x, value) << "not a float";
  const float magnitude = Decode(format, expected);
  ASSERT_EQ(Bits(Round(format, rounding, x, random)), Bits(magnitude))
      << Name(format) << ' ' << Name(rounding) << " of " << std::hexfloat << x;
  ASSERT_EQ(Bits(Round(format, rounding, -x, random)), Bits(-magnitude))
      << Name(format) << ' ' << Name(rounding) << " of " << std::hexfloat << -x;
}

// Between all neighbours: the lower one, both FP32 neighbours of the midpoint, and the higher one.
TEST(PositRounding, BetweenAllNeighbours) {
  for (const PositFormat& format : CarriedFormats(16)) {
    for (uint32_t low = 1; low < format.maxpos(); ++low) {
      const float middle =
          static_cast<float>(ValueOf(format.bits + 1, format.exponent_bits, 2 * uint64_t{low} + 1));
      const float value = Decode(format, low), next = Decode(format, low + 1);
      for (const float x : {std::nextafter(value, next), std::nextafter(middle, value), middle,
                            std::nextafter(middle, next), std::nextafter(next, value)}) {
        const bool up = x > middle || (x == middle && low % 2 == 1);
        ExpectRound(format, kNearest, x, up ? low + 1 : low);
        ExpectRound(format, kZero, x, low);
        if (HasFatalFailure()) return;
      }
    }
  }
}

// Eight bits that follow the string: they are the fraction, in 256ths.
TEST(PositRounding, StochasticProbabilityIsTheDroppedFraction) {
  for (const PositFormat& format : CarriedFormats(8)) {
    for (uint32_t low = 1; low < format.maxpos(); ++low) {
      for (uint32_t rest = 0; rest < 256; ++rest) {
        const double x = ValueOf(format.bits + 8, format.exponent_bits, low << 8 | rest);
        const uint32_t steps = rest << 24;
        if (rest > 0) ExpectRound(format, kStochastic, x, low + 1, steps - 1);
        ExpectRound(format, kStochastic, x, low, steps);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(PositRounding, SaturatesAtBothEndsInEveryRounding) {
  for (const PositFormat& format : CarriedFormats(16)) {
    const float minpos = Decode(format, format.minpos()), maxpos = Decode(format, format.maxpos());
    for (const Rounding rounding : kAllRoundings) {
      for (const uint32_t random : {0u, 0xffffffffu}) {
        for (const float x : {0x1p-149f, 0x1p-127f, minpos / 2, std::nextafter(minpos, 0.0f)}) {
          ExpectRound(format, rounding, x, format.minpos(), random);
        }
        for (const float x : {std::nextafter(maxpos, kInfinity), 2 * maxpos, kFp32.max_finite()}) {
          ExpectRound(format, rounding, x, format.maxpos(), random);
        }
      }
    }
  }
}

TEST(PositRounding, HalfUpSendsTiesTowardPlusInfinity) {
  const PositFormat format{8, 1};  // Around 1 a step is 1/16.
  const uint32_t one = 0x40, minus_one = 0xc0;
  for (const auto& [x, encoding] : {std::pair{0x1.08p0f, one + 1},
                                    {0x1.18p0f, one + 2},
                                    {std::nextafter(0x1.08p0f, 0.0f), one},
                                    {-0x1.08p0f, minus_one},
                                    {-0x1.18p0f, minus_one - 1},
                                    {std::nextafter(-0x1.08p0f, -2.0f), minus_one - 1}}) {
    EXPECT_EQ(Encode(format, Round(format, Rounding::kNearestUp, x)), encoding) << x;
  }
}

TEST(PositRounding, ZeroHasNoSignAndIsReachedByZeroOnly) {
  for (const Rounding rounding : kAllRoundings) {
    EXPECT_EQ(Bits(Round(PositFormat{16, 1}, rounding, 0.0f)), 0u);
    EXPECT_EQ(Bits(Round(PositFormat{16, 1}, rounding, -0.0f)), 0u);
    EXPECT_EQ(Round(PositFormat{16, 1}, rounding, -0x1p-149f), -0x1p-28f);
  }
}

TEST(PositRounding, InfinitiesAndNanBecomeTheQuietNan) {
  for (const Rounding rounding : kAllRoundings) {
    for (const uint32_t bits : {0x7f800000u, 0xff800000u, 0x7f800001u, 0xffffffffu}) {
      EXPECT_EQ(Bits(Round(PositFormat{16, 1}, rounding, std::bit_cast<float>(bits))), 0x7fc00000u);
    }
  }
  EXPECT_EQ(RoundToPosit({8, 1}, kNearest, Unpack(std::nan(""))), 0x80u);
  EXPECT_EQ(Encode(PositFormat{8, 1}, std::nanf("")), 0x80u);
}

// Where exponent bits are cut the tie is between the exponents: 2^-24 and 2^-20 of posit(8,2) meet
// at 2^-22, which is far below their mean.
TEST(PositRounding, TiesOfCutExponentsLieBetweenTheExponents) {
  const PositFormat format{8, 2};
  ExpectRound(format, kNearest, 0x1p-22, 2);  // 0000001 and 0000010: to the even one.
  ExpectRound(format, kNearest, 0x1.fffffep-23, 1);
  ExpectRound(format, kNearest, 0x1p22, 0x7e);
  ExpectRound(format, kNearest, 0x1.000002p22, 0x7f);
}

// Any numbers, of formats with as many fraction bits as FP32 and of more than it carries.
TEST(PositRounding, RandomNumbersEqualTheSearchOfAllPosits) {
  const RandomStream stream{21, 22};
  for (const PositFormat& format :
       {PositFormat{26, 0}, {27, 1}, {28, 2}, {32, 2}, {32, 0}, {9, 3}}) {
    for (uint64_t i = 0; i < 10000; ++i) {
      const float any = std::bit_cast<float>(stream.At(2 * i));
      // Every other one near 1, where posits have most bits.
      const float near = std::ldexp(1.0f + static_cast<float>(stream.At(2 * i) >> 9) * 0x1p-23f,
                                    static_cast<int>(stream.At(2 * i + 1) % 17) - 8);
      const float x = i % 2 == 0 ? any : near;
      if (!std::isfinite(x)) continue;
      const UnpackedReal real = Unpack(x);
      const TestFixed exact(real.negative, real.significand >> 29, real.exponent + 29);
      for (const bool nearest : {true, false}) {
        ASSERT_EQ(RoundToPosit(format, nearest ? kNearest : kZero, real),
                  TestEncoding(format, TestRound(format, nearest, exact)))
            << Name(format) << ' ' << std::hexfloat << x;
      }
    }
  }
}

// A part below the significand decides what would be a tie, and nothing else.
TEST(PositRounding, StickyPartsBreakTies) {
  const PositFormat format{8, 0};
  const UnpackedReal tie = Unpack(1.0 + 0x1p-6);  // Of 1 and 1 + 2^-5.
  UnpackedReal above = tie;
  above.sticky = true;
  const uint32_t one = Encode(format, 1.0f);
  EXPECT_EQ(RoundToPosit(format, kNearest, tie), one);
  EXPECT_EQ(RoundToPosit(format, kNearest, above), one + 1);
  EXPECT_EQ(RoundToPosit(format, kZero, above), one);
}

}  // namespace
}  // namespace mulberry
