// docs/add-a-multiplier.md, done: its example is built into a registry with one line more, and is
// then a multiplier like any other.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "mulberry/analysis/analyze.h"
#include "mulberry/plan/plan.h"

namespace mulberry {
namespace {

std::string TextOf(const std::string& file) {
  std::ifstream stream(std::string(MULBERRY_SOURCE_DIR) + "/" + file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(AddAMultiplier, IsReadPrintedAndComputedLikeAnyOther) {
  EXPECT_EQ(Print(ParseArithmetic("low_or(4)@uint8")), "low_or(p=4)@uint8");
  const IntegerMultiplier multiplier = MakeIntegerMultiplier(ParseArithmetic("low_or(p=4)@int8"));
  EXPECT_EQ(multiplier(3, -3), -7);  // Columns 0 to 2 of 3·3: 1, 2 | 2, 4.
  EXPECT_EQ(multiplier(16, 16), 256);
  EXPECT_NE(MakePlan(ParseArithmetic("low_or(p=4)@uint8"))->strategy(), "direct");
  EXPECT_NE(MakePlan(ParseArithmetic("low_or(p=4)@bf16"))->strategy(), "direct");
  const Arithmetic exact = ParseArithmetic("low_or(p=0)@uint8");
  EXPECT_EQ(Analyze(SubjectOf(exact), {}).metrics.wce.value, 0);
}

TEST(AddAMultiplier, RefusesWhatDoesNotFit) {
  try {
    ParseArithmetic("low_or(p=16)@uint8");
    FAIL() << "accepted";
  } catch (const SpecError& error) {
    EXPECT_NE(std::string(error.what()).find("low_or's p is 16: operands of 8 bits allow 0 to 15"),
              std::string::npos)
        << error.what();
  }
}

TEST(AddAMultiplier, ThePageShowsTheExampleAsItIs) {
  const std::string page = TextOf("docs/add-a-multiplier.md"),
                    example = TextOf("examples/low_or.cc");
  const size_t begin = example.find("uint64_t LowOr("), end = example.find("}  // namespace\n");
  ASSERT_NE(begin, std::string::npos);
  std::string shown;
  bool at_line_start = true;
  for (const char c : example.substr(begin, end - begin)) {
    if (at_line_start && c != '\n') shown += "    ";
    shown += c;
    at_line_start = c == '\n';
  }
  EXPECT_NE(page.find(shown), std::string::npos) << shown;
}

}  // namespace
}  // namespace mulberry
