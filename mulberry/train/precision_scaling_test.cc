// Dynamic precision scaling against traces worked out by hand from its rules.
#include "mulberry/train/precision_scaling.h"

#include <gtest/gtest.h>

#include <vector>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

using Stage = PrecisionScaling::Stage;

/// Short windows: points move every 3rd check, a mean is of two losses.
constexpr PrecisionScalingOptions kShort{.isearch_window = 2,
                                         .dsearch_window = 3,
                                         .target_length = 8,
                                         .bit_step = 4,
                                         .max_length = 16,
                                         .average_loss = 2};

/// One tensor in DSEARCH at 8 bits, of which 4 are integer bits. One loss, 100, has been seen.
PrecisionScaling InLengthSearch(const PrecisionScalingOptions& options = kShort) {
  PrecisionScaling scaling(options, {{3, 13}});
  scaling.Update({true}, 100);
  EXPECT_EQ(scaling.stage(), Stage::kLengthSearch);
  return scaling;
}

// Rule 1, in both stages.
TEST(PrecisionScaling, OverflowMovesThePoint) {
  PrecisionScaling scaling(kShort, {{3, 13}, {0, 16}});
  scaling.Update({true, false}, 1);
  EXPECT_EQ(scaling.formats(), (std::vector<FixedFormat>{{4, 12}, {0, 16}}));
  scaling.Update({true, false}, 1);
  EXPECT_EQ(scaling.formats(), (std::vector<FixedFormat>{{5, 11}, {0, 16}}));
  EXPECT_EQ(scaling.stage(), Stage::kIntegerSearch);
  scaling.Update({true, true}, 1);  // 6 and 1 integer bits, then the target of 8.
  EXPECT_EQ(scaling.formats(), (std::vector<FixedFormat>{{6, 2}, {1, 7}}));
  scaling.Update({false, true}, 0.5);
  EXPECT_EQ(scaling.formats(), (std::vector<FixedFormat>{{6, 2}, {2, 6}}));
}

// Rule 2.
TEST(PrecisionScaling, QuietTensorsLoseIntegerBitsUntilTheyOverflow) {
  PrecisionScaling scaling(kShort, {{3, 13}, {3, 13}});
  const auto update = [&](bool a, bool b) {
    scaling.Update({a, b}, 1);
    return scaling.formats();
  };
  using Formats = std::vector<FixedFormat>;
  EXPECT_EQ(update(false, false), (Formats{{3, 13}, {3, 13}}));
  EXPECT_EQ(update(false, false), (Formats{{3, 13}, {3, 13}}));
  EXPECT_EQ(update(false, false), (Formats{{2, 14}, {2, 14}}));  // Two quiet checks and one.
  EXPECT_EQ(update(false, true), (Formats{{2, 14}, {3, 13}}));   // The second has found them,
  EXPECT_EQ(update(false, false), (Formats{{2, 14}, {3, 13}}));
  EXPECT_EQ(update(false, false), (Formats{{1, 15}, {3, 13}}));
  EXPECT_EQ(update(false, false), (Formats{{1, 15}, {3, 13}}));
  EXPECT_EQ(update(false, false), (Formats{{1, 15}, {3, 13}}));
  EXPECT_EQ(update(false, false), (Formats{{0, 16}, {3, 13}}));
  EXPECT_EQ(update(false, true), (Formats{{0, 16}, {4, 12}}));  // but its point still moves.
  EXPECT_EQ(scaling.stage(), Stage::kIntegerSearch);
  EXPECT_EQ(update(true, false), (Formats{{1, 7}, {4, 4}}));
  EXPECT_EQ(scaling.stage(), Stage::kLengthSearch);
}

TEST(PrecisionScaling, ATensorOfZerosFindsTheLastFormat) {
  const int lowest = kShort.max_length - FixedFormat::kMaxExponent;
  PrecisionScaling scaling(kShort, {{lowest + 1, 15 - lowest}});
  for (int i = 0; i < 5; ++i) scaling.Update({false}, 1);
  EXPECT_EQ(scaling.formats().front(), (FixedFormat{lowest, 94}));
  EXPECT_EQ(scaling.stage(), Stage::kIntegerSearch);
  scaling.Update({false}, 1);
  EXPECT_EQ(scaling.formats().front(), (FixedFormat{lowest, 8 - lowest}));
  EXPECT_EQ(scaling.stage(), Stage::kLengthSearch);
  // At the other bound the point stays.
  PrecisionScaling large(kShort, {{94, -78}});
  large.Update({true}, 1);
  EXPECT_EQ(large.formats().front(), (FixedFormat{94, -86}));
}

