// Prefetching: the same batches, exceptions where the batch would have been, and an end at any
// time.
#include "mulberry/data/prefetch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include "mulberry/base/error.h"
#include "mulberry/data/synthetic.h"

namespace mulberry {
namespace {

// A batch that is its number.
Batch Numbered(int64_t i) {
  return {torch::full({1}, i), torch::full({1}, i, torch::kInt64)};
}

int64_t NumberOf(const Batch& batch) {
  return batch.labels.item<int64_t>();
}

TEST(Prefetcher, GivesTheSameBatches) {
  const Dataset data = MakeSynthetic(Split::kTrain, 100, 1);
  const Batches batches(data, 16, 1, 2, Augmentation::kCropFlip);
  for (const int64_t first : {0, 3, 6, 7}) {
    Prefetcher prefetcher([&](int64_t i) { return batches.at(i); }, first, batches.size());
    for (int64_t i = first; i < batches.size(); ++i) {
      const Batch batch = prefetcher.Next();
      EXPECT_TRUE(batch.images.equal(batches.at(i).images)) << i;
      EXPECT_TRUE(batch.labels.equal(batches.at(i).labels)) << i;
    }
  }
}

TEST(Prefetcher, MakesEachOnceAndOneAhead) {
  std::atomic<int> made{0};
  std::atomic<bool> same_thread{false};
  const auto caller = std::this_thread::get_id();
  {
    Prefetcher prefetcher(
        [&](int64_t i) {
          if (std::this_thread::get_id() == caller) same_thread = true;
          ++made;
          return Numbered(i);
        },
        2, 7);
    for (int64_t i = 2; i < 5; ++i) EXPECT_EQ(NumberOf(prefetcher.Next()), i);
  }
  EXPECT_EQ(made, 4);
  EXPECT_FALSE(same_thread);
}

// The first batch is under way before it is asked for.
TEST(Prefetcher, WorksWhileTheCallerDoes) {
  std::atomic<bool> made{false};
  Prefetcher prefetcher(
      [&](int64_t i) {
        made = true;
        return Numbered(i);
      },
      0, 1);
  while (!made) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(NumberOf(prefetcher.Next()), 0);
}

TEST(Prefetcher, CarriesExceptionsToTheCaller) {
  Prefetcher prefetcher(
      [](int64_t i) {
        if (i == 2) throw Error("batch {}: is bad", i);
        return Numbered(i);
      },
      0, 5);
  EXPECT_EQ(NumberOf(prefetcher.Next()), 0);
  EXPECT_EQ(NumberOf(prefetcher.Next()), 1);
  try {
    prefetcher.Next();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "batch 2: is bad");
  }
}

TEST(Prefetcher, EndsWhileABatchIsPrepared) {
  std::atomic<bool> finished{false};
  {
    const Prefetcher prefetcher(
        [&](int64_t i) {
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
          finished = true;
          return Numbered(i);
        },
        0, 5);
  }
  EXPECT_TRUE(finished);
}

TEST(Prefetcher, EndsWithAnExceptionThatNobodyTook) {
  const Prefetcher prefetcher([](int64_t) -> Batch { throw Error("bad"); }, 0, 5);
}

TEST(Prefetcher, OfNoBatchesMakesNone) {
  int made = 0;
  for (const int64_t first : {0, 3}) {
    const Prefetcher prefetcher(
        [&](int64_t i) {
          ++made;
          return Numbered(i);
        },
        first, 0);
  }
  EXPECT_EQ(made, 0);
}

}  // namespace
}  // namespace mulberry
