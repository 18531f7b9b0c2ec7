// Tables of text: alignment, UTF-8, Markdown, CSV, LaTeX.
#include "mulberry/report/table.h"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

namespace mulberry {
namespace {

Table Example() {
  Table table({{"name", Align::kLeft}, {"value", Align::kRight}});
  table.AddRow({"one", "1"});
  table.AddRow({"a|b µ", "12345.6"});
  return table;
}

TEST(Table, AlignsColumnsByCodePoints) {
  EXPECT_EQ(Example().Text(),
            "name     value\n"
            "-----  -------\n"
            "one          1\n"
            "a|b µ  12345.6\n");
}

TEST(Table, LeavesNoBlanksAtLineEnds) {
  Table table({{"a", Align::kLeft}, {"long title", Align::kLeft}});
  table.AddRow({"x", ""});
  EXPECT_EQ(table.Text(), "a  long title\n-  ----------\nx\n");
}

TEST(Table, WritesMarkdown) {
  EXPECT_EQ(Example().Markdown(),
            "| name | value |\n"
            "| --- | ---: |\n"
            "| one | 1 |\n"
            "| a\\|b µ | 12345.6 |\n");
}

TEST(Table, WritesCsv) {
  Table table({{"name", Align::kLeft}, {"value, %", Align::kRight}});
  table.AddRow({"posit(8,1)", "1"});
  table.AddRow({"a \"b\"", "2"});
  EXPECT_EQ(table.Csv(),
            "name,\"value, %\"\n"
            "\"posit(8,1)\",1\n"
            "\"a \"\"b\"\"\",2\n");
}

TEST(Table, WritesLatex) {
  Table table({{"name_1", Align::kLeft}, {"value, %", Align::kRight}});
  table.AddRow({"a | b^~\\", "1 ± 2"});
  EXPECT_EQ(
      table.Latex(),
      "\\begin{tabular}{lr}\n"
      "\\hline\n"
      "name\\_1 & value, \\% \\\\\n"
      "\\hline\n"
      "a \\textbar{} b\\textasciicircum{}\\textasciitilde{}\\textbackslash{} & 1 $\\pm$ 2 \\\\\n"
      "\\hline\n"
      "\\end{tabular}\n");
}

TEST(Table, RefusesRowsOfAnotherLength) {
  Table table({{"a", Align::kLeft}});
  EXPECT_THROW(table.AddRow({}), std::invalid_argument);
  EXPECT_THROW(table.AddRow({"1", "2"}), std::invalid_argument);
}

TEST(GroupDigits, GroupsByThree) {
  EXPECT_EQ(GroupDigits(0), "0");
  EXPECT_EQ(GroupDigits(999), "999");
  EXPECT_EQ(GroupDigits(1000), "1,000");
  EXPECT_EQ(GroupDigits(123456), "123,456");
  EXPECT_EQ(GroupDigits(1234567), "1,234,567");
  EXPECT_EQ(GroupDigits(-999), "-999");
  EXPECT_EQ(GroupDigits(-1000), "-1,000");
  EXPECT_EQ(GroupDigits(std::numeric_limits<int64_t>::min()), "-9,223,372,036,854,775,808");
}

}  // namespace
}  // namespace mulberry
