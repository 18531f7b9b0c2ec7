// Batches one after the other, each prepared on a thread of its own while the one before it is
// used. They are those that would be made without; only the waiting is less. Not here: what a batch
// holds (batches.h).
#pragma once

#include <cstdint>
#include <functional>
#include <future>

#include "mulberry/data/batches.h"

namespace mulberry {

class Prefetcher {
 public:
  /// For make(first), make(first + 1) ... make(end - 1), each called once, on another thread and
  /// not before its predecessor has been taken. What `make` refers to must outlive this object.
  /// One batch is ahead: that is enough where making a batch takes less than using one, and more
  /// would not help where it takes longer.
  Prefetcher(std::function<Batch(int64_t)> make, int64_t first, int64_t end);
  /// Waits for the batch that is being prepared, if there is one; it is lost.
  ~Prefetcher() = default;
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

  /// The next batch; may be called end - first times. Throws what `make` threw.
  Batch Next();

 private:
  void Prepare();

  std::function<Batch(int64_t)> make_;
  int64_t next_;  // To be prepared next.
  int64_t end_;
  std::future<Batch> prepared_;  // Last: its destructor waits for a call of make_.
};

}  // namespace mulberry
