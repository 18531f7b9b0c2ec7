#include "mulberry/analysis/plot.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <string>

#include "mulberry/analysis/test_models.h"
#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"

namespace mulberry {
namespace {

TEST(ErrorMap, CellsOfASmallMultiplierAreItsPairs) {
  const ErrorSubject subject = Library("kulkarni", {}, 4);
  const ErrorMap map = MakeErrorMap(subject, ErrorQuantity::kError);
  ASSERT_EQ(map.a_cells, 16);
  ASSERT_EQ(map.b_cells, 16);
  EXPECT_EQ(map.pairs_per_cell, 1);
  EXPECT_FALSE(map.sampled);
  for (int a = 0; a < 16; ++a) {
    for (int b = 0; b < 16; ++b) EXPECT_EQ(map.at(a, b), subject.error(a, b));
  }
  const ErrorMap relative = MakeErrorMap(subject, ErrorQuantity::kRelativeError);
  EXPECT_DOUBLE_EQ(relative.at(3, 3), -100 * 2 / 9.0);
  EXPECT_TRUE(std::isnan(relative.at(0, 5)));
}

TEST(ErrorMap, CellsOfWiderOnesAreMeans) {
  // 10 × 8 bits: cells of four values of a; the error a mod 4 has the mean 1.5
  // in each.
  const ErrorSubject subject = UnsignedSubject(
      "test", [](uint64_t a, uint64_t b) { return a * b + a % 4; }, 10, 8);
  const ErrorMap map = MakeErrorMap(subject, ErrorQuantity::kError);
  EXPECT_EQ(map.a_cells, 256);
  EXPECT_EQ(map.pairs_per_cell, 4);
  EXPECT_FALSE(map.sampled);
  for (const double mean : map.means) EXPECT_EQ(mean, 1.5);
}

TEST(ErrorMap, CellsOfWideOnesAreSampled) {
  // The error is the number of the cell, which all pairs of a cell share.
  const ErrorSubject subject = UnsignedSubject(
      "test", [](uint64_t a, uint64_t b) { return a * b + (a >> 8) * 256 + (b >> 8); }, 16, 16);
  const ErrorMap map = MakeErrorMap(subject, ErrorQuantity::kError);
  EXPECT_TRUE(map.sampled);
  EXPECT_EQ(map.pairs_per_cell, 64);
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) ASSERT_EQ(map.at(a, b), a * 256 + b);
  }
}

TEST(ErrorHistogram, OfTheTwoBitBlock) {
  const ErrorSubject subject = Library("kulkarni", {}, 2);
  const ErrorHistogram histogram = MakeErrorHistogram(subject, {}, ErrorQuantity::kError);
  EXPECT_DOUBLE_EQ(histogram.exact_pct, 93.75);
  EXPECT_EQ(histogram.bin_width, 1);
  EXPECT_EQ(histogram.first_centre, -2);
  ASSERT_EQ(histogram.shares_pct.size(), 3u);
  EXPECT_DOUBLE_EQ(histogram.shares_pct[0], 6.25);
  EXPECT_EQ(histogram.shares_pct[1], 0);
  EXPECT_EQ(histogram.shares_pct[2], 0);  // The exact pairs are counted apart.

  const ErrorHistogram relative = MakeErrorHistogram(subject, {}, ErrorQuantity::kRelativeError);
  EXPECT_DOUBLE_EQ(relative.exact_pct, 100 * 8 / 9.0);

  ErrorOptions measured;
  measured.distribution.a = Measured{{0, 0, 1, 3}};
  measured.distribution.b = Measured{{1, 0, 0, 1}};
  EXPECT_DOUBLE_EQ(MakeErrorHistogram(subject, measured, ErrorQuantity::kError).exact_pct, 62.5);
}

TEST(ErrorHistogram, HoldsAllErrorsInFewBins) {
  for (const ErrorQuantity quantity : {ErrorQuantity::kError, ErrorQuantity::kRelativeError}) {
    for (const std::string family : {"mitchell", "etm", "roba", "drum"}) {
      const ErrorSubject subject =
          Library(family, family == "drum" ? std::vector<int>{4} : std::vector<int>{}, 8);
      const ErrorHistogram histogram = MakeErrorHistogram(subject, {}, quantity);
      const double sum =
          std::accumulate(histogram.shares_pct.begin(), histogram.shares_pct.end(), 0.0);
      EXPECT_NEAR(sum + histogram.exact_pct, 100, 1e-9) << family;
      EXPECT_GT(histogram.shares_pct.size(), 20u) << family;
      EXPECT_LE(histogram.shares_pct.size(), 120u) << family;
      EXPECT_GT(histogram.shares_pct.front() + histogram.shares_pct.back(), 0) << family;
      // One bin is centred on 0.
      const double bins = histogram.first_centre / histogram.bin_width;
      EXPECT_NEAR(bins, std::round(bins), 1e-9) << family;
    }
  }
}

