// docs/numerics.md against the code: the table of each named format, and of some posits, is what
// the code computes, and every test that the page names exists. Where the page is behind, the
// failure prints the table.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "mulberry/formats/posit.h"
#include "mulberry/formats/quire.h"
#include "mulberry/formats/rounding.h"

namespace mulberry {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(MULBERRY_SOURCE_DIR "/" + path);
  EXPECT_TRUE(file) << "cannot read " << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string Page() {
  return ReadFile("docs/numerics.md");
}

/// The texts between backticks.
std::vector<std::string> CodeSpans(const std::string& text) {
  std::vector<std::string> spans;
  std::istringstream stream(text);
  for (std::string outside, span; std::getline(stream, outside, '`');) {
    if (std::getline(stream, span, '`')) spans.push_back(span);
  }
  return spans;
}

/// Whether a code span is a test's name: `Suite.Name`, letters and digits only.
bool IsTestName(const std::string& span) {
  const auto is_part = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '.';
  };
  return !span.empty() && std::isupper(static_cast<unsigned char>(span[0])) &&
         std::ranges::count(span, '.') == 1 && std::ranges::all_of(span, is_part);
}

/// A number in full: integers as they are, others as k·2^n with odd k and, rounded, in decimal.
std::string Exact(double x) {
  if (std::isinf(x)) return "infinity";
  if (x == std::floor(x) && x < 1e6) return fmt::format("{}", x);
  int exponent;
  double odd = std::frexp(x, &exponent);
  for (; odd != std::floor(odd); odd *= 2) --exponent;
  const std::string factor = odd == 1 ? "" : fmt::format("{}·", odd);
  return fmt::format("{}2^{} ≈ {:.4e}", factor, exponent, x);
}

/// A result for a magnitude, which stands for both signs (NaN has none), in the words of the table.
std::string Result(const FloatFormat& format, float result) {
  if (std::isnan(result)) return "NaN";
  if (result == format.max_finite()) return "±largest";
  if (result == format.min_positive()) return "±smallest";
  return "±" + Exact(result);
}

std::string Code(const FloatFormat& format, uint32_t encoding) {
  return fmt::format("`0x{:0{}x}`", encoding, (format.bits() + 3) / 4);
}

std::string NanEncodings(const FloatFormat& format) {
  const uint32_t sign = 1u << (format.bits() - 1), last = sign - 1;
  const bool one = format.specials == Specials::kNanOnly;
  const uint32_t first = one ? last : Encode(format, INFINITY) + 1;
  const auto range = [&](uint32_t s) {
    return (one ? "" : Code(format, s | first) + " to ") + Code(format, s | last);
  };
  return fmt::format("{} and {}; written as {}", range(0), range(sign),
                     Code(format, Encode(format, NAN)));
}

std::string Underflow(const FloatFormat& format) {
  if (format.mantissa_bits == kFp32.mantissa_bits) return "nothing underflows";
  const float tie = format.min_positive() / 2;
  const auto rounded = [&](float x) {
    return Result(format, Round(format, Rounding::kNearestEven, x));
  };
  return fmt::format("{} (the tie) and below to {}, above to {}", Exact(tie), rounded(tie),
                     rounded(std::nextafter(tie, 1.0f)));
}

std::string Overflowing(FloatFormat format, Overflow overflow) {
  format.overflow = overflow;
  const auto rounded = [&](float x) {
    return Result(format, Round(format, Rounding::kNearestEven, x));
  };
  const std::string infinity = "±infinity to " + rounded(INFINITY);
  if (format.mantissa_bits == kFp32.mantissa_bits) return infinity;
  const float half_gap = std::ldexp(1.0f, format.max_exponent() - format.mantissa_bits - 1);
  const float tie = format.max_finite() + half_gap;
  return fmt::format("above largest, below {} to {}, at it (the tie) to {}, above to {}; {}",
                     Exact(tie), rounded(std::nextafter(tie, 0.0f)), rounded(tie),
                     rounded(std::nextafter(tie, INFINITY)), infinity);
}

