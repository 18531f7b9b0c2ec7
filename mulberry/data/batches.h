// Shuffled mini-batches. Their contents are a pure function of (data set, batch size, seed, epoch,
// augmentation), so a run that resumes in mid-epoch, or on another machine, sees the same batches.
// The data set is in memory, and a batch is gathered when asked for. Not here: asking for it ahead
// of time (prefetch.h).
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "mulberry/data/augment.h"
#include "mulberry/data/dataset.h"

namespace mulberry {

/// A permutation of 0 .. n-1, each equally likely: Fisher and Yates's shuffle over a counter-based
/// stream (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm P).
std::vector<int64_t> ShuffledOrder(int64_t n, uint64_t seed, int64_t epoch);

struct Batch {
  torch::Tensor images;  ///< [B, channels, height, width]
  torch::Tensor labels;  ///< [B]
};

class Batches {
 public:
  /// One epoch in shuffled order. Throws UsageError unless batch_size >= 1.
  Batches(const Dataset& dataset, int64_t batch_size, uint64_t seed, int64_t epoch,
          Augmentation augmentation = Augmentation::kNone);
  /// The data set in its own order, for evaluation. Throws UsageError unless batch_size >= 1.
  Batches(const Dataset& dataset, int64_t batch_size);

  /// Number of batches. All have batch_size images but the last, which has what is left.
  int64_t size() const;
  /// Batch i, 0 <= i < size(). May be called from any thread, and uses no other.
  Batch at(int64_t i) const;

 private:
  Dataset dataset_;  // Shares the tensors.
  int64_t batch_size_;
  std::vector<int64_t> order_;  // Empty: the data set's own.
  uint64_t seed_ = 0;
  int64_t epoch_ = 0;
  Augmentation augmentation_ = Augmentation::kNone;
};

}  // namespace mulberry