TEST(ErrorHistogram, OfAnExactMultiplierIsEmpty) {
  const ErrorHistogram histogram =
      MakeErrorHistogram(Library("exact", {}, 8), {}, ErrorQuantity::kRelativeError);
  EXPECT_EQ(histogram.exact_pct, 100);
  EXPECT_TRUE(histogram.shares_pct.empty());
}

class WriteErrorPlotTest : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string Content(const std::string& name) const {
    std::ifstream file(Path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  std::string ErrorOf(const std::string& path) const {
    try {
      WriteErrorPlot(Library("roba", {}, 4), {}, ErrorQuantity::kError, path);
    } catch (const Error& error) {
      return error.what();
    }
    return "drawn";
  }

  TestFolder folder_;
};

TEST_F(WriteErrorPlotTest, Png) {
  WriteErrorPlot(Library("mitchell", {}, 8), {}, ErrorQuantity::kRelativeError, Path("error.png"));
  const std::string png = Content("error.png");
  ASSERT_GT(png.size(), 10000u);
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  // Width and height, big-endian, are the first fields of the first chunk.
  EXPECT_EQ(png.substr(16, 8), std::string("\0\0\x05\0\0\0\x02\x58", 8));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
}

TEST_F(WriteErrorPlotTest, SvgShowsTheSpecificationAsItIs) {
  ErrorSubject subject = Library("kulkarni", {}, 8);
  subject.name = "c:it's_a{file}.c#f^2@uint8";
  WriteErrorPlot(subject, {}, ErrorQuantity::kError, Path("error.svg"));
  const std::string svg = Content("error.svg");
  EXPECT_EQ(svg.substr(0, 5), "<?xml");
  for (const std::string text : {"c:it's_a{file}.c#f^2@uint8", "operand a", "operand b",
                                 "error: approximate − exact product", "operands uniform"}) {
    EXPECT_NE(svg.find(text), std::string::npos) << text;
  }
}

TEST_F(WriteErrorPlotTest, ExactMultipliersAndFloatsAndWideOperands) {
  ErrorOptions options;
  options.samples = 1000;
  WriteErrorPlot(Library("exact", {}, 8), options, ErrorQuantity::kRelativeError, Path("a.svg"));
  WriteErrorPlot(SubjectOf(ParseArithmetic("mbm@bf16")), options, ErrorQuantity::kError,
                 Path("b.svg"));
  WriteErrorPlot(Library("drum", {3}, 16), options, ErrorQuantity::kRelativeError, Path("c.svg"));
  EXPECT_NE(Content("a.svg").find("100 % of the pairs are exact"), std::string::npos);
  EXPECT_NE(Content("b.svg").find("significand of a"), std::string::npos);
  EXPECT_NE(Content("c.svg").find("mean over 64 random pairs a cell"), std::string::npos);
}

TEST_F(WriteErrorPlotTest, Refusals) {
  EXPECT_EQ(ErrorOf("error.jpg"), "error.jpg: a plot is a .png or an .svg file");
  const std::string nowhere = Path("no_such_folder/error.png");
  EXPECT_NE(ErrorOf(nowhere).find(nowhere), std::string::npos);
}

TEST_F(WriteErrorPlotTest, SaysWhatToInstallWhereGnuplotIsMissing) {
  std::filesystem::create_symlink("/usr/bin/timeout", folder_.path() / "timeout");
  const ScopedVariable path("PATH", folder_.path().c_str());
  EXPECT_EQ(ErrorOf(Path("error.png")),
            "there is no gnuplot here to draw with: install it (Debian: "
            "apt-get install gnuplot-nox)");
  EXPECT_FALSE(std::filesystem::exists(Path("error.png")));
}

TEST_F(WriteErrorPlotTest, ShowsWhatGnuplotSaysWhereItFails) {
  std::filesystem::create_symlink("/usr/bin/timeout", folder_.path() / "timeout");
  std::ofstream(Path("gnuplot")) << "#!/bin/sh\necho this gnuplot is broken\nexit 3\n";
  std::filesystem::permissions(Path("gnuplot"), std::filesystem::perms::owner_all);
  const ScopedVariable path("PATH", folder_.path().c_str());
  EXPECT_EQ(ErrorOf(Path("error.png")),
            "gnuplot failed with exit status 3: this gnuplot is broken\n");
}

}  // namespace
}  // namespace mulberry
