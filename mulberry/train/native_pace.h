// How long LibTorch's own arithmetic takes for the batches of a run, measured in the same process
// and at the same time: what a slow-down is a slow-down against. Works on a scratch copy of the
// model and the optimiser, so the run is not disturbed.
#pragma once

#include <cstdint>
#include <memory>

#include "mulberry/train/step.h"

namespace mulberry {

class NativePace {
 public:
  NativePace(const Config& config, const Dataset& data);

  /// Seconds to train on batches [first, first + count), prefetched as in a run, with learning rate
  /// `lr`. One batch more is trained before, to warm the caches. No Approximate may be alive on
  /// this thread.
  double Seconds(const Batches& batches, int64_t first, int64_t count, double lr);

 private:
  std::shared_ptr<Network> model_;
  std::unique_ptr<torch::optim::Optimizer> optimizer_;
};

}  // namespace mulberry
