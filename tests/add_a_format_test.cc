// docs/add-a-format.md, done: its example is built into a variant and a table of names with one
// line more each, and is then a format like any other.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <set>

#include "mulberry/arithmetic/format_parser.h"
#include "mulberry/base/error.h"
#include "mulberry/formats/format_facts.h"
#include "mulberry/formats/rounding_error.h"

namespace mulberry {
namespace {

std::string TextOf(const std::string& file) {
  std::ifstream stream(std::string(MULBERRY_SOURCE_DIR) + "/" + file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Format FormatOfName(std::string_view name) {
  Scanner scanner(name);
  return ScanFormat(scanner);
}

TEST(AddAFormat, IsNamedAndShownLikeAnyOther) {
  for (int bits = 3; bits <= 8; ++bits) {
    const Format format = FormatOfName(fmt::format("log2({})", bits));
    EXPECT_EQ(Name(format), fmt::format("log2({})", bits));
    const FormatFacts facts = FactsOf(format);
    std::set<double> values;
    for (const EncodedValue& v : AllValues(format)) values.insert(v.value);
    EXPECT_EQ(facts.values, static_cast<int64_t>(values.size()));
    EXPECT_EQ(facts.largest, *values.rbegin());
    EXPECT_EQ(facts.lowest, *values.begin());
    EXPECT_EQ(facts.smallest_positive, *values.upper_bound(0));
    EXPECT_EQ(*facts.gap_at_one, *values.upper_bound(1) - 1);
  }
  EXPECT_EQ(AllValues(FormatOfName("log2(4)"))[0xc].value, -1);
  EXPECT_EQ(AllValues(FormatOfName("log2(4)"))[0xc].fields, "1 100");
  EXPECT_THROW(FormatOfName("log2(9)"), UsageError);
}

/// Between neighbours the nearer in the logarithm, all values included, and beyond both ends.
TEST(AddAFormat, RoundsToTheNearestExponent) {
  for (int bits = 3; bits <= 8; ++bits) {
    const Log2Format format = MakeLog2Format(bits);
    const int most = format.max_exponent();
    const auto round = [&](double x) {
      return Round(format, Rounding::kNearestEven, static_cast<float>(x));
    };
    for (int k = -most; k <= most; ++k) {
      const double value = std::ldexp(1.0, k);
      EXPECT_EQ(round(value), value);
      EXPECT_EQ(round(-value), -value);
      EXPECT_EQ(round(value * 1.4142), value);
      EXPECT_EQ(round(value * 1.4143), k == most ? value : 2 * value);
    }
    const double smallest = std::ldexp(1.0, -most);
    EXPECT_EQ(round(smallest / 1.4142), smallest);
    EXPECT_EQ(round(smallest / 1.4143), 0);
    EXPECT_EQ(round(smallest * 0x1p-20), 0);
    EXPECT_EQ(round(1e38), std::ldexp(1.0, most));
    EXPECT_EQ(round(-HUGE_VAL), -std::ldexp(1.0, most));
    EXPECT_EQ(round(NAN), 0);
    EXPECT_FALSE(std::signbit(round(-0.0)));
    EXPECT_FALSE(std::signbit(round(-smallest / 2)));
  }
}

TEST(AddAFormat, RoundsTowardZeroAndByChance) {
  const Log2Format format = MakeLog2Format(4);
  EXPECT_EQ(Round(format, Rounding::kTowardZero, -1.99f), -1);
  EXPECT_EQ(Round(format, Rounding::kTowardZero, 0.1249f), 0);
  // 1.25 is a quarter of the way from 1 to 2.
  EXPECT_EQ(Round(format, Rounding::kStochastic, 1.25f, (1u << 30) - 1), 2);
  EXPECT_EQ(Round(format, Rounding::kStochastic, 1.25f, 1u << 30), 1);
  // 1/32 of the way from 0 to 1/8.
  EXPECT_EQ(Round(format, Rounding::kStochastic, 0x1p-8f, (1u << 27) - 1), 0.125f);
  EXPECT_EQ(Round(format, Rounding::kStochastic, 0x1p-8f, 1u << 27), 0);
}

/// The largest is where a square root of two is rounded up or down.
TEST(AddAFormat, HasAnErrorCurve) {
  const BinadeError error = RelativeErrors(FormatOfName("log2(8)"), 5, 5).front();
  EXPECT_NEAR(error.largest, std::sqrt(2.0) - 1, 0.001);
}

/// Indented as code of the page.
std::string Shown(const std::string& code) {
  std::string shown;
  bool at_line_start = true;
  for (const char c : code) {
    if (at_line_start && c != '\n') shown += "    ";
    shown += c;
    at_line_start = c == '\n';
  }
  return shown;
}

TEST(AddAFormat, ThePageShowsTheExampleAsItIs) {
  const std::string page = TextOf("docs/add-a-format.md"),
                    example = TextOf("examples/log2_format.cc"),
                    parser = TextOf("tests/log2_parser.txt");
  const size_t begin = example.find("float Round("), end = example.find("FormatFacts Facts(");
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(parser, "");
  for (const std::string& code : {example.substr(begin, end - begin), parser}) {
    EXPECT_NE(page.find(Shown(code)), std::string::npos) << Shown(code);
  }
}

}  // namespace
}  // namespace mulberry