// Rule 3: means 100, then 95, 85, 80 (the loss goes up, its mean does not), 82.5.
TEST(PrecisionScaling, IncreasingLossGetsTheLongestFormat) {
  PrecisionScaling scaling = InLengthSearch();
  const auto length = [&](double loss) {
    scaling.Update({false}, loss);
    return scaling.formats().front().length();
  };
  EXPECT_EQ(length(90), 8);
  EXPECT_EQ(length(80), 8);
  EXPECT_EQ(length(80), 8);
  EXPECT_EQ(length(85), 16);  // 82.5 is the larger of the last two means.
  EXPECT_EQ(scaling.current_target(), 12);
  EXPECT_EQ(scaling.formats().front(), (FixedFormat{4, 12}));
  // Back once a mean is less than the least of those two, 80.
  EXPECT_EQ(length(79), 16);  // 82.
  EXPECT_EQ(length(81), 16);  // 80.
  EXPECT_EQ(length(78.9), 12);
  EXPECT_EQ(scaling.formats().front(), (FixedFormat{4, 8}));
  // The next time the target stays: 12 + 4 is not below 16.
  EXPECT_EQ(length(90), 16);
  EXPECT_EQ(scaling.current_target(), 12);
}

TEST(PrecisionScaling, ALossThatKeepsIncreasingWaits) {
  PrecisionScaling scaling = InLengthSearch();
  const auto length = [&](double loss) {
    scaling.Update({false}, loss);
    return scaling.formats().front().length();
  };
  // From the start the count must be complete.
  EXPECT_EQ(length(101), 8);
  EXPECT_EQ(length(101), 8);
  EXPECT_EQ(length(101), 8);  // Equality counts as increasing.
  EXPECT_EQ(length(101), 16);
  // At the longest format there is nothing to do, and nothing new to remember.
  for (int i = 0; i < 10; ++i) EXPECT_EQ(length(200 + i), 16);
  EXPECT_EQ(length(99), 16);
  EXPECT_EQ(length(103.5), 16);  // A mean of 101.25,
  EXPECT_EQ(length(98), 12);     // and 100.75, below 101.
}

// The published LeNet run's shape: 31 bits in iterations 0 to 88, 15 from 89, 31 from 760, 15 from
// 888. Its losses are not published; these give, in means of 100:
//   - falling by 1 an iteration to 349.5 in iteration 700;
//   - 440 from 701 on: mean (34950 + 40.5 k + k^2 / 2) / 100 in iteration 700 + k, against the
//     oldest one in the window, 448.5 - k. 388.9 < 390.5 at k = 58, 390.8 > 389.5 at k = 59;
//   - 360 from 760 on, which 0 from 885 on brings to 356.4, 352.8 and, in 887, 349.2 < 349.5.
TEST(PrecisionScaling, PublishedLeNetTrace) {
  PrecisionScaling scaling({}, {{15, 16}, {15, 16}});
  const auto loss = [](int i) { return i <= 700 ? 1000.0 - i : i < 760 ? 440 : i < 885 ? 360 : 0; };
  for (int i = 0; i < 1000; ++i) {
    const int length = i < 89 || (i >= 760 && i < 888) ? 31 : 15;
    for (const FixedFormat& format : scaling.formats()) {
      ASSERT_EQ(format.length(), length) << "iteration " << i;
    }
    scaling.Update({i == 30, i == 88}, loss(i));
  }
  // One bit less in iteration 20 and one more in 30; four less in 20, 41, 62, 83, one more in 88.
  EXPECT_EQ(scaling.formats(), (std::vector<FixedFormat>{{15, 0}, {12, 3}}));
}

TEST(PrecisionScaling, GoesOnFromItsState) {
  const auto loss = [](int i) { return 1.0 / (1 + i % 7) + (i % 50) / 100.0; };
  PrecisionScaling whole(kShort, {{3, 13}, {-2, 18}});
  PrecisionScaling parts = whole;
  for (int i = 0; i < 300; ++i) {
    const std::vector<bool> overflowed = {i % 11 == 5, i % 17 == 16};
    whole.Update(overflowed, loss(i));
    parts =
        PrecisionScaling::FromJson(kShort, nlohmann::ordered_json::parse(parts.ToJson().dump()));
    parts.Update(overflowed, loss(i));
    ASSERT_EQ(parts.formats(), whole.formats()) << i;
    ASSERT_EQ(parts.ToJson(), whole.ToJson()) << i;
  }
  EXPECT_THROW(PrecisionScaling::FromJson(kShort, {{"stage", "isearch"}}), Error);
}

TEST(PrecisionScaling, RefusesWhatCannotBe) {
  EXPECT_THROW(PrecisionScaling({.target_length = 32}, {{15, 16}}), UsageError);
  EXPECT_THROW(PrecisionScaling({.max_length = 32}, {{15, 16}}), UsageError);
  EXPECT_THROW(PrecisionScaling({.isearch_window = 0}, {{15, 16}}), UsageError);
  EXPECT_THROW(PrecisionScaling({}, {{16, 16}}), UsageError);
  EXPECT_THROW(PrecisionScaling({}, {{-70, 80}}), UsageError);
  PrecisionScaling scaling({}, {{15, 16}});
  EXPECT_THROW(scaling.Update({true, false}, 1), Error);
}

}  // namespace
}  // namespace mulberry
