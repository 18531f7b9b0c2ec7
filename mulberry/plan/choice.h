// The choice among strategies that give the same bits, by measurement: for each class of shapes the
// first calls are served by each of them in turn and timed, the others by the fastest. No call is
// made for the timing alone. Not here: which strategies are right for an arithmetic (plan.cc).
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "mulberry/plan/plan.h"
#include "mulberry/plan/strategy.h"

namespace mulberry {

class Choice {
 public:
  /// In the order of their expected speed: the first serves what is too small to be timed.
  void Add(std::string name, std::unique_ptr<Executor> executor);
  size_t contenders() const { return contenders_.size(); }
  const std::string& first() const { return contenders_.front().name; }

  void Gemm(const GemmProblem& problem) const;
  /// Which served the latest Gemm; before that, the first.
  const std::string& latest() const { return contenders_[latest_].name; }
  std::vector<ShapeTiming> timings() const;

 private:
  struct Contender {
    std::string name;
    std::unique_ptr<Executor> executor;
  };
  /// Products of like cost: sizes to the next power of two.
  struct ShapeClass {
    std::string_view kind;
    int m, n, k;
    friend auto operator<=>(const ShapeClass&, const ShapeClass&) = default;
  };
  struct Trials {
    std::vector<double> gmacs;  ///< The best of each contender's.
    size_t made = 0;
  };
  static ShapeClass ClassOf(const GemmProblem& problem);
  size_t Next(const ShapeClass& shape) const;

  std::vector<Contender> contenders_;
  mutable std::atomic<size_t> latest_ = 0;
  mutable std::mutex mutex_;
  mutable std::map<ShapeClass, Trials> trials_;
};

}  // namespace mulberry
