#include "mulberry/plan/choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <utility>

namespace mulberry {
namespace {

constexpr double kFewestMacs = double{1 << 20};  // Below, timings tell of other things.

double Macs(const GemmProblem& problem) {
  return static_cast<double>(problem.m()) * static_cast<double>(problem.n()) *
         static_cast<double>(problem.k());
}

}  // namespace

void Choice::Add(std::string name, std::unique_ptr<Executor> executor) {
  contenders_.push_back({std::move(name), std::move(executor)});
}

Choice::ShapeClass Choice::ClassOf(const GemmProblem& problem) {
  const auto size = [](int64_t n) {
    return static_cast<int>(std::bit_width(static_cast<uint64_t>(n - 1)));
  };
  const char* kind = !problem.b.patches     ? "matrices"
                     : problem.b.transposed ? "weight gradients"
                                            : "convolutions";
  return {kind, size(problem.m()), size(problem.n()), size(problem.k())};
}

/// The contender to try, or the fastest.
size_t Choice::Next(const ShapeClass& shape) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  Trials& trials = trials_[shape];
  trials.gmacs.resize(contenders_.size());
  if (trials.made < Plan::kTrials * contenders_.size()) return trials.made++ % contenders_.size();
  return static_cast<size_t>(std::max_element(trials.gmacs.begin(), trials.gmacs.end()) -
                             trials.gmacs.begin());
}

void Choice::Gemm(const GemmProblem& problem) const {
  const double macs = Macs(problem);
  if (contenders_.size() == 1 || macs < kFewestMacs) {
    latest_ = 0;
    contenders_.front().executor->Gemm(problem);
    return;
  }
  const ShapeClass shape = ClassOf(problem);
  const size_t next = Next(shape);
  latest_ = next;
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  contenders_[next].executor->Gemm(problem);
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const std::lock_guard<std::mutex> lock(mutex_);
  double& best = trials_[shape].gmacs[next];
  best = std::max(best, macs / seconds * 1e-9);
}

std::vector<ShapeTiming> Choice::timings() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<ShapeTiming> timings;
  for (const auto& [shape, trials] : trials_) {
    ShapeTiming timing;
    timing.shape = fmt::format("{} up to {}×{}×{}", shape.kind, int64_t{1} << shape.m,
                               int64_t{1} << shape.n, int64_t{1} << shape.k);
    for (size_t i = 0; i < contenders_.size(); ++i) {
      timing.strategies.push_back({contenders_[i].name, trials.gmacs[i]});
    }
    timings.push_back(std::move(timing));
  }
  return timings;
}

}  // namespace mulberry
