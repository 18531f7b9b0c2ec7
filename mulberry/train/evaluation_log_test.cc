// evaluations.jsonl: what is written is found, and a file that a kill has torn goes on.
#include "mulberry/train/evaluation_log.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"

namespace mulberry {
namespace {

class EvaluationLogTest : public testing::Test {
 protected:
  EvaluationLog Open(Existing existing = Existing::kResume) const { return {path_, of_, existing}; }

  std::string Message(const nlohmann::ordered_json& of,
                      Existing existing = Existing::kResume) const {
    try {
      EvaluationLog(path_, of, existing);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }

  std::string Text() const { return ReadTestFile(path_); }
  void AddText(const std::string& text) const {
    std::ofstream(path_, std::ios::binary | std::ios::app) << text;
  }

  const TestFolder folder_;
  const std::string path_ = folder_.path() / kEvaluationsFile;
  const nlohmann::ordered_json of_ = {{"model", "lenet5"}, {"data", {{"test", 100}}}};
  const EvaluationLog::Arithmetics exact_ = {{"conv1", "fp32"}, {"fc1", "fp32"}};
  const EvaluationLog::Arithmetics mixed_ = {{"conv1", "fp32"}, {"fc1", "mitchell@bf16"}};
};

TEST_F(EvaluationLogTest, FindsWhatItWrote) {
  {
    EvaluationLog log = Open();
    EXPECT_EQ(log.Find(exact_), std::nullopt);
    log.Append(exact_, 99);
    log.Append(mixed_, 100.0 / 3);
    EXPECT_EQ(log.Find(mixed_), 100.0 / 3);
  }
  EXPECT_EQ(Text(),
            R"({"evaluations_of":{"model":"lenet5","data":{"test":100}}}
{"arithmetic":{"conv1":"fp32","fc1":"fp32"},"accuracy_pct":99.0}
{"arithmetic":{"conv1":"fp32","fc1":"mitchell@bf16"},"accuracy_pct":33.333333333333336}
)");
  const EvaluationLog log = Open();
  EXPECT_EQ(log.Find(exact_), 99);
  EXPECT_EQ(log.Find(mixed_), 100.0 / 3);
  EXPECT_EQ(log.Find({{"conv1", "fp32"}}), std::nullopt);
}

TEST_F(EvaluationLogTest, GoesOnFromWhereverItWasCut) {
  {
    EvaluationLog log = Open();
    log.Append(exact_, 99);
    log.Append(mixed_, 98);
  }
  const std::string whole = Text();
  const size_t header = whole.find('\n') + 1, first = whole.find('\n', header) + 1;
  for (size_t length = 0; length <= whole.size(); ++length) {
    WriteTestFile(path_, whole.substr(0, length));
    EvaluationLog log = Open();
    EXPECT_EQ(log.Find(exact_).has_value(), length >= first);
    EXPECT_EQ(log.Find(mixed_).has_value(), length == whole.size());
    if (!log.Find(exact_)) log.Append(exact_, 99);
    if (!log.Find(mixed_)) log.Append(mixed_, 98);
    ASSERT_EQ(Text(), whole) << length;
  }
}

TEST_F(EvaluationLogTest, RefusesThatOfAnotherSearch) {
  Open().Append(exact_, 99);
  const std::string before = Text();
  EXPECT_EQ(Message({{"data", {{"test", 100}}}, {"model", "lenet5"}}), "");
  EXPECT_EQ(Message({{"model", "vgg16"}, {"data", {{"test", 200}}}, {"seed", 1}}),
            path_ +
                ": is of another search; it has data.test: 100, not 200; model: \"lenet5\", "
                "not \"vgg16\"; seed: null, not 1; --force starts again");
  EXPECT_EQ(Message("lenet5"), path_ +
                                   ": is of another search; it has {\"model\":\"lenet5\",\"data\":{"
                                   "\"test\":100}}, not \"lenet5\"; --force starts again");
  EXPECT_EQ(Text(), before);
}

TEST_F(EvaluationLogTest, NamesTheLineAtFault) {
  Open().Append(exact_, 99);
  const std::string good = Text();
  for (const std::string bad :
       {"no JSON", "", "7", R"({"accuracy_pct":99})", R"({"arithmetic":{"fc1":"fp32"}})",
        R"({"arithmetic":{"fc1":7},"accuracy_pct":99})",
        R"({"arithmetic":{"fc1":"fp32"},"accuracy_pct":"99"})",
        R"({"arithmetic":{"fc1":"fp32"},"accuracy_pct":null})"}) {
    WriteTestFile(path_, good + bad + "\n" + R"({"arithmetic":{},"accuracy_pct":1})" + "\n");
    const std::string before = Text();
    EXPECT_TRUE(Message(of_).starts_with(path_ + ":3: not a line of evaluations: ")) << bad;
    EXPECT_TRUE(Message(of_).ends_with("; --force starts again")) << bad;
    EXPECT_EQ(Text(), before);
  }
  WriteTestFile(path_, "{\"mulberry\":\"1\"}\n");
  EXPECT_TRUE(Message(of_).starts_with(path_ + ":1: not a line of evaluations: "));
}

TEST_F(EvaluationLogTest, ReplacesOnlyWhereItIsTold) {
  Open().Append(exact_, 99);
  const std::string before = Text();
  EXPECT_EQ(Message(of_, Existing::kRefuse), path_ + ": cannot be created: File exists");
  EXPECT_EQ(Text(), before);
  EXPECT_EQ(Message("another", Existing::kReplace), "");
  EXPECT_EQ(Text(), "{\"evaluations_of\":\"another\"}\n");
}

}  // namespace
}  // namespace mulberry
