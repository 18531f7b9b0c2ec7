// Learning-rate schedules against values worked out by hand.
#include "mulberry/train/learning_rate.h"

#include <gtest/gtest.h>

#include <string>

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

TEST(LearningRate, StepsAfterItsMilestones) {
  Config config = Schedule("milestones");
  config.lr_milestones = "1,3";
  config.lr_step_factor = 0.5;
  EXPECT_EQ(LearningRate(config, 9, kBatches), 0.8);
  EXPECT_EQ(LearningRate(config, 10, kBatches), 0.4);
  EXPECT_EQ(LearningRate(config, 29, kBatches), 0.4);
  EXPECT_EQ(LearningRate(config, 30, kBatches), 0.2);
  EXPECT_EQ(LearningRate(config, 1000, kBatches), 0.2);
}

TEST(LearningRate, WarmsUp) {
  Config config = Schedule("constant");
  config.lr_warmup_epochs = 0.4;  // Four batches.
  EXPECT_DOUBLE_EQ(LearningRate(config, 0, kBatches), 0.2);
  EXPECT_DOUBLE_EQ(LearningRate(config, 1, kBatches), 0.4);
  EXPECT_EQ(LearningRate(config, 3, kBatches), 0.8);
  EXPECT_EQ(LearningRate(config, 4, kBatches), 0.8);
  // Times what the schedule has anyway.
  config.lr_schedule = "cosine";
  config.lr_warmup_epochs = 3;
  EXPECT_DOUBLE_EQ(LearningRate(config, 20, kBatches), 0.4 * 21 / 30);
  EXPECT_NEAR(LearningRate(config, 40, kBatches), 0, 1e-15);
}

TEST(LearningRate, ChecksItsKeys) {
  const auto message = [](const Config& config) -> std::string {
    try {
      CheckLearningRate(config);
    } catch (const UsageError& e) {
      return e.what();
    }
    return "";
  };
  Config config = Schedule("milestones");
  for (const char* text : {"", "0", "3,2", "2,2", "82,", ",", "1;2", "1.5", "x", "1 ,2"}) {
    config.lr_milestones = text;
    EXPECT_EQ(message(config), "lr-milestones: '" + std::string(text) +
                                   "' must be rising numbers of epochs, from 1 on, such as 82,123");
  }
  for (const char* text : {"1", "82,123"}) {
    config.lr_milestones = text;
    EXPECT_EQ(message(config), "");
  }
  config.lr_warmup_epochs = 4;
  EXPECT_EQ(message(config), "");
  config.lr_warmup_epochs = 4.5;
  EXPECT_EQ(message(config), "lr-warmup-epochs: 4.5 must be at most the epochs of the run, 4");
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
