// Timing of LibTorch's own arithmetic. See native_pace.h.
#include "mulberry/train/native_pace.h"

#include <chrono>

#include "mulberry/data/prefetch.h"
#include "mulberry/train/quantization.h"

namespace mulberry {
namespace {

// LibTorch's generator as it was, whatever the scratch model draws from it (dropout).
class GeneratorGuard {
 public:
  GeneratorGuard() : generator_(at::detail::getDefaultCPUGenerator()) {
    state_ = generator_.get_state();
  }
  ~GeneratorGuard() { generator_.set_state(state_); }
  GeneratorGuard(const GeneratorGuard&) = delete;
  GeneratorGuard& operator=(const GeneratorGuard&) = delete;

 private:
  at::Generator generator_;
  torch::Tensor state_;
};

}  // namespace

NativePace::NativePace(const Config& config, const Dataset& data) {
  const GeneratorGuard guard;
  model_ = NewNetwork(config, data);
  optimizer_ = MakeOptimizer(config, *model_);
}

double NativePace::Seconds(const Batches& batches, int64_t first, int64_t count, double lr) {
  using Clock = std::chrono::steady_clock;
  const GeneratorGuard guard;
  Prefetcher prefetcher([&](int64_t i) { return batches.at(i); }, first, first + count);
  TrainStep(*model_, *optimizer_, lr, batches.at(first));
  const Clock::time_point start = Clock::now();
  for (int64_t i = 0; i < count; ++i) TrainStep(*model_, *optimizer_, lr, prefetcher.Next());
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace mulberry
