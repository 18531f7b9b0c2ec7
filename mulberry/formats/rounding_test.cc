// Rounding against two oracles: the format's own neighbouring values, and double arithmetic, which
// is exact here. Special values by name.
#include "mulberry/formats/rounding.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "mulberry/base/random.h"

namespace mulberry {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr Rounding kAllRoundings[] = {Rounding::kNearestEven, Rounding::kNearestUp,
                                      Rounding::kTowardZero, Rounding::kStochastic};
constexpr Rounding kNearest = Rounding::kNearestEven, kZero = Rounding::kTowardZero,
                   kStochastic = Rounding::kStochastic;

uint32_t Bits(float x) {
  return std::bit_cast<uint32_t>(x);
}
float FromBits(uint32_t bits) {
  return std::bit_cast<float>(bits);
}

FloatFormat With(FloatFormat format, Overflow overflow) {
  format.overflow = overflow;
  return format;
}
FloatFormat Special(const FloatFormat& format) {
  return With(format, Overflow::kSpecial);
}
FloatFormat Saturating(const FloatFormat& format) {
  return With(format, Overflow::kSaturate);
}

/// What overflow gives, from the documented table.
float OverflowResult(const FloatFormat& format) {
  if (format.overflow == Overflow::kSaturate) return format.max_finite();
  return format.specials == Specials::kIeee ? kInfinity : kNan;
}

/// EXPECTs the result for `value`, and its mirror image for -value; `expected` 0 or more, or NaN.
void ExpectRound(const FloatFormat& format, Rounding rounding, float value, float expected,
                 uint32_t random = 0) {
  EXPECT_EQ(Bits(Round(format, rounding, value, random)), Bits(expected))
      << Name(format) << ' ' << Name(rounding) << " of " << value << ", random " << random;
  const float mirrored = std::isnan(expected) ? expected : -expected;
  EXPECT_EQ(Bits(Round(format, rounding, -value, random)), Bits(mirrored))
      << Name(format) << ' ' << Name(rounding) << " of " << -value << ", random " << random;
}

/// Definition by neighbours: `low` <= x < `high` are adjacent values of the format.
void ExpectRoundBetween(const FloatFormat& format, float x, double low, double high) {
  const double gap = high - low, part = (x - low) / gap;
  const float up = high <= format.max_finite() ? static_cast<float>(high) : OverflowResult(format);
  const float down = static_cast<float>(low);
  const bool low_is_even = std::fmod(low / gap, 2) == 0;
  ExpectRound(format, kNearest, x, part < 0.5 || (part == 0.5 && low_is_even) ? down : up);
  EXPECT_EQ(Bits(Round(format, Rounding::kNearestUp, x)), Bits(part < 0.5 ? down : up)) << x;
  EXPECT_EQ(Bits(Round(format, Rounding::kNearestUp, -x)), Bits(part <= 0.5      ? -down
                                                                : std::isnan(up) ? up
                                                                                 : -up))
      << -x;
  ExpectRound(format, kZero, x, down);
  const uint32_t steps = static_cast<uint32_t>(std::ldexp(part, 32));  // Floor; part < 1.
  if (steps > 0) ExpectRound(format, kStochastic, x, up, 0);
  if (steps > 0) ExpectRound(format, kStochastic, x, up, steps - 1);
  ExpectRound(format, kStochastic, x, down, steps);
  ExpectRound(format, kStochastic, x, down, 0xffffffff);
}

/// All pairs of neighbouring magnitudes, the last being the largest value and what would follow it:
/// the lower value itself and its FP32 neighbour, the midpoint and both FP32 neighbours of that.
void CheckAllNeighbours(const FloatFormat& format) {
  std::vector<double> magnitudes;
  const uint32_t last = Encode(format, format.max_finite());
  for (uint32_t code = 0; code <= last; ++code) magnitudes.push_back(Decode(format, code));
  magnitudes.push_back(format.max_finite() +
                       std::ldexp(1.0, format.max_exponent() - format.mantissa_bits));
  for (size_t i = 0; i + 1 < magnitudes.size(); ++i) {
    const double low = magnitudes[i], high = magnitudes[i + 1];
    const float value = static_cast<float>(low), middle = static_cast<float>((low + high) / 2);
    for (const float x : {value, std::nextafter(value, kInfinity), std::nextafter(middle, 0.0f),
                          middle, std::nextafter(middle, kInfinity)}) {
      ExpectRoundBetween(format, x, low, high);
    }
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Rounding, BetweenAllNeighbours) {
  for (const Overflow overflow : {Overflow::kSpecial, Overflow::kSaturate}) {
    CheckAllNeighbours(With(kE4m3, overflow));
    CheckAllNeighbours(With({3, 1, Specials::kNanOnly}, overflow));
    CheckAllNeighbours(With(kFp16, overflow));
    CheckAllNeighbours(With(kBf16, overflow));
    for (int e = 2; e <= 8; ++e) {
      for (int m = 0; 1 + e + m <= 10; ++m)
        CheckAllNeighbours(With(MakeFloatFormat(e, m), overflow));
    }
  }
}

/// The definition in double arithmetic: every step is exact but the rounding itself, which is
/// libm's.
float OracleRound(const FloatFormat& format, Rounding rounding, float value, uint32_t random) {
  if (std::isnan(value)) return kNan;
  const double magnitude = std::fabs(double{value});
  double result = magnitude;
  if (magnitude != 0 && !std::isinf(magnitude)) {
    const int bias = (1 << (format.exponent_bits - 1)) - 1;
    const int gap = std::max(std::ilogb(magnitude), 1 - bias) - format.mantissa_bits;
    const double units = std::ldexp(magnitude, -gap), whole = std::floor(units);
    if (rounding == kNearest) result = std::nearbyint(units);
    if (rounding == Rounding::kNearestUp) {
      result = value > 0 ? std::floor(units + 0.5) : std::ceil(units - 0.5);
    }
    if (rounding == kZero) result = whole;
    if (rounding == kStochastic) {
      result = whole + (std::floor(std::ldexp(units - whole, 32)) > random ? 1 : 0);
    }
    result = std::ldexp(result, gap);
  }
  if (result > format.max_finite()) {
    const bool clamp = rounding == kZero && !std::isinf(magnitude);
    result = clamp ? format.max_finite() : OverflowResult(format);
  }
  return std::isnan(result) ? kNan : std::copysign(static_cast<float>(result), value);
}

/// Bit patterns at and around everything that can matter: all exponents with mantissas of one bit,
/// of ones at either end, of one bit below those, and alternating.
std::vector<uint32_t> DirectedPatterns() {
  std::vector<uint32_t> mantissas = {0, 0x2aaaaa, 0x555555};
  for (int bit = 0; bit < 23; ++bit) {
    const uint32_t one = 1u << bit, below = one - 1, above = 0x7fffff & ~below;
    mantissas.insert(mantissas.end(), {one, below, above, above - one, above - 1, one + 1});
  }
  std::vector<uint32_t> patterns;
  for (uint32_t exponent = 0; exponent < 256; ++exponent) {
    for (const uint32_t mantissa : mantissas)
      patterns.push_back(exponent << 23 | (mantissa & 0x7fffff));
  }
  return patterns;
}

TEST(Rounding, EveryFormatEqualsDoubleArithmetic) {
  const std::vector<uint32_t> directed = DirectedPatterns();
  const RandomStream values{1, 0}, randoms{1, 1};
  uint64_t next = 0;
  const auto check = [&](const FloatFormat& format, Rounding rounding, uint32_t bits) {
    const float value = FromBits(bits);
    const uint32_t random = randoms.At(++next);
    const float expected = OracleRound(format, rounding, value, random);
    ASSERT_EQ(Bits(Round(format, rounding, value, random)), Bits(expected))
        << Name(format) << ' ' << Name(rounding) << " of " << std::hex << bits;
  };
  for (int e = 2; e <= 8; ++e) {
    for (int m = 0; m <= 23; ++m) {
      for (const Overflow overflow : {Overflow::kSpecial, Overflow::kSaturate}) {
        const FloatFormat format = With(MakeFloatFormat(e, m), overflow);
        for (const Rounding rounding : kAllRoundings) {
          // Every seventh pattern for each format, another seventh for the next; the signs in turn.
          for (size_t i = next % 7; i < directed.size(); i += 7) {
            check(format, rounding, directed[i] | static_cast<uint32_t>(i % 2) << 31);
          }
          for (int i = 0; i < 500; ++i) check(format, rounding, values.At(next));
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

// A value of a format rounds to itself, whatever the mode and the random number.
TEST(Rounding, ValuesOfTheFormatStay) {
  for (const NamedFormat& named : NamedFormats()) {
    const FloatFormat format = Special(named.format);
    const uint32_t step = format.bits() > 16 ? 0x1fff : 1;
    for (uint64_t code = 0; code < uint64_t{1} << format.bits(); code += step) {
      const float value = Decode(format, static_cast<uint32_t>(code));
      for (const Rounding rounding : kAllRoundings) {
        ASSERT_EQ(Bits(Round(format, rounding, value, 0)), Bits(value)) << named.name << code;
      }
    }
  }
}

TEST(Rounding, Fp32IsTheIdentity) {
  for (const uint32_t bits : DirectedPatterns()) {
    const float value = FromBits(bits);
    for (const Rounding rounding : kAllRoundings) {
      ExpectRound(kFp32, rounding, value, std::isnan(value) ? kNan : value);
    }
  }
}

TEST(Rounding, ZeroKeepsItsSign) {
  for (const NamedFormat& named : NamedFormats()) {
    for (const Rounding rounding : kAllRoundings) ExpectRound(named.format, rounding, 0.0f, 0.0f);
  }
}

TEST(Rounding, NanBecomesTheQuietNan) {
  for (const NamedFormat& named : NamedFormats()) {
    for (const Overflow overflow : {Overflow::kSpecial, Overflow::kSaturate}) {
      for (const Rounding rounding : kAllRoundings) {
        // Quiet, negative, signalling, all bits set.
        for (const uint32_t bits : {0x7fc00000u, 0xffc00000u, 0x7f800001u, 0xffffffffu}) {
          const float result = Round(With(named.format, overflow), rounding, FromBits(bits));
          EXPECT_EQ(Bits(result), 0x7fc00000u) << named.name;
        }
      }
    }
  }
}

TEST(Rounding, InfinityFollowsTheOverflowSetting) {
  for (const Rounding rounding : kAllRoundings) {
    for (const FloatFormat& format : {kFp32, kTf32, kBf16, kFp16, kE5m2}) {
      ExpectRound(Special(format), rounding, kInfinity, kInfinity);
      ExpectRound(Saturating(format), rounding, kInfinity, format.max_finite());
    }
    ExpectRound(Special(kE4m3), rounding, kInfinity, kNan);
    ExpectRound(Saturating(kE4m3), rounding, kInfinity, 448);
    ExpectRound(Special(MakeFloatFormat(5, 0)), rounding, kInfinity, kNan);
  }
}

// Nearest overflows from the midpoint between the largest value and what would follow it, if that
// is a tie to even, else beyond it.
TEST(Rounding, NearestOverflowsByTheOverflowSetting) {
  const auto check = [](const FloatFormat& format, float last_below, float first_beyond) {
    ExpectRound(Special(format), kNearest, last_below, format.max_finite());
    ExpectRound(Saturating(format), kNearest, last_below, format.max_finite());
    ExpectRound(Special(format), kNearest, first_beyond, OverflowResult(Special(format)));
    ExpectRound(Saturating(format), kNearest, first_beyond, format.max_finite());
  };
  check(kTf32, std::nextafter(0x1.ffep127f, 0.0f), 0x1.ffep127f);
  check(kBf16, std::nextafter(0x1.ffp127f, 0.0f), 0x1.ffp127f);
  check(kFp16, std::nextafter(65520.0f, 0.0f), 65520.0f);
  check(kE5m2, std::nextafter(61440.0f, 0.0f), 61440.0f);
  check(kE4m3, 464.0f, std::nextafter(464.0f, kInfinity));  // 448 is even: 14 * 32.
}

TEST(Rounding, TowardZeroNeverOverflowsAFiniteValue) {
  for (const NamedFormat& named : NamedFormats()) {
    for (const FloatFormat& format : {Special(named.format), Saturating(named.format)}) {
      for (const float value : {std::nextafter(format.max_finite(), kInfinity), 0x1.fffffep127f}) {
        if (std::isinf(value)) continue;  // Nothing lies beyond FP32's largest.
        ExpectRound(format, kZero, value, format.max_finite());
      }
    }
  }
}

// Beyond the largest value the stochastic rounding overflows with the probability of the next step.
TEST(Rounding, StochasticOverflowsByChanceOfTheNextStep) {
  // A quarter of the way from fp16's 65504 to 65536.
  ExpectRound(Special(kFp16), kStochastic, 65512, kInfinity, (1u << 30) - 1);
  ExpectRound(Special(kFp16), kStochastic, 65512, 65504, 1u << 30);
  ExpectRound(Saturating(kFp16), kStochastic, 65512, 65504, 0);
  ExpectRound(Special(kE4m3), kStochastic, 456, kNan, (1u << 30) - 1);
  ExpectRound(Special(kE4m3), kStochastic, 456, 448, 1u << 30);
  ExpectRound(Special(kFp16), kStochastic, 65536, kInfinity, 0xffffffff);
}

TEST(Rounding, UnderflowsGraduallyToASignedZero) {
  for (const NamedFormat& named : NamedFormats()) {
    const FloatFormat& format = named.format;
    const float smallest = format.min_positive();
    if (format == kFp32) continue;                      // Nothing lies below FP32's smallest.
    ExpectRound(format, kNearest, smallest / 2, 0.0f);  // A tie, to even.
    ExpectRound(format, kNearest, std::nextafter(smallest / 2, 1.0f), smallest);
    ExpectRound(format, kNearest, 1.5f * smallest, 2 * smallest);
    ExpectRound(format, kZero, std::nextafter(smallest, 0.0f), 0.0f);
    ExpectRound(format, kStochastic, smallest / 2, smallest, 0x7fffffff);
    ExpectRound(format, kStochastic, smallest / 2, 0.0f, 0x80000000);
    // Less than 2^-32 of the smallest value never goes up.
    if (format.exponent_bits < 8) ExpectRound(format, kStochastic, smallest * 0x0.fp-32f, 0.0f, 0);
  }
}

// Without a mantissa all values are odd multiples of their gap: IEEE 754 (4.3.1) then delivers the
// larger of two equally near values, but 0 where it is one of them.
TEST(Rounding, TiesWithoutMantissaGoUp) {
  const FloatFormat powers = MakeFloatFormat(5, 0);
  ExpectRound(powers, kNearest, 1.5f, 2.0f);
  ExpectRound(powers, kNearest, 3.0f, 4.0f);
  ExpectRound(powers, kNearest, 1.4999999f, 1.0f);
  ExpectRound(powers, kNearest, powers.min_positive() / 2, 0.0f);
  ExpectRound(MakeFloatFormat(8, 0), kNearest, 0x1p-127f, 0.0f);
}

// Of 2^16 equally spaced random numbers, k round a value k * 2^-16 of the gap above its lower
// neighbour up: for normal numbers, for subnormals, and between zero and the smallest.
TEST(Rounding, StochasticProbabilityIsTheDroppedFraction) {
  constexpr uint32_t kSteps = 1 << 16;
  const FloatFormat format = MakeFloatFormat(3, 2);  // Smallest 2^-4; above 1 a gap of 1/4.
  const auto ups = [&](double low, double gap, uint32_t k) {
    const float value = static_cast<float>(low + gap * k / kSteps);
    uint32_t count = 0;
    for (uint32_t i = 0; i < kSteps; ++i) {
      const float result = Round(format, kStochastic, value, i * (1u << 16));
      EXPECT_TRUE(result == low || result == low + gap) << value;
      count += result != low;
    }
    return count;
  };
  for (const uint32_t k : {0u, 1u, 2u, 777u, 32767u, 32768u, 32769u, 65535u}) {
    EXPECT_EQ(ups(1.25, 0.25, k), k);
    EXPECT_EQ(ups(0.0625, 0.0625, k), k);
    EXPECT_EQ(ups(0, 0.0625, k), k);
  }
}

TEST(Rounding, StochasticMeanIsTheValue) {
  const RandomStream stream{42, 0};
  constexpr int kNumbers = 1 << 18;
  const double value = 1.3, gap = 0.25;  // Between 1.25 and 1.5 of float(3,2).
  double sum = 0;
  for (int i = 0; i < kNumbers; ++i) {
    sum += Round(MakeFloatFormat(3, 2), kStochastic, static_cast<float>(value), stream.At(i));
  }
  const double up = 0.2, deviation = gap * std::sqrt(up * (1 - up) / kNumbers);
  EXPECT_NEAR(sum / kNumbers, value, 4 * deviation);
}

TEST(Rounding, StochasticIsAFunctionOfTheRandomNumberAlone) {
  const auto round_all = [](RandomStream stream) {
    std::vector<float> results;
    for (int i = 0; i < 64; ++i) results.push_back(Round(kBf16, kStochastic, 1.001f, stream.At(i)));
    return results;
  };
  EXPECT_EQ(round_all({1, 0}), round_all({1, 0}));
  EXPECT_NE(round_all({1, 0}), round_all({2, 0}));
  EXPECT_NE(round_all({1, 0}), round_all({1, 1}));
}

TEST(Rounding, Names) {
  EXPECT_EQ(Name(kNearest), "nearest");
  EXPECT_EQ(Name(Rounding::kNearestUp), "half-up");
  EXPECT_EQ(Name(kZero), "zero");
  EXPECT_EQ(Name(kStochastic), "stochastic");
}

}  // namespace
}  // namespace mulberry
