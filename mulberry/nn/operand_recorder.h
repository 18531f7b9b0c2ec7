// Histograms of the operands that layers really multiplied: what `mulberry train --record-operands`
// writes and `mulberry analyze --operands` reads (analysis/histogram_file.h). What an operand's
// distribution is decides what a multiplier's error does to a network.
//
// Counted are products: an element of an m × k matrix counts once for each of the n columns that it
// meets, and the padding of a convolution as the zeros that it is. Integers count as they are; of
// floats the significands, without zeros, infinities and NaNs, whose products are not the
// multiplier's.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "mulberry/analysis/histogram_file.h"
#include "mulberry/kernels/gemm.h"
#include "mulberry/nn/policy.h"

namespace mulberry {

class OperandRecorder {
 public:
  /// The operands of one layer in one pass.
  struct Recorded {
    std::string layer;
    Pass pass;
    OperandHistogram histogram;
  };

  /// Throws UsageError, saying which would do, unless operands of the arithmetic have at most 16
  /// bits: what a histogram file holds.
  static void RequireRecordable(const Arithmetic& arithmetic);

  /// Counts the operands of a product. Thread-safe. Throws as RequireRecordable does.
  void Record(const std::string& layer, Pass pass, const Arithmetic& arithmetic,
              const GemmProblem& problem);

  /// All that was recorded so far, by layer and pass.
  std::vector<Recorded> All() const;

  /// Writes FOLDER/LAYER.PASS.json for each, which it makes if it is not there. Throws Error.
  void Write(const std::string& folder) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, Pass>, OperandHistogram> histograms_;
};

}  // namespace mulberry
