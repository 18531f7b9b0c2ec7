// The scalar accumulators against exact numbers, found by search, and against adders that are
// rippled through bit by bit; small formats and words completely.
#include "mulberry/formats/accumulator.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "mulberry/base/error.h"
#include "mulberry/formats/quire.h"
#include "mulberry/formats/test_posit.h"

namespace mulberry {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Of a finite FP32 value.
TestFixed Fixed(float value) {
  int exponent;
  const float fraction = std::frexp(std::fabs(value), &exponent);
  return {std::signbit(value), static_cast<uint64_t>(std::ldexp(fraction, 24)), exponent - 24};
}

/// A small float format's values from 0 up, and what would come after the largest.
class Ladder {
 public:
  explicit Ladder(const FloatFormat& format) : format_(format) {
    uint32_t encoding = 0;
    while (std::isfinite(Decode(format, encoding))) {
      values_.push_back(Decode(format, encoding++));
    }
    const float gap = std::ldexp(1.0f, format.max_exponent() - format.mantissa_bits);
    values_.push_back(values_.back() + gap);
  }

  /// The finite values, of both signs.
  std::vector<float> Values() const {
    std::vector<float> values;
    for (size_t i = 0; i + 1 < values_.size(); ++i) {
      values.push_back(values_[i]);
      values.push_back(-values_[i]);
    }
    return values;
  }
  /// Halfway to the next larger one.
  float MidpointAbove(size_t i) const { return (values_[i] + values_[i + 1]) / 2; }
  size_t size() const { return values_.size() - 1; }

  /// A number other than zero, rounded by the definition: the nearer of its two neighbours, or of
  /// equally near ones that of even encoding.
  float Rounded(Rounding rounding, const TestFixed& exact) const {
    const float sign = exact.Sign() < 0 ? -1.0f : 1.0f;
    const TestFixed magnitude = exact.Sign() < 0 ? -exact : exact;
    size_t below = 0;
    while (below + 1 < values_.size() && Fixed(values_[below + 1]).Compare(magnitude) <= 0) ++below;
    size_t rounded = below;
    if (rounding == Rounding::kNearestEven && below + 1 < values_.size()) {
      const int side = magnitude.Compare(Fixed(MidpointAbove(below)));
      // Without a mantissa all significands but that of 0 are odd.
      const bool odd = format_.mantissa_bits == 0 ? below > 0 : below % 2 == 1;
      if (side > 0 || (side == 0 && odd)) ++rounded;
    }
    if (rounded + 1 < values_.size()) return sign * values_[rounded];
    if (rounding == Rounding::kTowardZero || format_.overflow == Overflow::kSaturate) {
      return sign * values_[values_.size() - 2];
    }
    return format_.specials == Specials::kNanOnly ? kNan : sign * kInfinity;
  }

