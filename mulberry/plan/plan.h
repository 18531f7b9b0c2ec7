// A plan: how the products of one arithmetic are computed. It is chosen from an ordered list of
// strategies; each accepts, with the reason why it computes the functional model exactly, or says
// why it declines. The list of verdicts is part of the plan, so that a user can see the choice.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/base/random.h"
#include "mulberry/kernels/gemm.h"

namespace mulberry {

class Choice;
struct Subject;

/// What a plan promises about its results.
enum class Exactness : uint8_t {
  kBitwise,  ///< The bits of ReferenceGemm, or of ReferenceIntegerGemm for integers.
  /// The products of ReferenceGemm, which FP32 sums in another order: only where the arithmetic
  /// leaves the order open.
  kProductExact,
  /// LibTorch's products and sums, with errors that are drawn from the arithmetic's distribution.
  kStatistical,
  kNative,  ///< Not simulated: LibTorch's own arithmetic.
};
/// "bitwise", "product-exact", "statistical", "native".
std::string_view Name(Exactness exactness);

/// What one strategy said of an arithmetic.
struct Verdict {
  std::string strategy;
  bool accepted = false;
  std::string reason;  ///< Why it is exact, or why it declined.
};

/// What was measured for products of like shape: the fastest serves.
struct ShapeTiming {
  struct Strategy {
    std::string name;
    double gmacs;  ///< 10^9 multiply-accumulates a second; 0: not tried yet.
  };
  std::string shape;
  std::vector<Strategy> strategies;
};

/// Names of all strategies, in the order in which they are asked.
std::vector<std::string> StrategyNames();

class Plan {
 public:
  ~Plan();
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  const Arithmetic& arithmetic() const;
  /// The strategy that serves, such as "register table": of those that contend, the one that served
  /// the latest Gemm, or is expected to be the fastest.
  const std::string& strategy() const;
  /// Of the strategy that promises the least of those that contend.
  Exactness exactness() const { return exactness_; }
  /// What every strategy said, in order. Unless one was named, those that accepted contend, by
  /// their timings for each class of shapes; slow ones only where there is no other.
  const std::vector<Verdict>& verdicts() const { return verdicts_; }
  /// Of all shapes so far. Empty where only one strategy contends.
  std::vector<ShapeTiming> timings() const;
  /// How many strategies contend. The first kTrials calls of each, for a class of shapes, are
  /// timed.
  size_t contenders() const;
  static constexpr size_t kTrials = 3;

  /// Of an error model: how its errors are distributed. Else null.
  const ErrorDistribution* errors() const;

  /// C = A·B by the contract of kernels/gemm.h for the format's kind. Elements of a and b must be
  /// in their operand's format (Round); for block formats they are any floats, by the contract of
  /// kernels/block_gemm.h. A native plan and that of an error model compute
  /// nothing: they throw Error.
  void Gemm(const GemmProblem& problem) const;

  /// Rounds n values into the operand's format, without a scaling (of fixed point: into the
  /// integers that are multiplied), element i with random number stream.At(first + i) where the
  /// rounding is stochastic. `in` and `out` may be the same. Not of block formats: throws Error.
  void Round(OperandIndex operand, const float* in, float* out, int64_t n, RandomStream stream = {},
             uint64_t first = 0) const;

 private:
  friend std::shared_ptr<const Plan> MakePlan(const Arithmetic&, std::string_view);
  Plan(const Arithmetic& arithmetic, std::string_view strategy);

  std::unique_ptr<const Subject> subject_;  // Outlives choice_, which refers to it.
  std::unique_ptr<Choice> choice_;
  std::shared_ptr<const Plan> elements_;  ///< Of products within blocks; then there is no choice_.
  Exactness exactness_ = Exactness::kBitwise;
  std::vector<Verdict> verdicts_;
};

/// The plan for `arithmetic`: by the strategies that accept, or by the one named `strategy`.
/// Throws UsageError if that one declines, saying why, or does not exist. Plans are cached for the
/// life of the process; those of users' files too, so a changed file needs a new process.
std::shared_ptr<const Plan> MakePlan(const Arithmetic& arithmetic, std::string_view strategy = {});

}  // namespace mulberry
