// The facts of formats, against published figures and against the list of all their values; the
// list against rounding.
#include "mulberry/formats/format_facts.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

BlockFormat Block(std::string_view name) {
  return FindBlockFormat(name).value();
}
IntegerFormat Integer(std::string_view name) {
  return FindIntegerFormat(name).value();
}

/// Every format of at most 8 bits; of fixed point and blocks, some points and sizes.
std::vector<Format> SmallFormats() {
  std::vector<Format> formats = {kE4m3};
  for (int e = 2; e <= 7; ++e) {
    for (int m = 0; 1 + e + m <= 8; ++m) formats.push_back(MakeFloatFormat(e, m));
  }
  for (int n = 2; n <= 8; ++n) {
    for (int es = 0; es <= 6; ++es) {
      if (!WhyNotCarried({n, es})) formats.push_back(PositFormat{n, es});
    }
  }
  for (int bits = 4; bits <= 8; ++bits) {
    formats.push_back(IntegerFormat{bits, false});
    formats.push_back(IntegerFormat{bits, true});
  }
  for (int length = 1; length <= 7; ++length) {
    for (int il = -3; il <= 10; ++il) formats.push_back(MakeFixedFormat(il, length - il));
  }
  for (int bits = 2; bits <= 8; ++bits) formats.push_back(MakeDynamicFixedFormat(bits));
  for (const NamedBlockFormat& named : NamedBlockFormats()) formats.push_back(named.format);
  for (int bits = 2; bits <= 8; ++bits) formats.push_back(MakeBlockFloatingPoint(bits, 4));
  return formats;
}

std::set<double> FiniteValues(const Format& format) {
  std::set<double> values;
  for (const EncodedValue& v : AllValues(format)) {
    if (std::isfinite(v.value)) values.insert(v.value);
  }
  return values;
}

TEST(FormatFacts, AreThoseOfTheListOfValues) {
  for (const Format& format : SmallFormats()) {
    const FormatFacts facts = FactsOf(format);
    const std::set<double> values = FiniteValues(format);
    EXPECT_EQ(facts.values, static_cast<int64_t>(values.size())) << facts.name;
    EXPECT_EQ(facts.largest, *values.rbegin()) << facts.name;
    EXPECT_EQ(facts.lowest, *values.begin()) << facts.name;
    EXPECT_EQ(facts.smallest_positive, *values.upper_bound(0)) << facts.name;
    const auto above_one = values.upper_bound(1);
    const bool has_gap = values.contains(1) && above_one != values.end();
    ASSERT_EQ(facts.gap_at_one.has_value(), has_gap) << facts.name;
    if (!has_gap) continue;
    EXPECT_EQ(*facts.gap_at_one, *above_one - 1) << facts.name;
  }
}

/// The smallest normal value is the lowest from which on all are a constant relative gap apart.
TEST(FormatFacts, NormalValuesBeginWhereTheGapBeginsToGrow) {
  int checked = 0;
  for (const Format& format : SmallFormats()) {
    const FormatFacts facts = FactsOf(format);
    if (!facts.smallest_normal || *facts.smallest_normal * 4 > facts.largest) continue;
    const std::set<double> values = FiniteValues(format);
    const double normal = *facts.smallest_normal;
    const auto gap_above = [&](double x) { return *values.upper_bound(x) - x; };
    EXPECT_EQ(gap_above(2 * normal) / gap_above(normal), 2) << facts.name;
    EXPECT_EQ(gap_above(normal), normal == facts.smallest_positive ? normal : gap_above(0))
        << facts.name;
    ++checked;
  }
  EXPECT_GT(checked, 20);
}

/// Rounding where the scale of a block, and eps of dynamic fixed point, is 1.
double RoundInUnits(const Format& format, float x) {
  constexpr Rounding kRounding = Rounding::kNearestEven;
  if (const auto* block = std::get_if<BlockFormat>(&format)) {
    float elements[2] = {block->max_element(), x};
    RoundBlock(*block, kRounding, elements, elements, 2);
    return elements[1];
  }
  if (const auto* dynamic = std::get_if<DynamicFixedFormat>(&format)) {
    return Round(FixedFormat{dynamic->bits - 1, 0}, kRounding, x);
  }
  return std::visit(
      [&]<typename F>(const F& f) -> double {
        if constexpr (requires { Round(f, kRounding, x); }) return Round(f, kRounding, x);
        throw Error("{} has no rounding", Name(f));
      },
      format);
}

