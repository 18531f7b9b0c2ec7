#include "mulberry/analysis/format_plot.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"

namespace mulberry {
namespace {

class WriteFormatPlotTest : public testing::Test {
 protected:
  std::string Draw(const std::vector<std::string>& names, int first, int last) const {
    std::vector<Format> formats;
    for (const std::string& name : names) formats.push_back(ParseFormat(name));
    const std::string path = (folder_.path() / "formats.svg").string();
    WriteFormatPlot(formats, first, last, path);
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  TestFolder folder_;
};

int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_F(WriteFormatPlotTest, NamesEveryFormatAndItsAxes) {
  const std::string svg = Draw({"fp32", "e4m3", "mxfp8(e5m2)"}, -40, 39);
  for (const char* text :
       {"fp32: exact", "e4m3", "mxfp8(e5m2)", "Relative error of rounding",
        "magnitude (of block formats and dfx: beside a 1 in the block or tensor)"}) {
    EXPECT_NE(svg.find(text), std::string::npos) << text;
  }
}

/// A cross is in the picture only where values become infinite.
TEST_F(WriteFormatPlotTest, MarksOverflow) {
  // gnuplot's SVG refers to a point's shape by its number: the dots are gpPt6, the cross gpPt1.
  EXPECT_EQ(Count(Draw({"fp16"}, 0, 20), "xlink:href='#gpPt1'"), 1);
  EXPECT_EQ(Count(Draw({"fp16"}, 0, 10), "xlink:href='#gpPt1'"), 0);
  EXPECT_EQ(Count(Draw({"e4m3"}, 0, 20), "xlink:href='#gpPt1'"), 0);
}

TEST_F(WriteFormatPlotTest, DrawsAMeanForEachBinade) {
  EXPECT_EQ(Count(Draw({"bf16"}, -5, 4), "xlink:href='#gpPt6'"), 10);
  EXPECT_EQ(Count(Draw({"fp32"}, -5, 4), "xlink:href='#gpPt6'"), 0);
}

TEST_F(WriteFormatPlotTest, Refusals) {
  EXPECT_THROW(Draw({}, 0, 1), UsageError);
  EXPECT_THROW(Draw(std::vector<std::string>(13, "bf16"), 0, 1), UsageError);
  EXPECT_THROW(Draw({"bf16"}, 0, 200), UsageError);
  EXPECT_THROW(WriteFormatPlot({kBf16}, 0, 1, "formats.pdf"), UsageError);
}

}  // namespace
}  // namespace mulberry
