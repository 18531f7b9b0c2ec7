// docs/formats.md against the code: the row of every format, and the rounding errors shown. Where
// the page is behind, the failure prints the table that it should have.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "mulberry/formats/format_facts.h"
#include "mulberry/formats/rounding_error.h"

namespace mulberry {
namespace {

std::string Page() {
  std::ifstream file(MULBERRY_SOURCE_DIR "/docs/formats.md");
  EXPECT_TRUE(file) << "cannot read docs/formats.md";
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A section of the page and the formats of its table.
struct Section {
  std::string heading;
  std::vector<Format> formats;
};

std::vector<Section> Sections() {
  Section floats{"Floating point", {}}, integers{"Integers", {}}, blocks{"Block formats", {}};
  for (const NamedFormat& named : NamedFormats()) floats.formats.push_back(named.format);
  for (const auto& [e, m] : {std::pair{4, 3}, {3, 2}, {8, 0}}) {
    floats.formats.push_back(MakeFloatFormat(e, m));
  }
  for (const char* name : {"uint4", "int4", "uint8", "int8", "uint16", "int16"}) {
    integers.formats.push_back(FindIntegerFormat(name).value());
  }
  for (const NamedBlockFormat& named : NamedBlockFormats()) blocks.formats.push_back(named.format);
  for (const auto& [m, block] : {std::pair{4, 16}, {8, 64}, {12, 64}}) {
    blocks.formats.push_back(MakeBlockFloatingPoint(m, block));
  }
  return {floats,
          {"Posits",
           {PositFormat{8, 0}, PositFormat{8, 1}, PositFormat{8, 2}, PositFormat{16, 1},
            PositFormat{16, 2}}},
          integers,
          {"Fixed point",
           {MakeFixedFormat(3, 4), MakeFixedFormat(0, 7), MakeFixedFormat(4, 11),
            MakeFixedFormat(4, 27), MakeDynamicFixedFormat(8), MakeDynamicFixedFormat(16)}},
          blocks};
}

std::string Row(const FormatFacts& facts) {
  std::string range = facts.lowest == -facts.largest
                          ? "±" + NumberText(facts.largest)
                          : NumberText(facts.lowest) + " to " + NumberText(facts.largest);
  std::string smallest = NumberText(facts.smallest_positive);
  if (facts.smallest_normal && *facts.smallest_normal != facts.smallest_positive) {
    smallest += fmt::format(", normal from {}", NumberText(*facts.smallest_normal));
  }
  return fmt::format("| `{}` | {:g} | {} | {} | {} | {:.1f} | {} | {} | {} | {} |\n", facts.name,
                     facts.bits_per_value, range, smallest,
                     facts.gap_at_one ? NumberText(*facts.gap_at_one) : "none", facts.decades(),
                     facts.values, facts.overflow, facts.specials, facts.source);
}

TEST(FormatsDoc, EveryFormatsRowIsWhatTheCodeSays) {
  const std::string page = Page();
  for (const Section& section : Sections()) {
    std::string table =
        "| Format | Bits | Range | Smallest positive | Gap at 1 | Decades | Values | Overflow | "
        "Special values | Source |\n|---|--:|---|---|---|--:|--:|---|---|---|\n";
    for (const Format& format : section.formats) table += Row(FactsOf(format));
    const size_t start = page.find("\n## " + section.heading + "\n");
    ASSERT_NE(start, std::string::npos) << section.heading;
    const std::string text = page.substr(start, page.find("\n## ", start + 1) - start);
    EXPECT_NE(text.find("\n" + table + "\n"), std::string::npos)
        << "docs/formats.md, " << section.heading << ", lacks:\n"
        << table;
  }
}

/// In per cent, as the table has it.
std::string Percent(double error) {
  if (std::isinf(error)) return "∞";
  return error == 0 ? "0" : fmt::format("{:.3g}", 100 * error);
}

TEST(FormatsDoc, RoundingErrorsAreWhatTheCodeMeasures) {
  const std::vector<int> exponents = {-24, -12, -6, -1, 0, 3, 8, 15};
  std::string table = "| Format |", rule = "|---|";
  for (const int exponent : exponents) {
    table += fmt::format(" {} |", NumberText(std::ldexp(1.0, exponent)));
    rule += "--:|";
  }
  table += "\n" + rule + "\n";
  std::vector<Format> formats = {kBf16,
                                 kFp16,
                                 kE5m2,
                                 kE4m3,
                                 PositFormat{8, 1},
                                 PositFormat{16, 1},
                                 IntegerFormat{.bits = 8, .is_signed = true},
                                 MakeFixedFormat(4, 11),
                                 MakeDynamicFixedFormat(8)};
  for (const NamedBlockFormat& named : NamedBlockFormats()) formats.push_back(named.format);
  for (const Format& format : formats) {
    table += fmt::format("| `{}` |", Name(format));
    for (const int exponent : exponents) {
      const BinadeError error = RelativeErrors(format, exponent, exponent).front();
      table += fmt::format(" {} |", Percent(error.largest));
    }
    table += "\n";
  }
  EXPECT_NE(Page().find("\n" + table + "\n"), std::string::npos) << "docs/formats.md lacks:\n"
                                                                 << table;
}

}  // namespace
}  // namespace mulberry
