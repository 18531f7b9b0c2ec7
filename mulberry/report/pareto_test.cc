// The Pareto front: what is on it, ties included.
#include "mulberry/report/pareto.h"

#include <gtest/gtest.h>

#include <limits>

namespace mulberry {
namespace {

using Flags = std::vector<bool>;

TEST(ParetoFront, IsWhatNoOtherPointBeats) {
  EXPECT_EQ(ParetoFront({}), Flags());
  EXPECT_EQ(ParetoFront({{1, 99}}), Flags({true}));
  // The third costs more than the second and is no better; the fourth is worse than the first at
  // its cost.
  EXPECT_EQ(ParetoFront({{1, 99}, {0.2, 98}, {0.5, 97}, {1, 98.5}}),
            Flags({true, true, false, false}));
}

TEST(ParetoFront, HasEqualPointsTogether) {
  EXPECT_EQ(ParetoFront({{1, 99}, {1, 99}, {2, 99}}), Flags({true, true, false}));
}

TEST(ParetoFront, IsIndifferentToTheOrder) {
  EXPECT_EQ(ParetoFront({{3, 3}, {1, 1}, {2, 0.5}, {2, 2}}), Flags({true, true, false, true}));
  EXPECT_EQ(ParetoFront({{2, 2}, {2, 0.5}, {1, 1}, {3, 3}}), Flags({true, false, true, true}));
}

TEST(ParetoFront, LeavesOutNan) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(ParetoFront({{1, nan}, {nan, 99}, {1, 98}}), Flags({false, false, true}));
}

}  // namespace
}  // namespace mulberry
