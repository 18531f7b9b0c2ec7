// metrics.jsonl: what is written is read, and a file that a kill has torn goes on.
#include "mulberry/report/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"

namespace mulberry {
namespace {

class MetricsTest : public testing::Test {
 protected:
  static RunHeader Header() {
    RunHeader header;
    header.version = "1.2.3";
    header.libtorch = "1.13.1";
    header.cpu = "A \"quoted\" processor";
    header.instruction_set = "AVX2";
    header.threads = 2;
    header.epochs = 2;
    header.configuration = {{"model", "lenet5"}, {"lr", 0.1}, {"arithmetic", {"fp32"}}};
    return header;
  }

  static EpochMetrics Epoch(int number) {
    EpochMetrics epoch;
    epoch.epoch = number;
    epoch.lr = 0.1;
    epoch.share = 0.75;
    epoch.train_loss = 1.0 / 3;
    epoch.train_accuracy_pct = 98.7;
    epoch.test_loss = 5e-324;  // The smallest double: written and read without loss.
    epoch.test_accuracy_pct = 99;
    epoch.approximate_macs = {int64_t{1} << 60, 2, 3};
    epoch.native_macs = {4, 5, 6};
    epoch.skipped_updates = 7;
    epoch.ended_early = number == 2;
    epoch.timing = {1.5, 0.25, {1.25, 1.75}};
    return epoch;
  }

  static IterationMetrics Iteration(int64_t number) {
    IterationMetrics iteration;
    iteration.iteration = number;
    iteration.loss = 2.5;
    iteration.smoothed_loss = 1.0 / 3;
    iteration.stage = "dsearch";
    iteration.length = 15;
    iteration.parameters = {{"conv1.weight", -2, 17, 1, 0}, {"conv1.bias", -3, 18, 0, 5}};
    iteration.activations = {{"data", 2, 13, 0, 0}};
    iteration.macs = {{16, 1000}, {32, int64_t{1} << 60}};
    return iteration;
  }

  std::string Text() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void AddText(const std::string& text) const { std::ofstream(path_, std::ios::app) << text; }

