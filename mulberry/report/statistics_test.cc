// Means and deviations, against figures worked out by hand.
#include "mulberry/report/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace mulberry {
namespace {

TEST(Mean, IsOfAllValues) {
  EXPECT_EQ(Mean({}), std::nullopt);
  EXPECT_EQ(Mean({7}), 7);
  EXPECT_EQ(Mean({1, 2, 6}), 3);
}

TEST(SampleStandardDeviation, DividesByOneLessThanTheCount) {
  EXPECT_EQ(SampleStandardDeviation({}), std::nullopt);
  EXPECT_EQ(SampleStandardDeviation({7}), std::nullopt);
  EXPECT_EQ(SampleStandardDeviation({7, 7}), 0);
  // Distances to the mean 3: -2, -1, 3; (4 + 1 + 9) / 2 = 7.
  EXPECT_EQ(SampleStandardDeviation({1, 2, 6}), std::sqrt(7.0));
  // The classic example: mean 5, sum of squares 32, over 7.
  EXPECT_EQ(SampleStandardDeviation({2, 4, 4, 4, 5, 5, 7, 9}), std::sqrt(32.0 / 7));
}

TEST(Median, IsTheMiddle) {
  EXPECT_EQ(Median({}), std::nullopt);
  EXPECT_EQ(Median({7}), 7);
  EXPECT_EQ(Median({9, 1, 5}), 5);
  EXPECT_EQ(Median({9, 1, 5, 7}), 6);
}

}  // namespace
}  // namespace mulberry
