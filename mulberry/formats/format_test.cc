// What is said of formats of all kinds: how their values are multiplied, and their names in pairs.
#include "mulberry/formats/format.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "mulberry/base/error.h"
#include "mulberry/base/random.h"

namespace mulberry {
namespace {

TEST(Format, SaysHowItsValuesAreMultiplied) {
  EXPECT_EQ(KindOf(kBf16), ValueKind::kSignificands);
  EXPECT_EQ(KindOf(PositFormat{8, 1}), ValueKind::kSignificands);
  EXPECT_EQ(KindOf(IntegerFormat{8, true}), ValueKind::kIntegers);
  EXPECT_EQ(KindOf(FixedFormat{4, 11}), ValueKind::kIntegers);
  EXPECT_EQ(KindOf(DynamicFixedFormat{16}), ValueKind::kIntegers);
  EXPECT_EQ(KindOf(*FindBlockFormat("mxfp4")), ValueKind::kBlocks);
  EXPECT_EQ(SignificandBits(kBf16), 8);
  EXPECT_EQ(SignificandBits(PositFormat{16, 1}), 13);
  EXPECT_EQ(SignificandBits(FixedFormat{4, 11}), std::nullopt);
  EXPECT_EQ(IntegersOf(FixedFormat{4, 11}), (IntegerFormat{16, true}));
  EXPECT_EQ(IntegersOf(FixedFormat{5, 11}), std::nullopt);
  EXPECT_EQ(IntegersOf(FixedFormat{0, 2}), std::nullopt);
  EXPECT_EQ(IntegersOf(DynamicFixedFormat{4}), (IntegerFormat{4, true}));
  EXPECT_EQ(IntegersOf(kBf16), std::nullopt);
}

// A value of the fixed-point format is the integer that the product is given, times eps.
TEST(Format, FixedPointIsItsIntegersTimesEps) {
  const RandomStream random{1, 0};
  for (const FixedFormat format : {FixedFormat{4, 11}, {0, 3}, {-2, 9}, {9, -2}}) {
    const IntegerFormat integers = IntegersOf(format).value();
    for (const Rounding rounding : {Rounding::kNearestEven, Rounding::kNearestUp,
                                    Rounding::kTowardZero, Rounding::kStochastic}) {
      for (uint64_t i = 0; i < 20'000; ++i) {
        const auto value = std::bit_cast<float>(random.At(2 * i));
        if (std::isnan(value)) continue;
        const uint32_t number = random.At(2 * i + 1);
        const float integer = Round(integers, rounding, value / format.epsilon(), number);
        ASSERT_EQ(Round(format, rounding, value, number), integer * format.epsilon()) << value;
      }
    }
  }
}

// The elements' format holds every element of a block, and its largest is the block's.
TEST(Format, ElementsOfBlocksAreFloatsOrIntegers) {
  for (const NamedBlockFormat& named : NamedBlockFormats()) {
    const Format elements = ElementFormat(named.format);
    if (named.format.is_integer()) {
      EXPECT_EQ(elements, Format(IntegerFormat{8, true}));
      continue;
    }
    std::vector<float> block(static_cast<size_t>(named.format.block));
    const RandomStream random{2, 0};
    for (uint64_t turn = 0; turn < 500; ++turn) {
      for (size_t i = 0; i < block.size(); ++i) {
        block[i] = std::ldexp(static_cast<float>(random.At(turn * 64 + i)) - 0x1p31f,
                              -static_cast<int>(random.At(turn * 64 + i + 32) % 20));
      }
      const int scale = ScaleExponent(named.format, block.data(), named.format.block).value();
      RoundBlock(named.format, Rounding::kNearestEven, block.data(), block.data(),
                 named.format.block);
      for (const float value : block) {
        const float element = std::ldexp(value, -scale);
        const FloatFormat& format = std::get<FloatFormat>(elements);
        ASSERT_EQ(Round(format, Rounding::kTowardZero, element), element) << named.name;
      }
    }
  }
  EXPECT_EQ(ElementFormat(MakeBlockFloatingPoint(12, 16)), Format(IntegerFormat{12, true}));
}

TEST(OperandFormats, AreNamedOnceWhereTheyAreTheSame) {
  EXPECT_EQ(Name(OperandFormats(kBf16)), "bf16");
  EXPECT_EQ(Name(OperandFormats(PositFormat{8, 2}, PositFormat{8, 1})), "posit(8,2)xposit(8,1)");
}

// The least integer bits that do not overflow: with one fewer, an end of the tensor would.
TEST(DynamicFixedFormat, PutsThePointWhereTheTensorIs) {
  const DynamicFixedFormat format = MakeDynamicFixedFormat(8);
  EXPECT_EQ(FittedTo(format, 0.0f, 0.9f), (FixedFormat{0, 7}));
  // 127/128 is the largest value, and equality counts as overflow; so is -1.
  EXPECT_EQ(FittedTo(format, 0.0f, 0.9921875f), (FixedFormat{1, 6}));
  EXPECT_EQ(FittedTo(format, -1.0f, 0.0f), (FixedFormat{1, 6}));
  EXPECT_EQ(FittedTo(format, -100.0f, 3.0f), (FixedFormat{7, 0}));
  EXPECT_EQ(FittedTo(format, -0x1p-20f, 0x1.8p-20f), (FixedFormat{-19, 26}));
  EXPECT_EQ(FittedTo(format, 0.0f, 0.0f).fraction_bits, FixedFormat::kMaxExponent);
  EXPECT_EQ(FittedTo(format, 0.0f, 0x1p120f).integer_bits, FixedFormat::kMaxExponent);
  const RandomStream random{3, 0};
  for (uint64_t i = 0; i < 5000; ++i) {
    const float largest =
        std::ldexp(static_cast<float>(random.At(i)), -32 + static_cast<int>(i % 40));
    const FixedFormat fitted =
        FittedTo(MakeDynamicFixedFormat(4 + static_cast<int>(i % 13)), -largest / 2, largest);
    ASSERT_FALSE(Overflows(fitted, largest));
    ASSERT_TRUE(Overflows({fitted.integer_bits - 1, fitted.fraction_bits + 1}, largest));
  }
  EXPECT_THROW(MakeDynamicFixedFormat(1), UsageError);
  EXPECT_THROW(MakeDynamicFixedFormat(33), UsageError);
}

}  // namespace
}  // namespace mulberry
