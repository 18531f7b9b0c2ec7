// Histograms of the operands that layers really multiplied: what `mulberry train --record-operands`
// writes and `mulberry analyze --operands` reads (analysis/histogram_file.h). What an operand's
// distribution is decides what a multiplier's error does to a network. Beside them the shapes of
// the products, and where they are asked for traces of the operands (analysis/trace_file.h): what a
// layer's hardware costs.
//
// Counted are products: an element of an m × k matrix counts once for each of the n columns that it
// meets, and the padding of a convolution as the zeros that it is. Integers count as they are; of
// floats the significands, without zeros, infinities and NaNs, whose products are not the
// multiplier's.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "mulberry/analysis/histogram_file.h"
#include "mulberry/analysis/trace_file.h"
#include "mulberry/kernels/gemm.h"
#include "mulberry/nn/policy.h"

namespace mulberry {

class OperandRecorder {
 public:
  struct Wanted {
    bool histograms = true;
    int64_t trace_pairs = 0;  ///< Of each layer and pass at most so many; 0: no traces.
  };
  /// Products by their shape: rows of the second operand, lines of the first, length of the sums.
  /// In the forward product and the input's gradient the second operand is the weight.
  using Shapes = std::map<std::array<int64_t, 3>, int64_t>;

  OperandRecorder() = default;
  explicit OperandRecorder(Wanted wanted) : wanted_(wanted) {}

  /// The operands of one layer in one pass.
  struct Recorded {
    std::string layer;
    Pass pass;
    OperandHistogram histogram;
  };

  /// Throws UsageError, saying which would do, unless operands of the arithmetic have at most 16
  /// bits: what a histogram file holds.
  static void RequireRecordable(const Arithmetic& arithmetic);

  /// Throws UsageError, saying which would do, unless operands of the arithmetic can be recorded as
  /// this recorder is to: for histograms as RequireRecordable does, for traces unless each operand
  /// has an encoding of its own.
  void Require(const Arithmetic& arithmetic) const;

  /// Counts the operands of a product, the `index`th of its call. Thread-safe. Throws as Require
  /// does.
  void Record(const std::string& layer, Pass pass, const Arithmetic& arithmetic,
              const GemmProblem& problem, int64_t index = 0);

  /// By layer and pass.
  std::map<std::pair<std::string, Pass>, Shapes> shapes() const;
  /// Of each layer and pass the first product that was recorded: the pairs of some of its outputs,
  /// evenly spread over them, whole one after another; of a sum that is longer than trace_pairs its
  /// beginning.
  std::vector<OperandTrace> Traces() const;
  /// Writes FOLDER/LAYER.PASS.trace for each, which it makes if it is not there. Throws Error.
  void WriteTraces(const std::string& folder) const;

  /// All that was counted so far, by layer and pass.
  std::vector<Recorded> All() const;

  /// Writes FOLDER/LAYER.PASS.json for each, which it makes if it is not there. Throws Error.
  void Write(const std::string& folder) const;

 private:
  void AddHistogram(const std::string& layer, Pass pass, const Arithmetic& arithmetic,
                    const GemmProblem& problem);

  const Wanted wanted_ = {};
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, Pass>, Shapes> shapes_;
  std::map<std::pair<std::string, Pass>, OperandTrace> traces_;
  std::map<std::pair<std::string, Pass>, OperandHistogram> histograms_;
};

}  // namespace mulberry
