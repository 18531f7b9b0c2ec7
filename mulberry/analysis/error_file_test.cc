// Records of relative errors: against counts by hand, the figures of the analysis, and the way
// through a file and back.
#include "mulberry/analysis/error_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "mulberry/analysis/test_models.h"
#include "mulberry/base/atomic_file.h"
#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"
#include "mulberry/base/threads.h"

namespace mulberry {
namespace {

/// Kulkarni's 2 × 2 bits: exact but for 3·3 = 7, of relative error -2/9.
ErrorSubject TwoBitBlock() {
  ErrorSubject subject{"block", OperandSet::kUnsigned, 2, 2, {}};
  subject.approx = [](int64_t a, int64_t b) { return a == 3 && b == 3 ? 7 : a * b; };
  return subject;
}

int64_t CountNonzero(const std::vector<double>& values) {
  return static_cast<int64_t>(values.size()) - std::ranges::count(values, 0.0);
}

TEST(RecordErrors, TwoBitBlockByHand) {
  const ErrorRecord record = RecordErrors(TwoBitBlock(), {});
  EXPECT_EQ(record.source, "block");
  EXPECT_EQ(record.operands, "uniform");
  EXPECT_TRUE(record.exhaustive);
  EXPECT_EQ(record.pairs, 9);  // Those with a nonzero product.
  EXPECT_DOUBLE_EQ(record.errors.mean, -2.0 / 81);
  EXPECT_DOUBLE_EQ(record.errors.sd, 4 * std::sqrt(2) / 81);
  // A ninth of the parts: 455, and a ninth of the 456th.
  const std::vector<double>& values = record.errors.values;
  ASSERT_EQ(values.size(), 4096u);
  EXPECT_EQ(CountNonzero(values), 456);
  for (size_t i = 0; i < 455; ++i) EXPECT_EQ(values[i], -2.0 / 9) << i;
  EXPECT_NEAR(values[455], -2.0 / 81, 1e-10);
}

TEST(RecordErrors, FollowsTheConventionOfZeroProducts) {
  ErrorOptions options;
  options.conventions.zero_products = ZeroProducts::kCountedAsExact;
  const ErrorRecord record = RecordErrors(TwoBitBlock(), options);
  EXPECT_EQ(record.zero_products, ZeroProducts::kCountedAsExact);
  EXPECT_EQ(record.pairs, 16);
  EXPECT_DOUBLE_EQ(record.errors.mean, -2.0 / 9 / 16);
  EXPECT_EQ(CountNonzero(record.errors.values), 256);
}

// 3 and 3 occur half of the time each.
TEST(RecordErrors, WeighsPairsByTheirDistribution) {
  ErrorOptions options;
  options.distribution = {Measured{{0, 1, 0, 1}}, Measured{{0, 0, 5, 5}}, {}};
  const ErrorRecord record = RecordErrors(TwoBitBlock(), options);
  EXPECT_EQ(record.operands, "measured");
  EXPECT_EQ(record.pairs, 4);
  EXPECT_DOUBLE_EQ(record.errors.mean, -2.0 / 36);
  EXPECT_EQ(CountNonzero(record.errors.values), 1024);
}

TEST(RecordErrors, HasTheFiguresOfTheAnalysis) {
  for (const ErrorSubject& subject :
       {Library("drum", {6}, 8), Library("mitchell", {}, 8), Library("exact", {}, 8),
        Library("etm", {}, 8), Library("drum", {6}, 16)}) {
    const ErrorMetrics metrics = MeasureErrors(subject, {});
    const ErrorRecord record = RecordErrors(subject, {});
    const std::vector<double>& values = record.errors.values;
    EXPECT_EQ(record.exhaustive, metrics.exhaustive) << subject.name;
    EXPECT_NEAR(100 * record.errors.mean, metrics.bias_pct.value, 1e-9) << subject.name;
    EXPECT_NEAR(100 * record.errors.sd, metrics.std_pct, 1e-9) << subject.name;
    ASSERT_EQ(values.size(), 4096u);
    EXPECT_TRUE(std::ranges::is_sorted(values)) << subject.name;
    // The parts have the mean of all errors, and little of their variance lies within parts.
    const double n = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    const double square = std::inner_product(values.begin(), values.end(), values.begin(), 0.0) / n;
    EXPECT_NEAR(mean, record.errors.mean, 1e-12) << subject.name;
    EXPECT_NEAR(std::sqrt(square - mean * mean), record.errors.sd, 0.002 * record.errors.sd + 1e-12)
        << subject.name;
  }
}

TEST(RecordErrors, DoesNotDependOnTheNumberOfThreads) {
  const int threads = Threads();
  SetThreads(1);
  const ErrorRecord one = RecordErrors(Library("mitchell", {}, 8), {});
  SetThreads(3);
  EXPECT_EQ(RecordErrors(Library("mitchell", {}, 8), {}), one);
  SetThreads(threads);
}

TEST(RecordErrors, NeedsARelativeError) {
  ErrorOptions options;
  options.distribution.a = Measured{{1, 0, 0, 0}};
  EXPECT_THROW(RecordErrors(TwoBitBlock(), options), UsageError);
}

class ErrorFile : public testing::Test {
 protected:
  std::string Path() const { return (folder_.path() / "errors.json").string(); }
  std::string ErrorOf(const std::string& text) const {
    ReplaceFile(Path(), text);
    try {
      ReadErrors(Path());
    } catch (const Error& error) {
      const std::string start = Path() + ": not a file of errors: ";
      EXPECT_EQ(std::string(error.what()).substr(0, start.size()), start);
      return std::string(error.what()).substr(start.size());
    }
    return "accepted";
  }

