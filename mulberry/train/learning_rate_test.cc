// Learning-rate schedules against values worked out by hand.
#include "mulberry/train/learning_rate.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr int64_t kBatches = 10;  // An epoch.

Config Schedule(const std::string& name) {
  Config config;
  config.lr = 0.8;
  config.epochs = 4;
  config.lr_schedule = name;
  return config;
}

TEST(LearningRate, Constant) {
  EXPECT_EQ(LearningRate(Schedule("constant"), 0, kBatches), 0.8);
  EXPECT_EQ(LearningRate(Schedule("constant"), 39, kBatches), 0.8);
}

TEST(LearningRate, StepFallsAtEpochs) {
  Config config = Schedule("step");
  config.lr_step_epochs = 2;
  config.lr_step_factor = 0.5;
  EXPECT_EQ(LearningRate(config, 0, kBatches), 0.8);
  EXPECT_EQ(LearningRate(config, 19, kBatches), 0.8);
  EXPECT_EQ(LearningRate(config, 20, kBatches), 0.4);
  EXPECT_EQ(LearningRate(config, 39, kBatches), 0.4);
  EXPECT_EQ(LearningRate(config, 40, kBatches), 0.2);
}

TEST(LearningRate, CosineFallsToFinal) {
  Config config = Schedule("cosine");
  config.lr_final = 0.2;
  EXPECT_DOUBLE_EQ(LearningRate(config, 0, kBatches), 0.8);
  EXPECT_DOUBLE_EQ(LearningRate(config, 20, kBatches), 0.5);  // cos(pi/2) = 0.
  EXPECT_DOUBLE_EQ(LearningRate(config, 40, kBatches), 0.2);
  EXPECT_NEAR(LearningRate(config, 10, kBatches), 0.5 + 0.3 * 0.70710678118654752, 1e-15);
}

TEST(LearningRate, InvFollowsCaffe) {
  Config config = Schedule("inv");
  config.lr = 0.01;
  config.lr_inv_gamma = 1e-4;
  config.lr_inv_power = 0.75;
  EXPECT_DOUBLE_EQ(LearningRate(config, 0, kBatches), 0.01);
  // 16^-0.75 = 1/8.
  EXPECT_DOUBLE_EQ(LearningRate(config, 150000, kBatches), 0.00125);
}

TEST(LearningRate, RefusesOtherNames) {
  EXPECT_THROW(LearningRate(Schedule("linear"), 0, kBatches), UsageError);
}

TEST(LearningRate, TheRunEndsWhereTheIterationsDo) {
  Config config = Schedule("cosine");
  config.iterations = 20;
  EXPECT_EQ(LearningRate(config, 0, kBatches), 0.8);
  EXPECT_DOUBLE_EQ(LearningRate(config, 10, kBatches), 0.4);
  EXPECT_NEAR(LearningRate(config, 20, kBatches), 0, 1e-15);
}

}  // namespace
}  // namespace mulberry
