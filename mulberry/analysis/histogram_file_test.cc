#include "mulberry/analysis/histogram_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <utility>

#include "mulberry/base/atomic_file.h"
#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"

namespace mulberry {
namespace {

OperandHistogram Example() {
  return {
      "lenet5 conv2 forward", OperandSet::kSigned, 2, 1, {0, 3, 9007199254740992, 1}, {4, 5}, {}};
}

class HistogramFile : public testing::Test {
 protected:
  std::string Path() const { return (folder_.path() / "operands.json").string(); }
  std::string ErrorOf(const std::string& text) const {
    ReplaceFile(Path(), text);
    try {
      ReadHistogram(Path());
    } catch (const Error& error) {
      const std::string start = Path() + ": not a histogram of operands: ";
      EXPECT_EQ(std::string(error.what()).substr(0, start.size()), start);
      return std::string(error.what()).substr(start.size());
    }
    return "accepted";
  }

  TestFolder folder_;
};

TEST_F(HistogramFile, RoundTrips) {
  OperandHistogram joint{"text \"with\" quotes",  OperandSet::kSignificand, 2, 3, {}, {},
                         {1, 2, 3, 4, 5, 6, 7, 8}};
  OperandHistogram mixed{
      "", {OperandSet::kUnsigned, OperandSet::kSigned}, 2, 1, {1, 2, 3, 4}, {5, 6}, {}};
  for (const OperandHistogram& histogram : {Example(), joint, mixed}) {
    WriteHistogram(histogram, Path());
    EXPECT_EQ(ReadHistogram(Path()), histogram);
  }
}

TEST_F(HistogramFile, IsTheDocumentedJson) {
  WriteHistogram(Example(), Path());
  std::ifstream file(Path());
  std::string text;
  std::getline(file, text);
  EXPECT_EQ(text, R"({"mulberry_histogram":1,"source":"lenet5 conv2 forward","operands":"signed",)"
                  R"("a_bits":2,"b_bits":1,"a":[0,3,9007199254740992,1],"b":[4,5]})");
  ReplaceFile(Path(), R"({"mulberry_histogram": 1, "source": "", "operands": "unsigned",
                          "a_bits": 1, "b_bits": 2, "joint": [[1, 2, 3, 4], [5, 6, 7, 8]]})");
  const OperandHistogram joint = ReadHistogram(Path());
  EXPECT_EQ(joint.joint, (std::vector<uint64_t>{1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST_F(HistogramFile, RefusesBadFiles) {
  const std::string head = R"({"mulberry_histogram": 1, "source": "x", )";
  const std::string one_bit = head + R"("operands": "unsigned", "a_bits": 1, "b_bits": 1, )";
  const std::pair<std::string, std::string> kCases[] = {
      {"[]", "it is no JSON object"},
      {"{}", "\"mulberry_histogram\" is missing"},
      {R"({"mulberry_histogram": 2})",
       "\"mulberry_histogram\" is 2, not a whole number from 1 to 1"},
      {R"({"mulberry_histogram": 1, "source": 3})", "\"source\" is 3, not a text"},
      {head + R"("operands": "float"})",
       R"("operands" is "float", not "unsigned", "signed", "unsigned x signed", )"
       R"("signed x unsigned" or "significand")"},
      {head + R"("operands": "signed", "a_bits": 17})",
       "\"a_bits\" is 17, not a whole number from 1 to 16"},
      {head + R"("operands": "signed", "a_bits": 1.5})",
       "\"a_bits\" is 1.5, not a whole number from 1 to 16"},
      {head + R"("operands": "signed", "a_bits": 18446744073709551617})",
       "\"a_bits\" is 1.8446744073709552e+19, not a whole number from 1 to 16"},
      {one_bit + R"("a": [1, 2]})", "\"b\" is missing"},
      {one_bit + R"("a": [1, 2], "b": [1]})", "\"b\" must be a list of 2 counts, and is one of 1"},
      {one_bit + R"("a": 7, "b": [1, 2]})", "\"a\" must be a list of 2 counts, and is one of 0"},
      {one_bit + R"("a": [1, -2], "b": [1, 2]})",
       "\"a\" holds -2, not a whole number of at least 0"},
      {one_bit + R"("a": [1, 0.5], "b": [1, 2]})",
       "\"a\" holds 0.5, not a whole number of at least 0"},
      {one_bit + R"("joint": [[1, 2]]})", "\"joint\" must be a list of 2 rows"},
      {one_bit + R"("joint": [[1, 2], [3]]})",
       "each row of \"joint\" must be a list of 2 counts, and is one of 1"},
      {head + R"("operands": "unsigned", "a_bits": 11, "b_bits": 10, "joint": []})",
       "a joint histogram has at most 1048576 pairs, and these widths have 2097152"},
  };
  for (const auto& [text, expected] : kCases) EXPECT_EQ(ErrorOf(text), expected) << text;
  EXPECT_NE(ErrorOf("{\"mulberry_histogram\": 1,").find("parse error"), std::string::npos);
}

TEST_F(HistogramFile, RefusesAMissingFile) {
  try {
    ReadHistogram(Path());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              Path() + ": cannot be read; it should be a histogram of operands");
  }
}

TEST_F(HistogramFile, WritesNothingThatCannotBeRead) {
  OperandHistogram histogram = Example();
  histogram.b.push_back(1);
  EXPECT_THROW(WriteHistogram(histogram, Path()), Error);
  histogram = Example();
  histogram.joint.assign(8, 1);  // Beside a and b.
  EXPECT_THROW(WriteHistogram(histogram, Path()), Error);
  EXPECT_FALSE(std::filesystem::exists(Path()));
}

TEST_F(HistogramFile, IsADistributionOfOperandsOfItsKind) {
  ErrorSubject subject{"spec", OperandSet::kSigned, 2, 1, {}};
  const Distribution distribution = MeasuredDistribution(Example(), subject);
  EXPECT_EQ(std::get<Measured>(distribution.a).counts, Example().a);
  EXPECT_EQ(std::get<Measured>(distribution.b).counts, Example().b);
  EXPECT_TRUE(distribution.joint.empty());
  subject.operands = OperandSet::kUnsigned;
  try {
    MeasuredDistribution(Example(), subject);
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "spec has unsigned operands of 2 and 1 bits; the histogram \"lenet5 conv2 "
                 "forward\" is of signed ones of 2 and 1");
  }
  subject.operands = {OperandSet::kUnsigned, OperandSet::kSigned};
  EXPECT_THROW(MeasuredDistribution(Example(), subject), UsageError);
  OperandHistogram mixed = Example();
  mixed.operands = subject.operands;
  EXPECT_EQ(std::get<Measured>(MeasuredDistribution(mixed, subject).a).counts, Example().a);
}

}  // namespace
}  // namespace mulberry
