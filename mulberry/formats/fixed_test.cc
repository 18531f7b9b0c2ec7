// Fixed point against integer arithmetic: values are multiples of a small part of eps, so that the
// expected result is an integer division.
#include "mulberry/formats/fixed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr Rounding kEven = Rounding::kNearestEven, kUp = Rounding::kNearestUp,
                   kZero = Rounding::kTowardZero, kStochastic = Rounding::kStochastic;

/// floor(a / b), b > 0.
int64_t FloorDivide(int64_t a, int64_t b) {
  return a / b - (a % b < 0);
}

/// The multiple of eps to which parts / kParts of it is rounded, without limits.
constexpr int64_t kParts = 16;
int64_t Expected(Rounding rounding, int64_t parts, uint32_t random) {
  const int64_t floor = FloorDivide(parts, kParts), above = parts - floor * kParts;
  const int64_t sign = parts < 0 ? -1 : 1, magnitude = sign * parts;
  switch (rounding) {
    case Rounding::kNearestEven:
      if (2 * above == kParts) return floor + (floor % 2 != 0);
      return floor + (2 * above > kParts);
    case Rounding::kNearestUp:
      return FloorDivide(2 * parts + kParts, 2 * kParts);
    case Rounding::kTowardZero:
      return sign * (magnitude / kParts);
    case Rounding::kStochastic: {
      const bool away = magnitude % kParts * ((int64_t{1} << 32) / kParts) > random;
      return sign * (magnitude / kParts + away);
    }
  }
  return 0;
}

/// Every value, midpoint and sixteenth in between, to half the range beyond either bound.
void CheckAllSixteenths(const FixedFormat& format) {
  const int64_t lowest = -(int64_t{1} << format.length()), highest = -lowest - 1;
  for (int64_t parts = 3 * kParts * lowest / 2; parts <= -3 * kParts * lowest / 2; ++parts) {
    const float value =
        std::ldexp(static_cast<float>(parts), -format.fraction_bits) / static_cast<float>(kParts);
    const bool overflows = parts <= kParts * lowest || parts >= kParts * highest;
    ASSERT_EQ(Overflows(format, value), overflows) << Name(format) << ' ' << value;
    for (const Rounding rounding : {kEven, kUp, kZero, kStochastic}) {
      for (const uint32_t random : {0u, 0x0fffffffu, 0x10000000u, 0x80000000u, 0xffffffffu}) {
        const int64_t steps = std::clamp(Expected(rounding, parts, random), lowest, highest);
        const float result = Round(format, rounding, value, random);
        ASSERT_EQ(result, std::ldexp(static_cast<float>(steps), -format.fraction_bits))
            << Name(format) << ' ' << Name(rounding) << " of " << value << ", random " << random;
        ASSERT_FALSE(result == 0 && std::signbit(result)) << value;
      }
    }
  }
}

TEST(FixedFormat, NamesAndLengths) {
  EXPECT_EQ(Name(FixedFormat{4, 11}), "fixed(4,11)");
  EXPECT_EQ(Name(MakeFixedFormat(-3, 10)), "fixed(-3,10)");
  EXPECT_EQ(MakeFixedFormat(-63, 94).length(), 31);
  EXPECT_EQ(MakeFixedFormat(94, -93).length(), 1);
  EXPECT_THROW(MakeFixedFormat(4, -4), UsageError);
  EXPECT_THROW(MakeFixedFormat(16, 16), UsageError);
  EXPECT_THROW(MakeFixedFormat(95, -90), UsageError);
  EXPECT_THROW(MakeFixedFormat(-90, 95), UsageError);
}

TEST(FixedFormat, RangeIsTwosComplements) {
  const FixedFormat q4_11{4, 11};
  EXPECT_EQ(q4_11.epsilon(), 0x1p-11f);
  EXPECT_EQ(q4_11.min(), -16.0f);
  EXPECT_EQ(q4_11.max(), 16.0f - 0x1p-11f);
  EXPECT_EQ((FixedFormat{-3, 4}.max()), 0x1p-4f);  // One bit: -2^-3, -2^-4, 0 and 2^-4.
  EXPECT_EQ((FixedFormat{10, -2}.epsilon()), 4.0f);
  EXPECT_EQ((FixedFormat{10, -2}.max()), 1020.0f);
  EXPECT_EQ((FixedFormat{0, 24}.max()), 0x1.fffffep-1f);
}

TEST(FixedFormat, EveryValueMidpointAndSixteenth) {
  for (int length = 1; length <= 7; ++length) {
    for (const int fraction_bits : {-94, -2, 0, 3, length, length + 5, 94}) {
      if (length - fraction_bits > FixedFormat::kMaxExponent) continue;
      CheckAllSixteenths(MakeFixedFormat(length - fraction_bits, fraction_bits));
    }
  }
}

