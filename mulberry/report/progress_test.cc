// Progress: bars that fit the terminal and are erased, plain lines elsewhere, the time left.
#include "mulberry/report/progress.h"

#include <gtest/gtest.h>

#include <sstream>

namespace mulberry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const ProgressDisplay::Clock::time_point kStart{};

ProgressState State(int epoch, int64_t batch) {
  ProgressState state;
  state.run = "mbm@bf16 (2/4)";
  state.epoch = epoch;
  state.epochs = 4;
  state.batch = batch;
  state.batches = 100;
  state.loss = 0.12345;
  state.accuracy_pct = 97.5;
  return state;
}

ProgressDisplay::Options Terminal(int width) {
  ProgressDisplay::Options options;
  options.terminal = true;
  options.width = width;
  return options;
}

TEST(FormatDuration, ReadsAsAClock) {
  EXPECT_EQ(FormatDuration(-1), "0:00");
  EXPECT_EQ(FormatDuration(9.6), "0:10");
  EXPECT_EQ(FormatDuration(75.2), "1:15");
  EXPECT_EQ(FormatDuration(3700), "1:01:40");
}

TEST(ProgressDisplay, WritesPlainLinesAtIntervals) {
  std::ostringstream out;
  {
    ProgressDisplay progress(out, {});
    progress.Start(State(1, 0), kStart);
    progress.Update(State(1, 1), kStart + seconds(1));
    EXPECT_EQ(out.str(), "");
    // An eighth of the run in 10 seconds: seven eighths are left.
    progress.Update(State(1, 50), kStart + seconds(10));
    progress.Update(State(1, 51), kStart + seconds(11));
    progress.Line("epoch 1 done");
  }
  EXPECT_EQ(out.str(),
            "mbm@bf16 (2/4)  epoch 1/4  batch 50/100  loss 0.1235  accuracy 97.50 %  left 1:10\n"
            "epoch 1 done\n");
}

TEST(ProgressDisplay, ReckonsTheTimeLeftFromWhereItStarted) {
  std::ostringstream out;
  ProgressDisplay progress(out, {});
  progress.Start(State(3, 0), kStart);
  progress.Update(State(4, 0), kStart + seconds(20));
  EXPECT_NE(out.str().find("left 0:20"), std::string::npos) << out.str();
}

TEST(ProgressDisplay, DrawsABarAndErasesIt) {
  std::ostringstream out;
  {
    ProgressDisplay progress(out, Terminal(100));
    progress.Start(State(1, 0), kStart);
    progress.Update(State(1, 50), kStart + milliseconds(100));
    progress.Update(State(1, 51), kStart + milliseconds(150));
    progress.Line("epoch 1 done");
  }
  EXPECT_EQ(
      out.str(),
      "mbm@bf16 (2/4)  epoch 1/4 [###############...............] loss 0.1235  accuracy 97.50 %  "
      "left 0:01\r\x1b[Kepoch 1 done\n");
}

TEST(ProgressDisplay, ShowsSweeps) {
  std::ostringstream out;
  {
    ProgressDisplay progress(out, Terminal(60));
    progress.Start(SweepProgress{"runs/x", 2, 12, 0}, kStart);
    // Two of the ten that were left, in 10 seconds.
    progress.Update(SweepProgress{"runs/x", 4, 12, 3}, kStart + seconds(10));
    progress.Line("(4/12) done");
  }
  EXPECT_EQ(out.str(),
            "runs/x  4/12 [#######................] 3 running  left 0:40\r\x1b[K(4/12) done\n");
  out.str("");
  ProgressDisplay plain(out, {});
  plain.Start(SweepProgress{"runs/x", 2, 12, 0}, kStart);
  plain.Update(SweepProgress{"runs/x", 2, 12, 3}, kStart + seconds(10));
  EXPECT_EQ(out.str(), "runs/x  2/12  3 running  left ?\n");
}

TEST(ProgressDisplay, NeverReachesTheLastColumn) {
  for (int width = 1; width < 160; ++width) {
    std::ostringstream out;
    ProgressDisplay progress(out, Terminal(width));
    progress.Start(State(1, 0), kStart);
    progress.Update(State(2, 99), kStart + seconds(1));
    EXPECT_LT(out.str().size(), static_cast<size_t>(width));
  }
}

TEST(ProgressDisplay, LeavesTheCursorAtTheStartOfALine) {
  std::ostringstream out;
  {
    ProgressDisplay progress(out, Terminal(80));
    progress.Start(State(1, 0), kStart);
    progress.Update(State(1, 50), kStart + seconds(1));
  }
  const std::string erase = "\r\x1b[K";
  ASSERT_GE(out.str().size(), erase.size());
  EXPECT_EQ(out.str().substr(out.str().size() - erase.size()), erase);
}

}  // namespace
}  // namespace mulberry
