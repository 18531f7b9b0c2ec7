// Speed of gathering batches of CIFAR-10's shape on one thread, and of taking them from the thread
// that prepares them, in images a second.
#include <benchmark/benchmark.h>

#include <memory>

#include "mulberry/data/batches.h"
#include "mulberry/data/prefetch.h"

namespace mulberry {
namespace {

constexpr int64_t kImages = 50000;
constexpr int64_t kBatchSize = 128;

// As large as the training set, and as little in the caches.
const Dataset& Data() {
  static const Dataset data = {torch::rand({kImages, 3, 32, 32}),
                               torch::zeros({kImages}, torch::kInt64), 10};
  return data;
}

void Gather(benchmark::State& state, Augmentation augmentation) {
  const Batches batches(Data(), kBatchSize, 1, 0, augmentation);
  int64_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(batches.at(i));
    i = (i + 1) % (kImages / kBatchSize);
  }
  state.SetItemsProcessed(state.iterations() * kBatchSize);
}

void Prefetch(benchmark::State& state, Augmentation augmentation) {
  const Batches batches(Data(), kBatchSize, 1, 0, augmentation);
  Prefetcher prefetcher([&](int64_t i) { return batches.at(i % (kImages / kBatchSize)); }, 0,
                        INT64_MAX);
  for (auto _ : state) benchmark::DoNotOptimize(prefetcher.Next());
  state.SetItemsProcessed(state.iterations() * kBatchSize);
}

BENCHMARK_CAPTURE(Gather, none, Augmentation::kNone);
BENCHMARK_CAPTURE(Gather, crop_flip, Augmentation::kCropFlip);
BENCHMARK_CAPTURE(Prefetch, none, Augmentation::kNone)->UseRealTime();
BENCHMARK_CAPTURE(Prefetch, crop_flip, Augmentation::kCropFlip)->UseRealTime();

}  // namespace
}  // namespace mulberry

BENCHMARK_MAIN();