// Of more than 24 bits FP32 has no 2^il - eps: the largest value is FP32's neighbour of 2^il, and
// values from 2^il on, which FP32 has first past the bound, overflow.
TEST(FixedFormat, LongFormatsHaveTheValuesOfFp32) {
  const FixedFormat longest{15, 16};
  const float below = std::nextafter(32768.0f, 0.0f);
  for (const Rounding rounding : {kEven, kUp, kZero, kStochastic}) {
    EXPECT_EQ(Round(longest, rounding, 32768.0f), below);
    EXPECT_EQ(Round(longest, rounding, 1e30f), below);
    EXPECT_EQ(Round(longest, rounding, below), below);
    EXPECT_EQ(Round(longest, rounding, -32768.0f), -32768.0f);
    EXPECT_EQ(Round(longest, rounding, -1e30f), -32768.0f);
    // FP32's gap is eps from 2^7 on, and half of it below: the first odd half is rounded.
    EXPECT_EQ(Round(longest, rounding, 0x1.000002p7f), 0x1.000002p7f);
    EXPECT_EQ(Round(longest, rounding, 0x1p-16f), 0x1p-16f);
  }
  EXPECT_FALSE(Overflows(longest, below));
  EXPECT_TRUE(Overflows(longest, 32768.0f));
  EXPECT_FALSE(Overflows(longest, std::nextafter(-32768.0f, 0.0f)));
  EXPECT_TRUE(Overflows(longest, -32768.0f));

  const float tie = 64 + 0x1p-17f;
  EXPECT_EQ(Round(longest, kEven, tie), 64.0f);
  EXPECT_EQ(Round(longest, kEven, tie + 0x1p-16f), 64 + 0x1p-15f);
  EXPECT_EQ(Round(longest, kUp, tie), 64 + 0x1p-16f);
  EXPECT_EQ(Round(longest, kUp, -tie), -64.0f);
  EXPECT_EQ(Round(longest, kZero, -tie - 0x1p-16f), -64 - 0x1p-16f);
  EXPECT_EQ(Round(longest, kStochastic, tie, 0x7fffffff), 64 + 0x1p-16f);
  EXPECT_EQ(Round(longest, kStochastic, tie, 0x80000000), 64.0f);

  // 25 bits are the first that FP32 lacks, 24 the last that it has.
  EXPECT_FALSE(Overflows(FixedFormat{0, 25}, 0x1.fffffep-1f));
  EXPECT_TRUE(Overflows(FixedFormat{0, 24}, 0x1.fffffep-1f));
}

// Half up, as floor(x + 1/2) without the error of that sum in FP32.
TEST(FixedFormat, HalfUpIsExactBesideTheTie) {
  const FixedFormat integers{20, 0};
  EXPECT_EQ(Round(integers, kUp, 0.5f), 1.0f);
  EXPECT_EQ(Round(integers, kUp, std::nextafter(0.5f, 0.0f)), 0.0f);
  EXPECT_EQ(Round(integers, kUp, -0.5f), 0.0f);
  EXPECT_EQ(Round(integers, kUp, std::nextafter(-0.5f, -1.0f)), -1.0f);
  EXPECT_EQ(Round(integers, kUp, -1.5f), -1.0f);
  EXPECT_EQ(Round(integers, kUp, std::numeric_limits<float>::denorm_min()), 0.0f);
}

// A value just below the upper bound rounds to the bound but is not past it.
TEST(FixedFormat, OverflowIsJudgedBeforeRounding) {
  const FixedFormat format{3, 4};
  const float bound = 8 - 0x1p-4f;
  EXPECT_TRUE(Overflows(format, bound));
  EXPECT_FALSE(Overflows(format, std::nextafter(bound, 0.0f)));
  EXPECT_EQ(Round(format, kUp, std::nextafter(bound, 0.0f)), bound);
  EXPECT_TRUE(Overflows(format, -8.0f));
  EXPECT_FALSE(Overflows(format, std::nextafter(-8.0f, 0.0f)));
  EXPECT_EQ(Round(format, kUp, std::nextafter(-8.0f, 0.0f)), -8.0f);
}

TEST(FixedFormat, InfinitiesClampAndOverflowAndNanIsZero) {
  for (const FixedFormat& format :
       {FixedFormat{4, 11}, FixedFormat{15, 16}, FixedFormat{94, -93}}) {
    for (const Rounding rounding : {kEven, kUp, kZero, kStochastic}) {
      EXPECT_EQ(Round(format, rounding, kInfinity), format.max());
      EXPECT_EQ(Round(format, rounding, -kInfinity), format.min());
      EXPECT_EQ(Round(format, rounding, kNan), 0.0f);
    }
    EXPECT_TRUE(Overflows(format, kInfinity));
    EXPECT_TRUE(Overflows(format, -kInfinity));
    EXPECT_FALSE(Overflows(format, kNan));
  }
}

// The bound of the lengths: not even the stochastic rounding sees a subnormal.
TEST(FixedFormat, SubnormalsAreZero) {
  const FixedFormat finest{-90, 94};
  for (const float value : {0x1.fffffcp-127f, -0x1.fffffcp-127f, 0x1p-149f}) {
    for (const Rounding rounding : {kEven, kUp, kZero, kStochastic}) {
      EXPECT_EQ(Round(finest, rounding, value, 0), 0.0f);
      EXPECT_FALSE(std::signbit(Round(finest, rounding, value, 0)));
    }
  }
  EXPECT_EQ(Round(finest, kStochastic, 0x1p-125f, 0), 0x1p-94f);
}

}  // namespace
}  // namespace mulberry
