#include "mulberry/data/batches.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "mulberry/base/error.h"
#include "mulberry/base/random.h"

namespace mulberry {
namespace {

// Streams of the shuffles, one an epoch, apart from every other use of the same seed.
constexpr uint64_t kShuffleStream = 0x5348554600000000;  // "SHUF"

// Uniform in [0, bound) without bias: numbers of the incomplete last multiple of `bound` are drawn
// again. `position` moves on by the numbers used.
uint64_t UniformBelow(uint64_t bound, const RandomStream& stream, uint64_t& position) {
  const uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  while (true) {
    const uint64_t high = stream.At(position++);
    const uint64_t number = high << 32 | stream.At(position++);
    if (number < limit) return number % bound;
  }
}

}  // namespace

std::vector<int64_t> ShuffledOrder(int64_t n, uint64_t seed, int64_t epoch) {
  std::vector<int64_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  const RandomStream stream{seed, kShuffleStream + static_cast<uint64_t>(epoch)};
  uint64_t position = 0;
  for (int64_t i = n - 1; i > 0; --i) {
    std::swap(order[i], order[UniformBelow(i + 1, stream, position)]);
  }
  return order;
}

Batches::Batches(const Dataset& dataset, int64_t batch_size)
    : dataset_(dataset), batch_size_(batch_size) {
  if (batch_size < 1) throw UsageError("batch size {}: expected 1 or more", batch_size);
}

Batches::Batches(const Dataset& dataset, int64_t batch_size, uint64_t seed, int64_t epoch)
    : Batches(dataset, batch_size) {
  order_ = torch::tensor(ShuffledOrder(dataset.size(), seed, epoch), torch::kInt64);
}

int64_t Batches::size() const {
  return (dataset_.size() + batch_size_ - 1) / batch_size_;
}

Batch Batches::at(int64_t i) const {
  const int64_t first = i * batch_size_;
  const int64_t count = std::min(batch_size_, dataset_.size() - first);
  if (!order_.defined()) {
    return {dataset_.images.narrow(0, first, count), dataset_.labels.narrow(0, first, count)};
  }
  const torch::Tensor indices = order_.narrow(0, first, count);
  return {dataset_.images.index_select(0, indices), dataset_.labels.index_select(0, indices)};
}

}  // namespace mulberry
