#include "mulberry/data/prefetch.h"

#include <utility>

namespace mulberry {

Prefetcher::Prefetcher(std::function<Batch(int64_t)> make, int64_t first, int64_t end)
    : make_(std::move(make)), next_(first), end_(end) {
  Prepare();
}

Batch Prefetcher::Next() {
  Batch batch = prepared_.get();
  Prepare();
  return batch;
}

void Prefetcher::Prepare() {
  if (next_ >= end_) return;
  prepared_ = std::async(std::launch::async, [this, i = next_] { return make_(i); });
  ++next_;
}

}  // namespace mulberry
