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
    : dataset_{dataset.images.contiguous(), dataset.labels.contiguous(), dataset.classes},
      batch_size_(batch_size) {
  if (batch_size < 1) throw UsageError("batch size {}: expected 1 or more", batch_size);
}

Batches::Batches(const Dataset& dataset, int64_t batch_size, uint64_t seed, int64_t epoch,
                 Augmentation augmentation)
    : Batches(dataset, batch_size) {
  order_ = ShuffledOrder(dataset.size(), seed, epoch);
  seed_ = seed;
  epoch_ = epoch;
  augmentation_ = augmentation;
}

int64_t Batches::size() const {
  return (dataset_.size() + batch_size_ - 1) / batch_size_;
}

Batch Batches::at(int64_t i) const {
  const int64_t first = i * batch_size_;
  const int64_t count = std::min(batch_size_, dataset_.size() - first);
  if (order_.empty()) {
    return {dataset_.images.narrow(0, first, count), dataset_.labels.narrow(0, first, count)};
  }
  const int64_t channels = dataset_.images.size(1);
  const int64_t height = dataset_.images.size(2);
  const int64_t width = dataset_.images.size(3);
  const int64_t pixels = channels * height * width;
  Batch batch{torch::empty({count, channels, height, width}, torch::kFloat32),
              torch::empty({count}, torch::kInt64)};
  const float* images = dataset_.images.data_ptr<float>();
  const int64_t* labels = dataset_.labels.data_ptr<int64_t>();
  float* out = batch.images.data_ptr<float>();
  int64_t* labels_out = batch.labels.data_ptr<int64_t>();
  for (int64_t k = 0; k < count; ++k, out += pixels) {
    const int64_t n = order_[first + k];
    const float* image = images + n * pixels;
    if (augmentation_ == Augmentation::kCropFlip) {
      Apply(CropFlipOf(seed_, epoch_, n), image, channels, height, width, out);
    } else {
      std::copy(image, image + pixels, out);
    }
    labels_out[k] = labels[n];
  }
  return batch;
}

}  // namespace mulberry
