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
#include "mulberry/formats/format_name.h"
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
  std::vector<std::string> formats;
};

std::vector<Section> Sections() {
  Section floats{"Floating point", {}}, blocks{"Block formats", {}};
  for (const NamedFormat& named : NamedFormats()) floats.formats.emplace_back(named.name);
  for (const char* name : {"float(4,3)", "float(3,2)", "float(8,0)"}) {
    floats.formats.emplace_back(name);
  }
  for (const NamedBlockFormat& named : NamedBlockFormats()) {
    blocks.formats.emplace_back(named.name);
  }
  for (const char* name : {"bfp(4,16)", "bfp(8,64)", "bfp(12,64)"}) {
    blocks.formats.emplace_back(name);
  }
  return {floats,
          {"Posits", {"posit(8,0)", "posit(8,1)", "posit(8,2)", "posit(16,1)", "posit(16,2)"}},
          {"Integers", {"uint4", "int4", "uint8", "int8", "uint16", "int16"}},
          {"Fixed point", {"fixed(3,4)", "fixed(0,7)", "fixed(4,11)", "fixed(4,27)"}},
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
    for (const std::string& name : section.formats) table += Row(FactsOf(FormatOfName(name)));
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
  for (const char* name :
       {"bf16", "fp16", "e5m2", "e4m3", "posit(8,1)", "posit(16,1)", "int8", "fixed(4,11)",
        "mxfp8(e4m3)", "mxfp8(e5m2)", "mxfp6(e3m2)", "mxfp6(e2m3)", "mxfp4", "mxint8"}) {
    table += fmt::format("| `{}` |", name);
    for (const int exponent : exponents) {
      const BinadeError error = RelativeErrors(FormatOfName(name), exponent, exponent).front();
      table += fmt::format(" {} |", Percent(error.largest));
    }
    table += "\n";
  }
  EXPECT_NE(Page().find("\n" + table + "\n"), std::string::npos) << "docs/formats.md lacks:\n"
                                                                 << table;
}

}  // namespace
}  // namespace mulberry
