// Quantizers: steps and zero points against Jacob et al.'s equations, and integers against their
// definition in doubles.
#include "mulberry/formats/quantizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace mulberry {
namespace {

using enum Scaling::Kind;

constexpr IntegerFormat kInt8{8, true}, kUint8{8, false}, kInt4{4, true};

TEST(FitQuantizer, MaxPutsTheLargestMagnitudeAtTheLargestInteger) {
  EXPECT_EQ(FitQuantizer(kInt8, {kMax}, {-2.54f, 1.0f}), (Quantizer{kInt8, 2.54f / 127, 0}));
  EXPECT_EQ(FitQuantizer(kUint8, {kMax}, {0.0f, 51.0f}), (Quantizer{kUint8, 51.0f / 255, 0}));
  EXPECT_EQ(FitQuantizer(kInt4, {kMax}, {0.0f, 14.0f}), (Quantizer{kInt4, 2.0f, 0}));
}

TEST(FitQuantizer, PowerIsTheStep) {
  EXPECT_EQ(FitQuantizer(kInt8, {kPower, -4}, {-9.0f, 9.0f}), (Quantizer{kInt8, 0x1p-4f, 0}));
}

TEST(FitQuantizer, AffineTakesTheRangeToTheFormats) {
  EXPECT_EQ(FitQuantizer(kUint8, {kAffine}, {-1.0f, 1.5f}), (Quantizer{kUint8, 2.5f / 255, 102}));
  EXPECT_EQ(FitQuantizer(kInt8, {kAffine}, {-1.0f, 1.5f}), (Quantizer{kInt8, 2.5f / 255, -26}));
  // What ReLU leaves needs no zero point of unsigned integers.
  EXPECT_EQ(FitQuantizer(kUint8, {kAffine}, {0.0f, 6.0f}).zero, 0);
  EXPECT_EQ(FitQuantizer(kUint8, {kAffine}, {-6.0f, 0.0f}).zero, 255);
  for (const IntegerFormat& format : {kInt8, kUint8, kInt4, IntegerFormat{16, false}}) {
    for (float smallest = -3.0f; smallest <= 0.0f; smallest += 0.37f) {
      for (float largest = 0.0f; largest < 5.0f; largest += 0.41f) {
        const Quantizer quantizer = FitQuantizer(format, {kAffine}, {smallest, largest});
        if (smallest == largest) continue;
        // Zero is exact, and the ends are within half a step of their values.
        EXPECT_EQ(Quantize(quantizer, Rounding::kNearestEven, 0.0f),
                  static_cast<float>(quantizer.zero));
        for (const float end : {smallest, largest}) {
          const float q = Quantize(quantizer, Rounding::kNearestEven, end);
          const double back = double{quantizer.step} * (double{q} - quantizer.zero);
          EXPECT_LE(std::abs(back - end), 0.51 * quantizer.step) << end;
          EXPECT_LE(std::abs(q - (end == smallest ? format.min() : format.max())), 1.0f) << end;
        }
      }
    }
  }
}

TEST(FitQuantizer, TensorsOfZerosAndExtremes) {
  for (const Scaling::Kind kind : {kMax, kAffine}) {
    EXPECT_EQ(FitQuantizer(kUint8, {kind}, {0.0f, 0.0f}), (Quantizer{kUint8, 1.0f, 0}));
    EXPECT_EQ(FitQuantizer(kInt8, {kind}, {0.0f, 0x1p-149f}).step, 1.0f);
    constexpr float kLargest = std::numeric_limits<float>::max();
    const Quantizer wide = FitQuantizer(kUint8, {kind}, {-kLargest, kLargest});
    EXPECT_TRUE(std::isfinite(wide.step));
  }
}

TEST(Quantize, ClampsAroundTheZeroPoint) {
  const Quantizer quantizer{kUint8, 0.5f, 100};
  const auto q = [&](float x) { return Quantize(quantizer, Rounding::kNearestEven, x); };
  EXPECT_EQ(q(0.0f), 100.0f);
  EXPECT_EQ(q(1.0f), 102.0f);
  EXPECT_EQ(q(0.25f), 100.0f);  // Ties to even before the zero point is added: of 0.5 and 1.5.
  EXPECT_EQ(q(0.75f), 102.0f);
  EXPECT_EQ(q(-50.0f), 0.0f);
  EXPECT_EQ(q(-51.0f), 0.0f);
  EXPECT_EQ(q(77.5f), 255.0f);
  EXPECT_EQ(q(78.0f), 255.0f);
  EXPECT_EQ(q(std::numeric_limits<float>::infinity()), 255.0f);
  EXPECT_EQ(q(-std::numeric_limits<float>::infinity()), 0.0f);
  EXPECT_EQ(q(std::numeric_limits<float>::quiet_NaN()), 100.0f);
  EXPECT_EQ(Quantize(quantizer, Rounding::kTowardZero, -0.9f), 99.0f);
  EXPECT_FALSE(std::signbit(Quantize({kInt8}, Rounding::kNearestEven, -0.25f)));
}

// Where no zero point moves it, an integer is Round's of the quotient.
TEST(Quantize, IsRoundOfTheQuotientWithoutAZeroPoint) {
  for (int i = -3000; i < 3000; ++i) {
    const float x = static_cast<float>(i) / 17.0f;
    for (const Rounding rounding : {Rounding::kNearestEven, Rounding::kNearestUp,
                                    Rounding::kTowardZero, Rounding::kStochastic}) {
      EXPECT_EQ(Quantize({kInt8, 0.75f}, rounding, x, 0x40000000),
                Round(kInt8, rounding, x / 0.75f, 0x40000000));
    }
  }
}

}  // namespace
}  // namespace mulberry
