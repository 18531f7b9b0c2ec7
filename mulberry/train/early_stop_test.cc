// The early end of a run, on tests made up.
#include "mulberry/train/early_stop.h"

#include <gtest/gtest.h>

#include <limits>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

Config Patience(int64_t epochs, const std::string& on) {
  Config config;
  config.early_stop = epochs;
  config.early_stop_on = on;
  return config;
}

Scores Tested(double loss, int64_t correct) {
  return {100 * loss, 100, correct};
}

TEST(EarlyStop, IsDueAfterEpochsWithoutABetterAccuracy) {
  EarlyStop stop(Patience(2, "accuracy"));
  EXPECT_FALSE(stop.due());
  stop.Add(Tested(1, 50));
  stop.Add(Tested(0.5, 50));  // As good is not better, whatever the loss.
  EXPECT_FALSE(stop.due());
  stop.Add(Tested(2, 51));
  stop.Add(Tested(1, 49));
  EXPECT_FALSE(stop.due());
  stop.Add(Tested(1, 50));
  EXPECT_TRUE(stop.due());
  EXPECT_EQ(stop.Reason(), "no better test accuracy for 2 epochs");
}

TEST(EarlyStop, IsDueAfterEpochsWithoutABetterLoss) {
  EarlyStop stop(Patience(1, "loss"));
  stop.Add(Tested(1, 50));
  stop.Add(Tested(0.5, 40));
  EXPECT_FALSE(stop.due());
  stop.Add(Tested(0.5, 60));
  EXPECT_TRUE(stop.due());
  EXPECT_EQ(stop.Reason(), "no better test loss for 1 epoch");
}

TEST(EarlyStop, ANonFiniteLossIsNotBetter) {
  for (const double loss :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    EarlyStop stop(Patience(2, "loss"));
    stop.Add(Tested(loss, 50));
    stop.Add(Tested(loss, 50));
    EXPECT_TRUE(stop.due());
    stop.Add(Tested(9, 50));
    EXPECT_FALSE(stop.due());
  }
}

TEST(EarlyStop, IsNeverDueByDefault) {
  EarlyStop stop{Config()};
  for (int i = 0; i < 100; ++i) stop.Add(Tested(1, 50));
  EXPECT_FALSE(stop.due());
}

TEST(EarlyStop, GoesOnFromItsState) {
  const Config config = Patience(2, "loss");
  EarlyStop stop(config), resumed(config);
  resumed.Restore(nlohmann::ordered_json::parse(stop.ToJson().dump()));
  for (const double loss : {1.0 / 3, 0.4, 1.0 / 3}) {
    stop.Add(Tested(loss, 0));
    resumed.Add(Tested(loss, 0));
    EXPECT_EQ(resumed.due(), stop.due()) << loss;
    EarlyStop next(config);
    next.Restore(nlohmann::ordered_json::parse(resumed.ToJson().dump()));
    EXPECT_EQ(next.ToJson(), stop.ToJson());
    EXPECT_EQ(next.due(), stop.due());
  }
  EXPECT_TRUE(stop.due());
  EXPECT_THROW(stop.Restore({}), Error);
}

}  // namespace
}  // namespace mulberry