TEST(AllValues, AreWhatRoundingGives) {
  for (const Format& format : SmallFormats()) {
    const FormatFacts facts = FactsOf(format);
    const std::set<double> values = FiniteValues(format);
    const auto round = [&](double x) { return RoundInUnits(format, static_cast<float>(x)); };
    for (auto low = values.begin(), high = std::next(low); high != values.end(); ++low, ++high) {
      EXPECT_EQ(round(*low), *low) << facts.name;
      for (const double x : {*low * 0.75 + *high * 0.25, *low * 0.25 + *high * 0.75}) {
        const double rounded = round(x);
        EXPECT_TRUE(rounded == *low || rounded == *high) << facts.name << " " << x;
      }
    }
    EXPECT_EQ(round(*values.rbegin()), *values.rbegin()) << facts.name;
  }
}

TEST(AllValues, ListsEveryEncodingOnceAndWhatIsNoNumber) {
  const auto specials = [](const Format& format) {
    std::vector<std::string> list;
    for (const EncodedValue& v : AllValues(format)) {
      if (!v.special.empty()) list.push_back(fmt::format("{:02x} {}", v.encoding, v.special));
    }
    return list;
  };
  using List = std::vector<std::string>;
  EXPECT_EQ(specials(kE4m3), (List{"7f NaN", "ff NaN"}));
  const List e5m2 = {"7c infinity",  "7d NaN", "7e NaN", "7f NaN",
                     "fc -infinity", "fd NaN", "fe NaN", "ff NaN"};
  EXPECT_EQ(specials(kE5m2), e5m2);
  EXPECT_EQ(specials(Block("mxfp8(e5m2)")), e5m2);
  EXPECT_EQ(specials(Block("mxfp8(e4m3)")), (List{"7f NaN", "ff NaN"}));
  EXPECT_EQ(specials(Block("mxfp6(e3m2)")), List{});
  EXPECT_EQ(specials(Block("mxfp4")), List{});
  EXPECT_EQ(specials(Block("mxint8")), List{"80 not used"});
  EXPECT_EQ(specials(PositFormat{8, 1}), List{"80 NaR"});
  EXPECT_EQ(specials(Integer("int8")), List{});
  const std::vector<EncodedValue> values = AllValues(kE4m3);
  ASSERT_EQ(values.size(), 256u);
  for (uint32_t i = 0; i < 256; ++i) EXPECT_EQ(values[i].encoding, i);
}

/// The elements of fp4 in the MX specification, table 5; a posit of table 1 of Gustafson and
/// Yonemoto's kind.
TEST(AllValues, AreThePublishedOnes) {
  std::vector<double> fp4;
  for (const EncodedValue& v : AllValues(Block("mxfp4"))) fp4.push_back(v.value);
  EXPECT_EQ(fp4,
            (std::vector<double>{0, 0.5, 1, 1.5, 2, 3, 4, 6, 0, -0.5, -1, -1.5, -2, -3, -4, -6}));
  EXPECT_EQ(AllValues(Block("mxint8"))[0x7f].value, 1.984375);
  EXPECT_EQ(AllValues(MakeFixedFormat(3, 4))[0x81].value, -7.9375);
}