  std::string MessageOfReading() const {
    try {
      ReadMetrics(path_);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }

  const TestFolder folder_;
  const std::string path_ = folder_.path() / "metrics.jsonl";
};

TEST(Metrics, AreOfAFinishedRunWithAllEpochsOrWhereItEndedEarly) {
  Metrics metrics;
  metrics.header.epochs = 3;
  EXPECT_FALSE(metrics.finished());
  metrics.epochs.resize(2);
  EXPECT_FALSE(metrics.finished());
  metrics.epochs.back().ended_early = true;
  EXPECT_TRUE(metrics.finished());
  metrics.epochs.back().ended_early = false;
  metrics.epochs.resize(3);
  EXPECT_TRUE(metrics.finished());
}

TEST_F(MetricsTest, ReadsWhatItWrote) {
  {
    MetricsWriter writer(path_, Header());
    writer.Append(Epoch(1));
    writer.Append(Epoch(2));
  }
  const Metrics metrics = ReadMetrics(path_);
  EXPECT_EQ(ToJson(metrics.header), ToJson(Header()));
  ASSERT_EQ(metrics.epochs.size(), 2u);
  EXPECT_EQ(ToJson(metrics.epochs[0]), ToJson(Epoch(1)));
  EXPECT_EQ(ToJson(metrics.epochs[1]), ToJson(Epoch(2)));
  EXPECT_EQ(metrics.epochs[0].train_loss, 1.0 / 3);
  EXPECT_EQ(metrics.epochs[0].approximate_macs.forward, int64_t{1} << 60);
  EXPECT_EQ(metrics.epochs[0].timing.slow_downs, (std::vector<double>{1.25, 1.75}));
}

TEST_F(MetricsTest, IsFinishedWithAllEpochs) {
  MetricsWriter writer(path_, Header());
  writer.Append(Epoch(1));
  EXPECT_FALSE(ReadMetrics(path_).finished());
  writer.Append(Epoch(2));
  EXPECT_TRUE(ReadMetrics(path_).finished());
}

TEST_F(MetricsTest, OlderFilesHaveTheEpochsOfTheirConfiguration) {
  RunHeader header = Header();
  header.configuration["epochs"] = 1;
  auto json = ToJson(header);
  json.erase("epochs");
  AddText(json.dump() + "\n");
  EXPECT_FALSE(ReadMetrics(path_).finished());
  MetricsWriter(path_, 0).Append(Epoch(1));
  EXPECT_TRUE(ReadMetrics(path_).finished());
}

TEST_F(MetricsTest, KeepsNan) {
  EpochMetrics epoch = Epoch(1);
  epoch.test_loss = std::numeric_limits<double>::quiet_NaN();
  MetricsWriter(path_, Header()).Append(epoch);
  EXPECT_TRUE(std::isnan(ReadMetrics(path_).epochs.at(0).test_loss));
}

TEST_F(MetricsTest, DoesNotOverwrite) {
  MetricsWriter(path_, Header()).Append(Epoch(1));
  const std::string before = Text();
  EXPECT_THROW(MetricsWriter(path_, Header()), Error);
  EXPECT_EQ(Text(), before);
}

TEST_F(MetricsTest, LeavesOutATornLine) {
  MetricsWriter(path_, Header()).Append(Epoch(1));
  AddText(R"({"epoch":2,"lr":0.)");
  EXPECT_EQ(ReadMetrics(path_).epochs.size(), 1u);
}

TEST_F(MetricsTest, CutsOffWhatFollowsTheCheckpoint) {
  {
    MetricsWriter writer(path_, Header());
    writer.Append(Epoch(1));
    writer.Append(Epoch(2));
  }
  const std::string two_epochs = Text();
  AddText(R"({"epoch":3,"lr":0.)");
  MetricsWriter(path_, 2);
  EXPECT_EQ(Text(), two_epochs);
  MetricsWriter(path_, 1).Append(Epoch(2));
  EXPECT_EQ(Text(), two_epochs);
}

TEST_F(MetricsTest, TellsIterationsFromEpochs) {
  {
    MetricsWriter writer(path_, Header());
    writer.Append(Iteration(0));
    writer.Append(Iteration(1));
    writer.Append(Epoch(1));
    writer.Append(Iteration(2));
  }
  const Metrics metrics = ReadMetrics(path_);
  ASSERT_EQ(metrics.epochs.size(), 1u);
  ASSERT_EQ(metrics.iterations.size(), 3u);
  for (int64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(ToJson(metrics.iterations[static_cast<size_t>(i)]), ToJson(Iteration(i)));
  }
  EXPECT_EQ(metrics.iterations[0].smoothed_loss, 1.0 / 3);
  EXPECT_EQ(metrics.iterations[0].parameters.at(1).gradient_overflows, 5);
  EXPECT_EQ(metrics.iterations[0].macs.at(32), int64_t{1} << 60);
}

TEST_F(MetricsTest, CutsOffIterationsBeyondTheCheckpoint) {
  std::vector<std::string> after;  // The text after each line but the header.
  {
    MetricsWriter writer(path_, Header());
    for (int64_t i = 0; i < 2; ++i) {
      writer.Append(Iteration(i));
      after.push_back(Text());
    }
    writer.Append(Epoch(1));
    after.push_back(Text());
    writer.Append(Iteration(2));
    after.push_back(Text());
  }
  AddText(R"({"iteration":3,"loss":0.)");
  EXPECT_EQ(ReadMetrics(path_).iterations.size(), 3u);
  MetricsWriter(path_, 1, 3);
  EXPECT_EQ(Text(), after[3]);
  EXPECT_THROW(MetricsWriter(path_, 1, 4), Error);
  EXPECT_THROW(MetricsWriter(path_, 2, 3), Error);
  MetricsWriter(path_, 1, 2);
  EXPECT_EQ(Text(), after[2]);
  MetricsWriter(path_, 0, 2);
  EXPECT_EQ(Text(), after[1]);
  MetricsWriter(path_, 0, 1).Append(Iteration(1));
  EXPECT_EQ(Text(), after[1]);
}

TEST_F(MetricsTest, RefusesToContinueAShorterFile) {
  MetricsWriter(path_, Header()).Append(Epoch(1));
  EXPECT_THROW(MetricsWriter(path_, 2), Error);
  EXPECT_THROW(MetricsWriter(path_ + ".none", 0), Error);
}

TEST_F(MetricsTest, NamesTheLineAtFault) {
  { MetricsWriter(path_, Header()).Append(Epoch(1)); }
  AddText("no JSON\n");
  EXPECT_NE(MessageOfReading().find(path_ + ":3: "), std::string::npos) << MessageOfReading();
}

TEST_F(MetricsTest, NamesTheKeyThatIsMissing) {
  AddText("{\"mulberry\":\"1\"}\n");
  EXPECT_NE(MessageOfReading().find("libtorch"), std::string::npos) << MessageOfReading();
}

TEST_F(MetricsTest, RefusesAFileWithoutHeader) {
  AddText("");
  EXPECT_NE(MessageOfReading().find("no header line"), std::string::npos) << MessageOfReading();
}

}  // namespace
}  // namespace mulberry
