// The search for the latest switch: its continuations are hybrid runs to the bit, also after stops.
#include "mulberry/train/hybrid_search.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"
#include "mulberry/train/machine.h"
#include "mulberry/train/trainer.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

class HybridSearchTest : public testing::Test {
 protected:
  HybridSearchTest() { UseThreads(1); }

  Config Small(const std::string& name) const {
    Config config;
    config.data = "synthetic";
    config.arithmetic = {"kulkarni@e4m3"};
    config.epochs = 4;
    config.batch_size = 20;
    config.limit_train = 60;
    config.limit_test = 20;
    config.native_batches = 0;
    config.out = folder_.path() / name;
    return Complete(config);
  }

  static HybridSearch Find(
      const Config& config, const HybridSearchOptions& options, Existing existing,
      const std::function<bool()>& stop = [] { return false; }) {
    std::ostringstream ignored;
    ProgressDisplay progress(ignored, {});
    return FindLatestSwitch(config, options, DescribeMachine(), existing, progress, stop);
  }

  // What training gave, epoch by epoch.
  static std::string Record(const std::string& folder) {
    std::string text;
    for (const EpochMetrics& epoch : ReadMetrics(fs::path(folder) / kMetricsFile).epochs) {
      auto json = ToJson(epoch);
      json.erase("timing");
      text += json.dump() + "\n";
    }
    return text;
  }

  const TestFolder folder_;
};

TEST_F(HybridSearchTest, ContinuationsAreHybridRuns) {
  const Config config = Small("search");
  const HybridSearch search = Find(config, {.every_epoch = true}, Existing::kRefuse);
  ASSERT_EQ(search.points.size(), 5u);
  for (int64_t epoch = 0; epoch <= 4; ++epoch) {
    const HybridPoint& point = search.points[static_cast<size_t>(epoch)];
    EXPECT_EQ(point.switch_epoch, epoch);
    EXPECT_EQ(point.approximate_share, static_cast<double>(epoch) / 4);
    EXPECT_EQ(point.difference_points,
              point.test_accuracy_pct - search.points[0].test_accuracy_pct);
  }
  Config at_three = config;
  at_three.schedule = {"hybrid(switch=3)"};
  const std::string alone = folder_.path() / "alone";
  fs::create_directories(alone);
  std::ostringstream ignored;
  ProgressDisplay progress(ignored, {});
  Train({Complete(at_three), DescribeMachine(), alone, ""}, LoadTrainingData(config), progress,
        [] { return false; });
  EXPECT_EQ(Record(config.out + "/switch-3"), Record(alone));
}

TEST_F(HybridSearchTest, BisectsForTheTarget) {
  // Anything is good enough, and nothing is but the exact run.
  const HybridSearch all = Find(Small("all"), {.target_points = -100}, Existing::kRefuse);
  EXPECT_EQ(all.points.size(), 2u);
  EXPECT_EQ(all.latest.switch_epoch, 4);
  const HybridSearch none = Find(Small("none"), {.target_points = 100}, Existing::kRefuse);
  EXPECT_EQ(none.latest.switch_epoch, 0);
  ASSERT_EQ(none.points.size(), 4u);
  EXPECT_EQ(none.points[1].switch_epoch, 1);
  EXPECT_EQ(none.points[2].switch_epoch, 2);
}

TEST_F(HybridSearchTest, GoesOnAfterStops) {
  const HybridSearchOptions options = {.target_points = 100};
  Find(Small("once"), options, Existing::kRefuse);
  const Config often = Small("often");
  int batches = 0;
  const auto stop = [&] { return ++batches % 4 == 0; };
  HybridSearch search = Find(often, options, Existing::kRefuse, stop);
  EXPECT_TRUE(search.stopped);
  for (int i = 0; search.stopped && i < 100; ++i) {
    search = Find(often, options, Existing::kResume, stop);
  }
  EXPECT_EQ(search.points.size(), 4u);
  for (const char* run : {"approximate", "switch-0", "switch-1", "switch-2"}) {
    EXPECT_EQ(Record(often.out + "/" + run), Record(Small("once").out + "/" + run)) << run;
  }
}

TEST_F(HybridSearchTest, RefusesWhatItCannotSearch) {
  const auto message = [&](const std::function<void(Config&)>& change) -> std::string {
    Config config = Small("refused");
    change(config);
    try {
      Find(config, {}, Existing::kRefuse);
    } catch (const UsageError& e) {
      return e.what();
    }
    return "no UsageError";
  };
  EXPECT_NE(message([](Config& c) { c.arithmetic = {"fp32"}; }).find("exact already"),
            std::string::npos);
  EXPECT_NE(message([](Config& c) {
              c.arithmetic = {"mitchell@bf16", "mbm@bf16"};
            }).find("found 2"),
            std::string::npos);
  EXPECT_NE(message([](Config& c) { c.schedule = {"hybrid(switch=1)"}; }).find("leave it out"),
            std::string::npos);
  EXPECT_NE(message([](Config& c) { c.iterations = 5; }).find("between epochs"), std::string::npos);
  EXPECT_FALSE(fs::exists(Small("refused").out));
}

}  // namespace
}  // namespace mulberry
