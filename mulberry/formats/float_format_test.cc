// Figures, names and every encoding of the formats, against the published figures and oracles that
// do not share the code under test.
#include "mulberry/formats/float_format.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

uint32_t Bits(float x) {
  return std::bit_cast<uint32_t>(x);
}
float FromBits(uint32_t bits) {
  return std::bit_cast<float>(bits);
}

/// Positive encodings count up through the positive values: 0 first, then in steps that start at
/// the smallest positive value and double each time the exponent field grows beyond 1. Checks that
/// Decode agrees for every finite encoding of both signs, that Encode inverts it, and returns the
/// number of finite encodings of one sign.
uint32_t CheckByCounting(const FloatFormat& format, double min_positive, double max_finite) {
  const uint32_t sign = 1u << (format.bits() - 1);
  double value = 0, step = min_positive;
  for (uint32_t code = 0;; ++code) {
    EXPECT_EQ(Bits(Decode(format, code)), Bits(static_cast<float>(value))) << Name(format) << code;
    EXPECT_EQ(Bits(Decode(format, code | sign)), Bits(static_cast<float>(-value)));
    EXPECT_EQ(Encode(format, static_cast<float>(value)), code) << Name(format);
    EXPECT_EQ(Encode(format, static_cast<float>(-value)), code | sign) << Name(format);
    if (value == max_finite || testing::Test::HasFailure()) return code + 1;
    const uint32_t binade = 1u << format.mantissa_bits;
    if (code % binade == 0 && code > binade) step *= 2;
    value = code == 0 && format.mantissa_bits == 0 ? min_positive : value + step;
  }
}

// IEEE 754-2019 table 3.5; OCP 8-bit Floating Point Specification 1.0, table 1; bf16 and tf32 from
// FP32.
TEST(FloatFormat, PublishedFigures) {
  const auto check = [](const FloatFormat& format, int bits, int bias, double max_finite,
                        double min_normal, double min_positive) {
    EXPECT_EQ(format.bits(), bits) << Name(format);
    EXPECT_EQ(format.bias(), bias) << Name(format);
    EXPECT_EQ(format.max_finite(), max_finite) << Name(format);
    EXPECT_EQ(format.min_normal(), min_normal) << Name(format);
    EXPECT_EQ(format.min_positive(), min_positive) << Name(format);
  };
  check(kFp32, 32, 127, 0x1.fffffep127, 0x1p-126, 0x1p-149);
  check(kTf32, 19, 127, 0x1.ffcp127, 0x1p-126, 0x1p-136);
  check(kBf16, 16, 127, 0x1.fep127, 0x1p-126, 0x1p-133);
  check(kFp16, 16, 15, 65504, 0x1p-14, 0x1p-24);
  check(kE5m2, 8, 15, 57344, 0x1p-14, 0x1p-16);
  check(kE4m3, 8, 7, 448, 0x1p-6, 0x1p-9);
}

TEST(FloatFormat, FiguresOfUnusualFormats) {
  const FloatFormat powers = MakeFloatFormat(8, 0);  // No mantissa: no subnormals, no infinity.
  EXPECT_EQ(powers.max_finite(), 0x1p127);
  EXPECT_EQ(powers.min_normal(), 0x1p-126);
  EXPECT_EQ(powers.min_positive(), 0x1p-126);
  EXPECT_EQ(MakeFloatFormat(2, 0).max_finite(), 2);
  EXPECT_EQ(MakeFloatFormat(2, 0).min_positive(), 1);
  EXPECT_EQ(MakeFloatFormat(2, 1).max_finite(), 3);
  EXPECT_EQ(MakeFloatFormat(2, 1).min_positive(), 0.5);
  // One mantissa bit and NaN only: 1.1 is the NaN of the top binade, 1.0 a value (OCP e2m1 but for
  // it).
  const FloatFormat nan_only{3, 1, Specials::kNanOnly, Overflow::kSaturate};
  EXPECT_EQ(nan_only.max_exponent(), 4);
  EXPECT_EQ(nan_only.max_finite(), 16);
}