  TestFolder folder_;
};

TEST_F(ErrorFile, RoundTrips) {
  ErrorOptions options;
  options.conventions.zero_products = ZeroProducts::kCountedAsExact;
  for (const ErrorRecord& record :
       {RecordErrors(Library("drum", {6}, 8), {}), RecordErrors(TwoBitBlock(), options)}) {
    WriteErrors(record, Path());
    EXPECT_EQ(ReadErrors(Path()), record);
  }
}

TEST_F(ErrorFile, IsTheDocumentedJson) {
  WriteErrors(
      {"drum(k=6)@uint8", "uniform", ZeroProducts::kLeftOut, 9, false, {0.25, 0.5, {-1, 0.125}}},
      Path());
  EXPECT_EQ(ReadTestFile(Path()),
            R"({"mulberry_errors":1,"source":"drum(k=6)@uint8","operands":"uniform",)"
            R"("zero_products":"left-out","pairs":9,"exhaustive":false,"mean":0.25,"sd":0.5,)"
            R"("quantiles":[-1.0,0.125]})"
            "\n");
}

TEST_F(ErrorFile, RefusesBadFiles) {
  const std::string head =
      R"({"mulberry_errors": 1, "source": "x", "operands": "y", "zero_products": "exact", )";
  const std::string figures = head + R"("pairs": 1, "exhaustive": true, "mean": 0, "sd": 0.5, )";
  const std::pair<std::string, std::string> kCases[] = {
      {"[]", "it is no JSON object"},
      {R"({"mulberry_histogram": 1})", "\"mulberry_errors\" is missing"},
      {R"({"mulberry_errors": 2})", "\"mulberry_errors\" is 2, not a whole number from 1 to 1"},
      {R"({"mulberry_errors": 1, "source": "x", "operands": "y", "zero_products": "some"})",
       R"("zero_products" is "some", not "left-out" or "exact")"},
      {head + R"("pairs": 0})", "\"pairs\" is 0, not a whole number from 1 to 9223372036854775807"},
      {head + R"("pairs": 1, "exhaustive": 1})", "\"exhaustive\" is 1, not true or false"},
      {head + R"("pairs": 1, "exhaustive": true, "mean": "0"})", "\"mean\" is \"0\", not a number"},
      {figures + R"("quantiles": []})", "\"quantiles\" must be a list of 1 to 1048576 numbers"},
      {figures + R"("quantiles": [0, null]})", "\"quantiles\" holds null, not a number"},
      {figures + R"("quantiles": [0, -1]})", "\"quantiles\" do not ascend"},
      {head + R"("pairs": 1, "exhaustive": true, "mean": 0, "sd": -1, "quantiles": [0]})",
       "\"sd\" is -1, below 0"},
  };
  for (const auto& [text, problem] : kCases) EXPECT_EQ(ErrorOf(text), problem) << text;
  EXPECT_EQ(ErrorOf(figures + R"("quantiles": [0]})"), "accepted");
  EXPECT_THROW(ReadErrors(Path() + ".none"), Error);
}

}  // namespace
}  // namespace mulberry