 private:
  FloatFormat format_;
  std::vector<float> values_;
};

void ExpectSame(float expected, float actual) {
  if (std::isnan(expected) && std::isnan(actual)) return;
  ASSERT_EQ(std::bit_cast<uint32_t>(expected), std::bit_cast<uint32_t>(actual))
      << expected << ", got " << actual;
}

constexpr Rounding kRoundings[] = {Rounding::kNearestEven, Rounding::kTowardZero};

TEST(FloatAccumulator, EveryValueAndProductOfSmallFormatsIsRoundedOnce) {
  FloatFormat e4m3_nan = kE4m3;
  e4m3_nan.overflow = Overflow::kSpecial;
  for (const FloatFormat& format : {MakeFloatFormat(4, 3), kE5m2, kE4m3, e4m3_nan,
                                    MakeFloatFormat(3, 4), MakeFloatFormat(4, 0)}) {
    const Ladder ladder(format);
    for (const float sum : ladder.Values()) {
      std::vector<float> products = ladder.Values();
      // Sums at the midpoints of all neighbours, and so little beside them that FP32 does not tell.
      for (size_t i = 0; i < ladder.size(); ++i) {
        const float product = ladder.MidpointAbove(i) - sum;
        for (const float p :
             {product, std::nextafter(product, 0.0f), std::nextafter(product, 2 * product)}) {
          products.push_back(p);
        }
      }
      for (const float product : products) {
        const TestFixed exact = Fixed(sum) + Fixed(product);
        if (exact.Sign() == 0) continue;
        for (const Rounding rounding : kRoundings) {
          SCOPED_TRACE(testing::Message() << Name(format) << " " << sum << " + " << product);
          ExpectSame(ladder.Rounded(rounding, exact), AddRounded(format, rounding, sum, product));
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

// The product is far below the sum, and decides on which side of the midpoint it is: FP32, and
// double too, would round to the midpoint first.
TEST(FloatAccumulator, ProductsBelowFp32sAndDoublesPrecisionDecideTies) {
  const float near = 0x1.02p0f - 0x1p-23f;  // FP32's neighbour of the tie.
  const FloatFormat format = MakeFloatFormat(8, 6);
  for (const float tiny : {0x1p-30f, 0x1p-60f, 0x1p-100f, 0x1p-149f}) {
    EXPECT_EQ(AddRounded(format, Rounding::kNearestEven, 0x1.02p0f, -tiny), 1.0f);
    EXPECT_EQ(AddRounded(format, Rounding::kNearestEven, 0x1.02p0f, tiny), 0x1.04p0f);
    EXPECT_EQ(AddRounded(format, Rounding::kTowardZero, 0x1.04p0f, -tiny), 1.0f);
    EXPECT_EQ(AddRounded(format, Rounding::kNearestEven, -0x1.02p0f, tiny), -1.0f);
    EXPECT_EQ(AddRounded(format, Rounding::kNearestEven, near, tiny), 1.0f);
  }
}

TEST(FloatAccumulator, Fp32IsTheMachines) {
  std::mt19937 random(1);
  for (int i = 0; i < 300'000; ++i) {
    const float a = std::bit_cast<float>(static_cast<uint32_t>(random()));
    const uint32_t near = std::bit_cast<uint32_t>(a) ^ (random() >> random() % 32);
    const float b = std::bit_cast<float>(i % 2 ? near : static_cast<uint32_t>(random()));
    ExpectSame(a + b, AddRounded(kFp32, Rounding::kNearestEven, a, b));
    if (HasFatalFailure()) return;
  }
}

TEST(FloatAccumulator, WiderFormatsAreRoundedOnceToo) {
  std::mt19937 random(2);
  for (const FloatFormat& format : {kBf16, kFp16, kTf32, MakeFloatFormat(8, 22),
                                    MakeFloatFormat(8, 23), MakeFloatFormat(6, 9)}) {
    for (int i = 0; i < 100'000; ++i) {
      const auto value = [&] {
        const int exponent = static_cast<int>(random() % 40) - 20;
        return std::ldexp(static_cast<float>(random() >> 8) - 0x1p23f, exponent - 23);
      };
      const float a = Round(format, Rounding::kTowardZero, value()), b = value();
      const TestFixed exact = Fixed(a) + Fixed(b);
      const float sum = AddRounded(format, Rounding::kNearestEven, a, b);
      const float below = AddRounded(format, Rounding::kTowardZero, a, b);
      if (exact.Sign() == 0 || !(std::fabs(below) < format.max_finite())) continue;
      // The value toward zero, the next one beyond, and which of them is nearer.
      const TestFixed magnitude = exact.Sign() < 0 ? -exact : exact;
      const float low = std::fabs(below);
      const uint32_t encoding = Encode(format, low);
      const float high = Decode(format, encoding + 1);
      ASSERT_LE(Fixed(low).Compare(magnitude), 0);
      ASSERT_LT(magnitude.Compare(Fixed(high)), 0);
      const int side = (magnitude + magnitude).Compare(Fixed(low) + Fixed(high));
      const bool up = side > 0 || (side == 0 && encoding % 2 == 1);
      ExpectSame(up ? high : low, std::fabs(sum));
      ASSERT_EQ(std::signbit(sum), exact.Sign() < 0);
    }
  }
}

TEST(FloatAccumulator, SpecialsAreFp32sThenTheFormats) {
  const auto add = [](const FloatFormat& format, float a, float b) {
    return AddRounded(format, Rounding::kNearestEven, a, b);
  };
  EXPECT_EQ(add(kFp16, 1, kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(add(kFp16, kInfinity, -kInfinity)));
  EXPECT_TRUE(std::isnan(add(kFp16, 1, kNan)));
  EXPECT_EQ(add(kFp16, 65504, 65504), kInfinity);
  EXPECT_EQ(add(kFp16, 65504, 15), 65504);
  EXPECT_EQ(add(kE4m3, 1, kInfinity), 448);
  EXPECT_EQ(add(kE4m3, 448, 448), 448);
  EXPECT_EQ(AddRounded(kFp16, Rounding::kTowardZero, 65504, 65504), 65504);
  ExpectSame(0.0f, add(kFp16, 1, -1));
  ExpectSame(0.0f, add(kFp16, 0.0f, -0.0f));
  ExpectSame(-0.0f, add(kFp16, 0.0f, -0x1p-40f));  // Underflow keeps the sign.
  FloatSum sum({.format = kFp16});
  sum.Add(-0.0f);
  ExpectSame(0.0f, sum.Result());
}

// Wang et al. (2018): long sums in few bits swamp, and those of chunks do not.
TEST(FloatAccumulator, ChunksAreSummedByThemselves) {
  const auto sum_of_ones = [](int count, int chunk) {
    FloatSum sum({.format = kBf16, .chunk = chunk});
    for (int i = 0; i < count; ++i) sum.Add(1.0f);
    return sum.Result();
  };
  EXPECT_EQ(sum_of_ones(4096, 0), 256.0f);
  EXPECT_EQ(sum_of_ones(4096, 64), 4096.0f);
  EXPECT_EQ(sum_of_ones(4096, 1), 256.0f);
  EXPECT_EQ(sum_of_ones(300, 256), 256.0f + 44.0f);
  EXPECT_EQ(sum_of_ones(0, 4), 0.0f);

  std::mt19937 random(3);
  for (const int chunk : {1, 2, 3, 7, 64, 1000}) {
    for (const Rounding rounding : kRoundings) {
      const FloatAccumulator accumulator{.format = kE5m2, .rounding = rounding, .chunk = chunk};
      for (int count = 0; count < 30; ++count) {
        FloatSum sum(accumulator);
        float total = 0.0f;
        std::vector<float> products;
        for (int i = 0; i < count; ++i) {
          products.push_back(static_cast<float>(random() % 2001) / 100 - 10);
          sum.Add(products.back());
        }
        for (int first = 0; first < count; first += chunk) {
          float part = 0.0f;
          for (int i = first; i < std::min(count, first + chunk); ++i) {
            part = AddRounded(kE5m2, rounding, part, products[static_cast<size_t>(i)]);
          }
          total = AddRounded(kE5m2, rounding, total, part);
        }
        ExpectSame(total, sum.Result());
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(RoundDouble, IsTheRoundingOfFp32Values) {
  std::mt19937 random(4);
  for (const FloatFormat& format : {kFp32, kBf16, kFp16, kE4m3, kE5m2, MakeFloatFormat(4, 0)}) {
    for (int i = 0; i < 50'000; ++i) {
      const float value = std::bit_cast<float>(static_cast<uint32_t>(random()));
      for (const Rounding rounding :
           {Rounding::kNearestEven, Rounding::kTowardZero, Rounding::kNearestUp}) {
        ExpectSame(Round(format, rounding, value), RoundDouble(format, rounding, double{value}));
        if (HasFatalFailure()) return;
      }
    }
  }
  EXPECT_EQ(RoundDouble(kFp32, Rounding::kNearestEven, 1 + 0x1.000001p-24), 1 + 0x1p-23f);
  EXPECT_EQ(RoundDouble(kFp32, Rounding::kNearestEven, 1e300), kInfinity);
  EXPECT_THROW(RoundDouble(kFp32, Rounding::kStochastic, 1.0), Error);
}

constexpr int kRippleBits = 100;
using Bits = std::array<bool, kRippleBits>;

Bits ToBits(int64_t value) {
  Bits bits;
  for (int i = 0; i < kRippleBits; ++i) bits[static_cast<size_t>(i)] = value >> std::min(i, 63) & 1;
  return bits;
}

/// The adder as gates: a full adder for each bit from k on, ORs or nothing below.
int64_t Rippled(const WordAccumulator& accumulator, int64_t word, int64_t product) {
  const Bits a = ToBits(word), b = ToBits(product);
  Bits sum{};
  bool carry = false;
  for (size_t i = 0; i < kRippleBits; ++i) {
    const bool low = static_cast<int>(i) < accumulator.adder.bits;
    if (low && accumulator.adder.kind == AdderKind::kLowerOr) {
      sum[i] = a[i] || b[i];
      carry = a[i] && b[i];  // That of the last one is what the bits above get.
    } else if (!low || accumulator.adder.kind == AdderKind::kExact) {
      sum[i] = (a[i] != b[i]) != carry;
      carry = (a[i] && b[i]) || (carry && a[i] != b[i]);
    }
  }
  const auto n = static_cast<size_t>(accumulator.bits);
  bool fits = true;
  for (size_t i = n; i < kRippleBits; ++i) fits &= sum[i] == sum[n - 1];
  uint64_t bits = 0;
  for (size_t i = 0; i < 64; ++i) bits |= uint64_t{sum[std::min(i, n - 1)]} << i;
  if (fits || accumulator.overflow == WordOverflow::kWrap) return static_cast<int64_t>(bits);
  const uint64_t smallest = ~uint64_t{0} << (n - 1);
  return static_cast<int64_t>(sum[kRippleBits - 1] ? smallest : ~smallest);
}

/// Every adder of a word.
std::vector<Adder> Adders(int bits) {
  std::vector<Adder> adders = {{}};
  for (int k = 0; k < bits; ++k) {
    adders.push_back({AdderKind::kLowerOr, k});
    adders.push_back({AdderKind::kTruncated, k});
  }
  return adders;
}

TEST(WordAccumulator, EveryPairOfEightBitsThroughEveryAdder) {
  for (const Adder& adder : Adders(8)) {
    for (const WordOverflow overflow : {WordOverflow::kSaturate, WordOverflow::kWrap}) {
      const WordAccumulator accumulator{.bits = 8, .overflow = overflow, .adder = adder};
      SCOPED_TRACE(Name(adder));
      // What fills the word first: its values, and what saturates.
      for (int64_t first = -130; first <= 130; ++first) {
        const int64_t word = Rippled(accumulator, 0, first);
        for (int64_t second = -260; second <= 260; ++second) {
          WordSum sum(accumulator);
          sum.Add(first);
          sum.Add(second);
          ASSERT_EQ(sum.Result(), static_cast<float>(Rippled(accumulator, word, second)))
              << first << " then " << second;
        }
      }
    }
  }
}

TEST(WordAccumulator, AnyWidth) {
  std::mt19937_64 random(5);
  for (int bits = WordAccumulator::kMinBits; bits <= WordAccumulator::kMaxBits; ++bits) {
    for (const Adder& adder : Adders(bits)) {
      for (const WordOverflow overflow : {WordOverflow::kSaturate, WordOverflow::kWrap}) {
        const WordAccumulator accumulator{.bits = bits, .overflow = overflow, .adder = adder};
        WordSum sum(accumulator);
        int64_t word = 0;
        for (int i = 0; i < 20; ++i) {
          const int64_t product = static_cast<int64_t>(random()) >> random() % 64;
          sum.Add(product);
          word = Rippled(accumulator, word, product);
          ASSERT_EQ(sum.Result(), static_cast<float>(word)) << bits << " " << Name(adder);
        }
      }
    }
  }
}

// Products of floats are integers here, in units of 2^-30; the word counts units of 2^-fl.
TEST(WordAccumulator, ProductsOfFloatsAreRoundedToItsUnit) {
  std::mt19937 random(6);
  const std::vector<float> products = Ladder(kE5m2).Values();
  for (const auto& [integer_bits, fraction_bits] :
       {std::pair{3, 4}, {15, 16}, {0, 7}, {-3, 12}, {20, -6}, {2, 20}}) {
    const int bits = 1 + integer_bits + fraction_bits;
    for (const Adder& adder :
         {Adder{}, Adder{AdderKind::kLowerOr, 3}, Adder{AdderKind::kTruncated, 2}}) {
      for (const Rounding rounding : kRoundings) {
        for (const WordOverflow overflow : {WordOverflow::kSaturate, WordOverflow::kWrap}) {
          const WordAccumulator accumulator{.is_integer = false,
                                            .bits = bits,
                                            .fraction_bits = fraction_bits,
                                            .rounding = rounding,
                                            .overflow = overflow,
                                            .adder = adder};
          SCOPED_TRACE(Name(accumulator));
          for (int round = 0; round < 300; ++round) {
            WordSum sum(accumulator);
            int64_t word = 0;
            for (int i = 0; i < 6; ++i) {
              const float product = round < static_cast<int>(products.size()) && i == 0
                                        ? products[static_cast<size_t>(round)]
                                        : products[random() % products.size()];
              sum.Add(product);
              const auto exact = static_cast<int64_t>(std::ldexp(double{product}, 30));
              const int64_t magnitude = std::abs(exact), unit = int64_t{1} << (30 - fraction_bits);
              int64_t units = magnitude / unit;
              const int64_t twice_rest = 2 * (magnitude % unit);
              if (rounding == Rounding::kNearestEven &&
                  (twice_rest > unit || (twice_rest == unit && units % 2 == 1))) {
                ++units;
              }
              word = Rippled(accumulator, word, exact < 0 ? -units : units);
            }
            ExpectSame(static_cast<float>(std::ldexp(static_cast<double>(word), -fraction_bits)),
                       sum.Result());
            if (HasFatalFailure()) return;
          }
        }
      }
    }
  }
}

TEST(WordAccumulator, HugeProductsSaturateOrLeaveTheWord) {
  WordAccumulator accumulator{.is_integer = false, .bits = 64, .fraction_bits = 63};
  for (const float huge : {0x1p60f, 0x1p127f, kInfinity}) {
    WordSum sum(accumulator);
    sum.Add(huge);
    EXPECT_EQ(sum.Result(), 1.0f);  // 2^63 - 1 in units of 2^-63, in FP32.
    sum.Add(-huge);
    EXPECT_EQ(sum.Result(), -1.0f);
  }
  accumulator.overflow = WordOverflow::kWrap;
  WordSum sum(accumulator);
  sum.Add(0.25f);
  for (const float huge : {0x1p60f, -0x1p127f, 0x1.fffffep127f, 6.0f}) sum.Add(huge);
  EXPECT_EQ(sum.Result(), 0.25f);
  sum.Add(kInfinity);
  EXPECT_TRUE(std::isnan(sum.Result()));
}

TEST(WordAccumulator, NanIsNotLost) {
  WordSum sum({.is_integer = false, .bits = 16, .fraction_bits = 8});
  sum.Add(kNan);
  sum.Add(1.0f);
  EXPECT_TRUE(std::isnan(sum.Result()));
  WordSum zero({.is_integer = false, .bits = 16, .fraction_bits = 8});
  zero.Add(-0.0f);
  ExpectSame(0.0f, zero.Result());
}

ExactProduct ProductOf(float a, float b) {
  const UnpackedReal x = Unpack(double{a}), y = Unpack(double{b});
  // Significands of 53 bits, whose last 29 are zeros.
  return {.number = {.negative = x.negative != y.negative,
                     .significand = (x.significand >> 29) * (y.significand >> 29),
                     .exponent = x.exponent + y.exponent + 58}};
}

/// Whether `rounded` is the FP32 value nearest to the exact one.
bool IsNearest(const TestFixed& exact, float rounded) {
  if (exact.Sign() == 0) return std::bit_cast<uint32_t>(rounded) == 0;
  if (std::signbit(rounded) != (exact.Sign() < 0)) return false;
  const TestFixed twice = exact + exact;
  const int up = twice.Compare(Fixed(rounded) + Fixed(std::nextafter(rounded, kInfinity)));
  const int down = twice.Compare(Fixed(rounded) + Fixed(std::nextafter(rounded, -kInfinity)));
  const bool even = std::bit_cast<uint32_t>(rounded) % 2 == 0;
  return (up < 0 || (up == 0 && even)) && (down > 0 || (down == 0 && even));
}

TEST(ExactAccumulator, SumsOfFp32ProductsAreExactAndRoundedOnce) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    const int range = 1 + round % 60;
    const auto value = [&] {
      return std::ldexp(static_cast<float>(random() >> 8) - 0x1p23f,
                        static_cast<int>(random() % static_cast<unsigned>(range)) - range / 2 - 23);
    };
    ExactSum sum(std::nullopt);
    TestFixed exact;
    for (int i = 0; i < 20; ++i) {
      const float a = value(), b = i % 5 == 4 ? -a : value();
      sum.Add(ProductOf(a, b));
      const auto significand = [](float x) {
        int exponent;
        return static_cast<uint64_t>(std::ldexp(std::frexp(std::fabs(x), &exponent), 24));
      };
      if (a != 0 && b != 0) {
        exact =
            exact + TestFixed(std::signbit(a) != std::signbit(b), significand(a) * significand(b),
                              std::ilogb(a) + std::ilogb(b) - 46);
      }
      ASSERT_TRUE(IsNearest(exact, sum.Result())) << round << " " << sum.Result();
    }
  }
}

TEST(ExactAccumulator, NothingIsLostToLargeSums) {
  ExactSum sum(std::nullopt);
  sum.Add(ProductOf(0x1p127f, 0x1p127f));
  sum.Add(ProductOf(0x1.000002p-126f, 0x1.000002p-126f));
  EXPECT_EQ(sum.Result(), kInfinity);  // The rounded sum is beyond FP32; the sum is not.
  sum.Add(ProductOf(-0x1p127f, 0x1p127f));
  EXPECT_EQ(sum.Result(), 0.0f);
  for (int i = 0; i < 2; ++i) sum.Add(ProductOf(0x1p-75f, 0x1p-75f));
  EXPECT_EQ(sum.Result(), 0x1p-149f);  // FP32's subnormals.
}

TEST(ExactAccumulator, SpecialsGiveWhatTheyGiveInFp32) {
  for (const auto& [specials, expected] :
       std::vector<std::pair<std::vector<float>, float>>{{{kInfinity}, kInfinity},
                                                         {{-kInfinity, -kInfinity}, -kInfinity},
                                                         {{kInfinity, -kInfinity}, kNan},
                                                         {{kNan, 1}, kNan}}) {
    ExactSum sum(std::nullopt);
    for (const float special : specials) {
      sum.Add(special == 1 ? ProductOf(1, 1) : ExactProduct{.special = special});
    }
    sum.Add(ProductOf(-0x1p127f, 0x1p127f));
    ExpectSame(expected, sum.Result());
  }
}

TEST(ExactAccumulator, PositsAreTheQuires) {
  std::mt19937 random(8);
  for (const PositFormat& format : {PositFormat{8, 0}, {8, 1}, {8, 2}, {16, 1}, {12, 1}, {16, 2}}) {
    const uint32_t mask = format.nar() | format.maxpos();
    for (int round = 0; round < 300; ++round) {
      Quire quire(format);
      ExactSum sum(format);
      for (int i = 0; i < 20; ++i) {
        const uint32_t a = random() & mask, b = random() & mask;
        if (a == format.nar() || b == format.nar()) continue;
        quire.AddProduct(a, b);
        sum.Add(ProductOf(Decode(format, a), Decode(format, b)));
        ASSERT_EQ(Encode(format, sum.Result()), quire.ToPosit()) << Name(format);
      }
    }
  }
  ExactSum nar(PositFormat{8, 1});
  nar.Add({.special = kNan});
  EXPECT_TRUE(std::isnan(nar.Result()));
}

TEST(Accumulator, Names) {
  EXPECT_EQ(Name(Accumulator(StandardAccumulator())), "");
  EXPECT_EQ(Name(Accumulator(FloatAccumulator{.format = kFp16})), "fp16");
  EXPECT_EQ(Name(Accumulator(WordAccumulator{.bits = 24})), "int24");
  EXPECT_EQ(
      Name(Accumulator(WordAccumulator{.is_integer = false, .bits = 32, .fraction_bits = 24})),
      "fixed(7,24)");
  EXPECT_EQ(Name(Accumulator(ExactAccumulator())), "quire");
  EXPECT_EQ(Name(Adder{}), "exact");
  EXPECT_EQ(Name(Adder{AdderKind::kLowerOr, 4}), "loa(4)");
  EXPECT_EQ(Name(Adder{AdderKind::kTruncated, 3}), "trunc(3)");
}

}  // namespace
}  // namespace mulberry