// Every encoding of every format of at most 11 bits, and of fp16 and bf16.
TEST(FloatFormat, EncodingsCountUpThroughTheValues) {
  EXPECT_EQ(CheckByCounting(kFp16, 0x1p-24, 65504), 0x7c00u);
  EXPECT_EQ(CheckByCounting(kBf16, 0x1p-133, 0x1.fep127), 0x7f80u);
  EXPECT_EQ(CheckByCounting(kE5m2, 0x1p-16, 57344), 0x7cu);
  EXPECT_EQ(CheckByCounting(kE4m3, 0x1p-9, 448), 0x7fu);
  EXPECT_EQ(CheckByCounting({3, 1, Specials::kNanOnly, Overflow::kSaturate}, 0.125, 16), 15u);
  for (int e = 2; e <= 8; ++e) {
    for (int m = 0; 1 + e + m <= 11; ++m) {
      const int bias = (1 << (e - 1)) - 1;
      const double max = (2 - std::ldexp(1.0, -m)) * std::ldexp(1.0, bias);
      const uint32_t finite =
          CheckByCounting(MakeFloatFormat(e, m), std::ldexp(1.0, 1 - bias - m), max);
      EXPECT_EQ(finite, ((1u << e) - 1) << m) << e << ' ' << m;
    }
  }
}

TEST(FloatFormat, Bf16AndTf32AreTheTopBitsOfFp32) {
  const auto check = [](const FloatFormat& format, int dropped) {
    for (uint32_t code = 0; code < 1u << format.bits(); ++code) {
      const float value = FromBits(code << dropped);
      if (std::isnan(value)) {
        ASSERT_TRUE(std::isnan(Decode(format, code))) << code;
      } else {
        ASSERT_EQ(Bits(Decode(format, code)), Bits(value)) << code;
        ASSERT_EQ(Encode(format, value), code);
      }
    }
  };
  check(kBf16, 16);
  check(kTf32, 13);
}

TEST(FloatFormat, E5m2IsTheTopByteOfFp16) {
  for (uint32_t code = 0; code < 256; ++code) {
    EXPECT_EQ(Bits(Decode(kE5m2, code)), Bits(Decode(kFp16, code << 8))) << code;
  }
}

TEST(FloatFormat, Fp32EncodingsAreTheBits) {
  for (const uint32_t bits : {0x00000000u, 0x80000000u, 0x00000001u, 0x807fffffu, 0x00800000u,
                              0x3f800000u, 0xc0490fdbu, 0x7f7fffffu, 0x7f800000u, 0xff800000u}) {
    EXPECT_EQ(Encode(kFp32, FromBits(bits)), bits);
    EXPECT_EQ(Bits(Decode(kFp32, bits)), bits);
  }
}

TEST(FloatFormat, ZerosKeepTheirSign) {
  for (const NamedFormat& named : NamedFormats()) {
    const uint32_t sign = 1u << (named.format.bits() - 1);
    EXPECT_EQ(Bits(Decode(named.format, 0)), 0x00000000u) << named.name;
    EXPECT_EQ(Bits(Decode(named.format, sign)), 0x80000000u) << named.name;
    EXPECT_EQ(Encode(named.format, 0.0f), 0u) << named.name;
    EXPECT_EQ(Encode(named.format, -0.0f), sign) << named.name;
  }
}

TEST(FloatFormat, InfinityEncodings) {
  const auto check = [](const FloatFormat& format, uint32_t positive, uint32_t negative) {
    EXPECT_EQ(Decode(format, positive), kInfinity);
    EXPECT_EQ(Decode(format, negative), -kInfinity);
    EXPECT_EQ(Encode(format, kInfinity), positive);
    EXPECT_EQ(Encode(format, -kInfinity), negative);
  };
  check(kFp32, 0x7f800000, 0xff800000);
  check(kTf32, 0x3fc00, 0x7fc00);
  check(kBf16, 0x7f80, 0xff80);
  check(kFp16, 0x7c00, 0xfc00);
  check(kE5m2, 0x7c, 0xfc);
  EXPECT_THROW(Encode(kE4m3, kInfinity), Error);
  EXPECT_THROW(Encode(kE4m3, -kInfinity), Error);
  EXPECT_THROW(Encode(MakeFloatFormat(5, 0), kInfinity), Error);
}