TEST(AllValues, SetsTheFieldsApart) {
  const auto fields = [](const Format& format, size_t encoding) {
    return AllValues(format)[encoding].fields;
  };
  EXPECT_EQ(fields(kE4m3, 0x38), "0 0111 000");
  EXPECT_EQ(fields(Block("mxfp6(e2m3)"), 0x2b), "1 01 011");
  EXPECT_EQ(fields(MakeFloatFormat(7, 0), 0x3f), "0 0111111");
  EXPECT_EQ(fields(PositFormat{8, 1}, 0x40), "0 10 0 0000");
  EXPECT_EQ(fields(PositFormat{8, 1}, 0x7f), "0 1111111");
  EXPECT_EQ(fields(PositFormat{8, 1}, 0x7d), "0 111110 1");
  EXPECT_EQ(fields(PositFormat{8, 1}, 0x01), "0 0000001");
  EXPECT_EQ(fields(PositFormat{8, 1}, 0xc0), "1 1000000");
  EXPECT_EQ(fields(PositFormat{2, 0}, 0x01), "0 1");
  EXPECT_EQ(fields(Integer("uint8"), 0x81), "10000001");
  EXPECT_EQ(fields(Integer("int8"), 0x81), "1 0000001");
  EXPECT_EQ(fields(MakeFixedFormat(3, 4), 0x81), "1 000 0001");
  EXPECT_EQ(fields(MakeFixedFormat(-2, 5), 0x3), "0 011");
  EXPECT_EQ(fields(Block("mxint8"), 0x41), "01 000001");
}

TEST(AllValues, RefusesWideFormats) {
  EXPECT_THROW(AllValues(kBf16), UsageError);
  EXPECT_THROW(AllValues(Integer("uint9")), UsageError);
  EXPECT_THROW(AllValues(PositFormat{8, 8}), UsageError);
  EXPECT_THROW(FactsOf(PositFormat{32, 2}), UsageError);
}

/// Where there are too many values to list.
TEST(FormatFacts, OfWideFormatsArePublishedOrCounted) {
  EXPECT_EQ(FactsOf(kFp32).values, 4278190079);  // 2·(2^31 - 2^23) - 1.
  EXPECT_EQ(FactsOf(kFp16).values, 63487);
  EXPECT_EQ(*FactsOf(kFp16).gap_at_one, 0x1p-10);
  EXPECT_EQ(FactsOf(PositFormat{16, 1}).values, 65535);
  EXPECT_EQ(*FactsOf(PositFormat{16, 1}).gap_at_one, 0x1p-12);
  EXPECT_NEAR(FactsOf(kFp16).decades(), 12.04, 0.005);
  EXPECT_EQ(FactsOf(Block("mxfp8")).bits_per_value, 8.25);
  EXPECT_EQ(FactsOf(MakeBlockFloatingPoint(4, 16)).bits_per_value, 4.5);
  EXPECT_EQ(FactsOf(MakeFixedFormat(4, 27)).bits, 32);
}

/// Above 24 bits the values of fixed point are those that FP32 has, counted here in FP32.
TEST(FormatFacts, FixedPointWiderThanFp32IsCounted) {
  for (const int length : {23, 25}) {
    const FixedFormat format = MakeFixedFormat(2, length - 2);
    int64_t positive = 0;
    for (float x = format.epsilon(); x <= format.max();) {
      positive += Round(format, Rounding::kNearestUp, x) == x;
      x = std::max(std::nextafter(x, HUGE_VALF), x + format.epsilon());
    }
    EXPECT_EQ(FactsOf(format).values, 2 * positive + 2) << length;
    const float one = 1.0f;
    EXPECT_EQ(*FactsOf(format).gap_at_one,
              std::max(std::nextafter(one, 2.0f), one + format.epsilon()) - one);
  }
}

TEST(NumberText, IsShortAndUnambiguous) {
  EXPECT_EQ(NumberText(0), "0");
  EXPECT_EQ(NumberText(1), "1");
  EXPECT_EQ(NumberText(-128), "-128");
  EXPECT_EQ(NumberText(512), "512");
  EXPECT_EQ(NumberText(4096), "2^12");
  EXPECT_EQ(NumberText(-4096), "-2^12");
  EXPECT_EQ(NumberText(0.5), "2^-1");
  EXPECT_EQ(NumberText(57344), "57344");
  EXPECT_EQ(NumberText(1.984375), "1.9844");
  EXPECT_EQ(NumberText(MakeFixedFormat(4, 11).max()), "16 - 2^-11");
  EXPECT_EQ(NumberText(MakeFixedFormat(0, 20).max()), "1 - 2^-20");
  EXPECT_EQ(NumberText(65535), "65535");
  EXPECT_EQ(NumberText(kFp32.max_finite()), "3.4028e+38");
}

}  // namespace
}  // namespace mulberry
