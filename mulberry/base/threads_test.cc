// ParallelFor: every piece once, exceptions, nesting.
#include "mulberry/base/threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace mulberry {
namespace {

/// Runs each test with more threads than this machine may have, and puts the number back.
class ThreadsTest : public testing::Test {
 protected:
  ~ThreadsTest() override { SetThreads(before_); }

 private:
  const int before_ = Threads();
};

TEST_F(ThreadsTest, CountIsAtLeastOne) {
  EXPECT_GE(Threads(), 1);
  SetThreads(3);
  EXPECT_EQ(Threads(), 3);
  SetThreads(0);
  EXPECT_EQ(Threads(), 1);
}

TEST_F(ThreadsTest, CallsEachPieceOnce) {
  for (const int threads : {1, 2, 5}) {
    SetThreads(threads);
    for (const int64_t n : {0, 1, 2, 4, 1000}) {
      std::vector<std::atomic<int>> calls(n);
      ParallelFor(n, [&](int64_t i) { ++calls.at(i); });
      for (int64_t i = 0; i < n; ++i) EXPECT_EQ(calls[i], 1) << i << " of " << n;
    }
  }
}

TEST_F(ThreadsTest, RethrowsTheExceptionOfAPieceAndCanBeUsedAgain) {
  for (const int threads : {1, 4}) {
    SetThreads(threads);
    const auto one_fails = [](int64_t i) {
      if (i == 13) throw std::out_of_range("piece 13");
    };
    EXPECT_THROW(ParallelFor(100, one_fails), std::out_of_range);
    EXPECT_THROW(ParallelFor(100, [](int64_t) { throw std::runtime_error("all"); }),
                 std::runtime_error);
    std::atomic<int> calls{0};
    ParallelFor(100, [&](int64_t) { ++calls; });
    EXPECT_EQ(calls, 100);
  }
}

TEST_F(ThreadsTest, NestedPiecesRunOnTheCallingThread) {
  SetThreads(4);
  std::atomic<int> calls{0}, strays{0};
  ParallelFor(8, [&](int64_t) {
    const std::thread::id caller = std::this_thread::get_id();
    ParallelFor(50, [&](int64_t) {
      ++calls;
      if (std::this_thread::get_id() != caller) ++strays;
    });
  });
  EXPECT_EQ(calls, 8 * 50);
  EXPECT_EQ(strays, 0);
}

TEST_F(ThreadsTest, CarriesAnExceptionOutOfANestedLoop) {
  SetThreads(4);
  const auto inner = [](int64_t) { throw std::logic_error("inner"); };
  EXPECT_THROW(ParallelFor(4, [&](int64_t) { ParallelFor(4, inner); }), std::logic_error);
}

}  // namespace
}  // namespace mulberry