TEST(FloatFormat, NanEncodings) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  // All encodings from `first` to the last of the sign are NaN; `made` is the one that Encode
  // makes.
  const auto check = [&](const FloatFormat& format, uint32_t first, uint32_t made) {
    const uint32_t sign = 1u << (format.bits() - 1);
    for (uint32_t code = first; code < sign; code += format.bits() == 32 ? 0x1fff : 1) {
      EXPECT_EQ(Bits(Decode(format, code)), 0x7fc00000u) << code;
      EXPECT_EQ(Bits(Decode(format, code | sign)), 0x7fc00000u) << code;
    }
    EXPECT_FALSE(std::isnan(Decode(format, first - 1)));
    EXPECT_EQ(Encode(format, nan), made);
    EXPECT_EQ(Encode(format, -nan), made);
    EXPECT_EQ(Encode(format, FromBits(0x7f800001)), made);  // A signalling NaN.
  };
  check(kFp32, 0x7f800001, 0x7fc00000);
  check(kTf32, 0x3fc01, 0x3fe00);
  check(kBf16, 0x7f81, 0x7fc0);
  check(kFp16, 0x7c01, 0x7e00);
  check(kE5m2, 0x7d, 0x7e);
  check(kE4m3, 0x7f, 0x7f);
  check(MakeFloatFormat(5, 0), 0x1f, 0x1f);
}

TEST(FloatFormat, EncodeRefusesWhatIsNotAValue) {
  EXPECT_THROW(Encode(kBf16, 1.001f), Error);
  EXPECT_THROW(Encode(kFp16, 65505.0f), Error);
  EXPECT_THROW(Encode(kFp16, 65536.0f), Error);
  EXPECT_THROW(Encode(kFp16, 0x1p-25f), Error);
  EXPECT_THROW(Encode(kE4m3, 480.0f), Error);  // Would be the NaN's encoding.
  EXPECT_THROW(Encode(kE4m3, 1.5f * 0x1p-9f), Error);
  EXPECT_THROW(Encode(MakeFloatFormat(4, 0), 3.0f), Error);
  try {
    Encode(kBf16, 1.25e-40f);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "1.25e-40 is not a value of bf16: round it into the format first");
  }
}

TEST(FloatFormat, MakeFloatFormatChecksItsRange) {
  for (const auto& [e, m] : {std::pair{1, 5}, {9, 5}, {5, -1}, {5, 24}}) {
    EXPECT_THROW(MakeFloatFormat(e, m), UsageError) << e << ' ' << m;
  }
  EXPECT_EQ(MakeFloatFormat(8, 23), kFp32);
  EXPECT_EQ(MakeFloatFormat(5, 2), kE5m2);
  // An IEEE-like format, unlike the OCP one: it has infinities.
  EXPECT_EQ(MakeFloatFormat(4, 3).max_finite(), 240);
  EXPECT_NE(MakeFloatFormat(4, 3), kE4m3);
  const FloatFormat powers{5, 0, Specials::kNanOnly, Overflow::kSaturate};
  EXPECT_EQ(MakeFloatFormat(5, 0), powers);
}

TEST(FloatFormat, Names) {
  for (const NamedFormat& named : NamedFormats()) {
    EXPECT_EQ(FindFormat(named.name), named.format);
    EXPECT_EQ(Name(named.format), named.name);
    EXPECT_FALSE(named.summary.empty());
  }
  EXPECT_EQ(FindFormat("fp17"), std::nullopt);
  EXPECT_EQ(Name(MakeFloatFormat(8, 7)), "bf16");
  EXPECT_EQ(Name(MakeFloatFormat(6, 9)), "float(6,9)");
  EXPECT_EQ(Name(MakeFloatFormat(4, 3)), "float(4,3)");
  FloatFormat saturating = kFp16;
  saturating.overflow = Overflow::kSaturate;
  EXPECT_EQ(Name(saturating), "fp16");
}

}  // namespace
}  // namespace mulberry
