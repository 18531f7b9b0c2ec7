// Error models: the distribution that each spelling stands for, and that drawn errors have it.
#include "mulberry/multipliers/error_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "mulberry/base/error.h"
#include "mulberry/base/threads.h"
#include "mulberry/multipliers/multiplier.h"

namespace mulberry {
namespace {

std::vector<float> Draw(const ErrorDistribution& distribution, int64_t n, RandomStream stream) {
  std::vector<float> errors(static_cast<size_t>(n));
  DrawErrors(distribution, stream, errors.data(), n);
  return errors;
}

double Mean(const std::vector<float>& errors, double (*f)(double)) {
  double sum = 0;
  for (const float e : errors) sum += f(e);
  return sum / static_cast<double>(errors.size());
}

// The paper's test points: mean relative errors and the standard deviations that it prints for
// them.
TEST(ErrorModel, MeanRelativeErrorsHaveThePublishedStandardDeviations) {
  constexpr double kPoints[][2] = {{1.2, 1.5}, {1.4, 1.8}, {2.4, 3},   {3.6, 4.5},
                                   {4.8, 6},   {9.6, 12},  {19.2, 24}, {38.2, 48}};
  for (const auto& [mre, sd] : kPoints) {
    const auto distribution = DistributionOf({SpreadFigure::kMre, mre, 0});
    EXPECT_NEAR(100 * distribution.sd, sd, 0.03 * sd) << mre;
    EXPECT_EQ(distribution.mean, 0);
  }
}

TEST(ErrorModel, StandardDeviationAndBiasAreAsTheyAreWritten) {
  EXPECT_EQ(DistributionOf({SpreadFigure::kSd, 25, -50}), (ErrorDistribution{-0.5, 0.25, {}}));
  EXPECT_EQ(DistributionOf({SpreadFigure::kMre, 0, 0}), ErrorDistribution{});
}

// A bias moves all errors, and with it is no part of mre.
TEST(ErrorModel, DrawnErrorsHaveTheMeanTheSpreadAndTheMre) {
  constexpr int64_t kCount = 1 << 20;
  const auto none = Draw(DistributionOf({SpreadFigure::kMre, 1.4, 0}), kCount, {3, 1});
  const auto biased = Draw(DistributionOf({SpreadFigure::kMre, 1.4, -0.5}), kCount, {3, 1});
  const double sd = 0.014 * std::sqrt(std::acos(-1.0) / 2);
  const double deviation = sd / std::sqrt(double{kCount});  // Of a mean.
  const auto identity = [](double e) { return e; };
  const auto magnitude = [](double e) { return std::abs(e); };
  const auto square = [](double e) { return e * e; };
  EXPECT_NEAR(Mean(none, identity), 0, 4 * deviation);
  EXPECT_NEAR(Mean(none, magnitude), 0.014, 4 * deviation);
  EXPECT_NEAR(std::sqrt(Mean(none, square)), sd, 4 * deviation);
  EXPECT_NEAR(Mean(biased, identity), -0.005, 4 * deviation);
  for (size_t i = 0; i < 100; ++i) EXPECT_NEAR(biased[i], none[i] - 0.005f, 1e-8f);
}

// Against the normal distribution function: below the quantile of p lies the share p.
TEST(ErrorModel, DrawnErrorsHaveTheNormalQuantiles) {
  constexpr int64_t kCount = 1 << 18;
  auto errors = Draw({0.01, 0.02, {}}, kCount, {8, 2});
  std::sort(errors.begin(), errors.end());
  for (const double p : {0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999}) {
    const double x = errors[static_cast<size_t>(p * kCount)];
    const double below = 0.5 * std::erfc(-(x - 0.01) / 0.02 / std::sqrt(2.0));
    EXPECT_NEAR(below, p, 4 * std::sqrt(p * (1 - p) / kCount)) << p;
  }
}

TEST(ErrorModel, MeasuredErrorsAreDrawnEquallyOften) {
  const ErrorDistribution measured{0, 0.1, {-0.2, 0, 0, 0.0625, 0.125}};
  EXPECT_EQ(ErrorOf(measured, 0), -0.2);
  EXPECT_EQ(ErrorOf(measured, ~uint64_t{0}), 0.125);
  constexpr int64_t kCount = 1 << 16;
  const auto errors = Draw(measured, kCount, {1, 1});
  const auto share = [&](float e) {
    return static_cast<double>(std::count(errors.begin(), errors.end(), e)) / double{kCount};
  };
  EXPECT_NEAR(share(-0.2f), 0.2, 4 * 0.4 / 256);
  EXPECT_NEAR(share(0), 0.4, 4 * 0.5 / 256);
  EXPECT_NEAR(share(0.0625f), 0.2, 4 * 0.4 / 256);
  EXPECT_NEAR(share(0.125f), 0.2, 4 * 0.4 / 256);
}

TEST(ErrorModel, DrawnErrorsDoNotDependOnTheNumberOfThreads) {
  const ErrorDistribution distribution{0, 0.018, {}};
  constexpr int64_t kCount = 3 * 4096 + 5;
  const int threads = Threads();
  SetThreads(1);
  const auto one = Draw(distribution, kCount, {4, 7});
  SetThreads(3);
  EXPECT_EQ(Draw(distribution, kCount, {4, 7}), one);
  SetThreads(threads);
  for (size_t i = 0; i < one.size(); i += 1000) {
    const uint64_t random = RandomStream{4, 7}.WideAt(i);
    EXPECT_EQ(one[i], static_cast<float>(ErrorOf(distribution, random)));
  }
  EXPECT_NE(Draw(distribution, kCount, {5, 7}), one);
  EXPECT_NE(Draw(distribution, kCount, {4, 8}), one);
}

TEST(ErrorModel, HasNoFunctionalModel) {
  const Multiplier noise{.family = std::string(kNoiseFamily),
                         .errors = ErrorModel{NormalErrors{SpreadFigure::kMre, 1.4, 0}}};
  EXPECT_THROW(MakeModel(noise, {.bits = 8}), UsageError);
}

}  // namespace
}  // namespace mulberry