/// The format's table as the page should have it.
std::string ExpectedTable(const FloatFormat& format) {
  std::string table = "| Line | What holds | Test |\n|---|---|---|\n";
  const auto row = [&](const std::string& line, const std::string& what,
                       const std::vector<std::string>& tests) {
    table += fmt::format("| {} | {} | `{}` |\n", line, what, fmt::join(tests, "`, `"));
  };
  const auto code = [&](float x) { return Code(format, Encode(format, x)); };
  const auto figure = [&](const std::string& line, float x) {
    row(line, fmt::format("{}, {}", Exact(x), code(x)), {"FloatFormat.PublishedFigures"});
  };
  row("bits",
      fmt::format("{}: 1 sign, {} exponent, {} mantissa", format.bits(), format.exponent_bits,
                  format.mantissa_bits),
      {"FloatFormat.PublishedFigures"});
  row("exponent bias", fmt::format("{}", format.bias()), {"FloatFormat.PublishedFigures"});
  figure("largest finite", format.max_finite());
  figure("smallest normal", format.min_normal());
  figure("smallest positive", format.min_positive());
  row("zeros", fmt::format("+0 is {}, -0 is {}; rounding keeps the sign", code(0.0f), code(-0.0f)),
      {"FloatFormat.ZerosKeepTheirSign", "Rounding.ZeroKeepsItsSign"});
  row("subnormals",
      fmt::format("{} to {}, the multiples of the smallest positive", Code(format, 1),
                  Code(format, Encode(format, format.min_normal()) - 1)),
      {format.bits() == 32   ? "FloatFormat.Fp32EncodingsAreTheBits"
       : format.bits() == 19 ? "FloatFormat.Bf16AndTf32AreTheTopBitsOfFp32"
                             : "FloatFormat.EncodingsCountUpThroughTheValues"});
  const bool has_infinity = format.specials == Specials::kIeee;
  row("infinities",
      has_infinity
          ? fmt::format("+infinity is {}, -infinity is {}", code(INFINITY), code(-INFINITY))
          : "none",
      {"FloatFormat.InfinityEncodings"});
  row("NaN", NanEncodings(format), {"FloatFormat.NanEncodings"});
  const bool is_fp32 = format.mantissa_bits == kFp32.mantissa_bits;
  row("round=nearest, too small", Underflow(format),
      {is_fp32 ? "Rounding.Fp32IsTheIdentity" : "Rounding.UnderflowsGraduallyToASignedZero"});
  const std::pair<Overflow, const char*> settings[] = {
      {Overflow::kSpecial, has_infinity ? "inf" : "nan"}, {Overflow::kSaturate, "saturate"}};
  for (const auto& [overflow, name] : settings) {
    const char* is_default = overflow == format.overflow ? " (default)" : "";
    row(fmt::format("round=nearest, overflow={}{}", name, is_default),
        Overflowing(format, overflow),
        {is_fp32 ? "Rounding.Fp32IsTheIdentity" : "Rounding.NearestOverflowsByTheOverflowSetting",
         "Rounding.InfinityFollowsTheOverflowSetting"});
  }
  row("round=zero, too large",
      "finite magnitudes to at most " +
          Result(format, Round(format, Rounding::kTowardZero, kFp32.max_finite())),
      {"Rounding.TowardZeroNeverOverflowsAFiniteValue"});
  return table;
}

TEST(NumericsDoc, FormatTablesAreWhatTheCodeComputes) {
  const std::string page = Page();
  for (const NamedFormat& named : NamedFormats()) {
    const std::string section =
        fmt::format("### {}\n\n{}.\n\n{}", named.name, named.summary, ExpectedTable(named.format));
    EXPECT_NE(page.find(section), std::string::npos) << "docs/numerics.md lacks:\n" << section;
  }
}

TEST(NumericsDoc, FiguresOfPositsAreWhatTheCodeComputes) {
  const std::string page = Page();
  for (const PositFormat& format : {PositFormat{8, 0}, {8, 1}, {8, 2}, {16, 1}, {16, 2}, {32, 2}}) {
    const auto code = [&](uint32_t encoding) {
      return fmt::format("`0x{:0{}x}`", encoding, format.bits / 4);
    };
    // Of each power of two that the line has, the encoding that is rounded to it.
    const auto power = [&](int exponent) {
      const UnpackedReal real = Unpack(std::ldexp(1.0, exponent));
      return code(RoundToPosit(format, Rounding::kNearestEven, real));
    };
    const int most = format.max_exponent();
    const std::string line = fmt::format(
        "| {} | 2^{}, {} | 2^-{}, {} | {} | {} | {} | {} bits | `Posit.PublishedRanges` |\n",
        Name(format), most, power(most), most, power(-most), format.mantissa_bits(), power(0),
        code(format.nar()), Quire::Bits(format));
    EXPECT_NE(page.find(line), std::string::npos) << "docs/numerics.md lacks:\n" << line;
  }
}

// Tests are named `Suite.Name`, and the files that hold them `folder/file_test.cc` under mulberry/.
TEST(NumericsDoc, NamesTestsThatExist) {
  const std::vector<std::string> spans = CodeSpans(Page());
  std::string sources;
  for (const std::string& span : spans) {
    if (span.ends_with("_test.cc")) sources += ReadFile("mulberry/" + span);
  }
  int tests = 0;
  for (const std::string& span : spans) {
    if (!IsTestName(span)) continue;
    const size_t dot = span.find('.');
    const std::string arguments =
        fmt::format("({}, {})", span.substr(0, dot), span.substr(dot + 1));
    EXPECT_NE(sources.find(arguments), std::string::npos) << span;
    ++tests;
  }
  EXPECT_GT(tests, 0);
}

// In a table whose last column is "Test", the last cell of each line names tests and nothing else.
TEST(NumericsDoc, EachLineOfATableNamesItsTest) {
  std::istringstream page(Page());
  bool tested = false;
  int lines = 0;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("|")) tested = false;
    if (tested && !line.starts_with("|---")) {
      const std::string cell = line.substr(line.rfind("| ", line.size() - 2));
      const std::vector<std::string> spans = CodeSpans(cell);
      EXPECT_TRUE(!spans.empty() && std::ranges::all_of(spans, IsTestName)) << line;
      ++lines;
    }
    if (line.ends_with("| Test |")) tested = true;
  }
  EXPECT_GT(lines, 0);
}

}  // namespace
}  // namespace mulberry
