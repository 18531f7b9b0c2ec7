// The choice by measurement: with contenders whose speed is known.
#include "mulberry/plan/choice.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace mulberry {
namespace {

/// Counts its calls, each of which takes some time.
class Sleeper : public Executor {
 public:
  Sleeper(int milliseconds, int* calls) : milliseconds_(milliseconds), calls_(calls) {}
  void Gemm(const GemmProblem&) const override {
    ++*calls_;
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds_));
  }

 private:
  int milliseconds_;
  int* calls_;
};

GemmProblem Matrices(int64_t m, int64_t n, int64_t k) {
  GemmProblem problem;
  problem.a = StridedOperand(nullptr, m, k, k, 1);
  problem.b = StridedOperand(nullptr, k, n, n, 1);
  return problem;
}

class ChoiceTest : public testing::Test {
 protected:
  ChoiceTest() {
    choice_.Add("slow", std::make_unique<Sleeper>(100, &slow_));
    choice_.Add("fast", std::make_unique<Sleeper>(1, &fast_));
  }
  int slow_ = 0, fast_ = 0;
  Choice choice_;
};

TEST_F(ChoiceTest, TriesEachThenTakesTheFastest) {
  constexpr int kTrials = static_cast<int>(Plan::kTrials);
  for (int i = 0; i < 2 * kTrials; ++i) choice_.Gemm(Matrices(100, 200, 300));
  EXPECT_EQ(slow_, kTrials);
  EXPECT_EQ(fast_, kTrials);
  for (int i = 0; i < 3; ++i) choice_.Gemm(Matrices(128, 256, 512));  // The same class.
  EXPECT_EQ(slow_, kTrials);
  EXPECT_EQ(fast_, kTrials + 3);
  EXPECT_EQ(choice_.latest(), "fast");
  const std::vector<ShapeTiming> timings = choice_.timings();
  ASSERT_EQ(timings.size(), 1u);
  EXPECT_EQ(timings[0].shape, "matrices up to 128×256×512");
  ASSERT_EQ(timings[0].strategies.size(), 2u);
  EXPECT_GT(timings[0].strategies[1].gmacs, timings[0].strategies[0].gmacs);
}

TEST_F(ChoiceTest, KeepsShapesApart) {
  for (int i = 0; i < 4; ++i) choice_.Gemm(Matrices(128, 128, 128));
  choice_.Gemm(Matrices(129, 128, 128));
  EXPECT_EQ(choice_.latest(), "slow");  // A first trial.
  GemmProblem patches = Matrices(128, 128, 128);
  patches.b.patches = true;
  choice_.Gemm(patches);
  EXPECT_EQ(choice_.timings().size(), 3u);
}

TEST_F(ChoiceTest, DoesNotTimeWhatIsSmall) {
  for (int i = 0; i < 5; ++i) choice_.Gemm(Matrices(100, 100, 100));
  EXPECT_EQ(slow_, 5);
  EXPECT_EQ(fast_, 0);
  EXPECT_TRUE(choice_.timings().empty());
}

}  // namespace
}  // namespace mulberry
