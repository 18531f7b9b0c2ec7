// What a network costs on an array of multiply-accumulate units: its products by layer, pass and
// arithmetic, over a schedule of arithmetics or of lengths, beside the same products on exact units
// of the same formats and on FP32 units. Each arithmetic has an array of its own units; those that
// do not work are off. Not here: the formulas (hardware/mac_array.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mulberry/nn/policy.h"
#include "mulberry/report/metrics.h"
#include "mulberry/train/mac_units.h"
#include "mulberry/train/network_products.h"

namespace mulberry {

/// Steps that run under one policy.
struct Stretch {
  Policy policy;     ///< A product without a rule is FP32.
  int bits = 0;      ///< Not 0: on the flexible unit, operands of so many bits, sign included.
  double steps = 0;  ///< Times that the products of one step run.
};

struct CostLine {
  std::string layer;
  Pass pass = Pass::kForward;
  std::string arithmetic;
  ArrayCost cost;
  double memory_j = 0;  ///< Under MemoryEnergy, sums of 4 bytes; not in `cost`.
};

struct NetworkCost {
  std::vector<CostLine> lines;
  ArrayCost total;
  double memory_j = 0;
  double area_mm2 = 0;    ///< Of the largest array that is used.
  double period_ns = 0;   ///< Of the slowest unit that is used.
  bool flexible = false;  ///< Products ran on the flexible unit.
  /// Of the same products on other units; none where the source lacks one of them.
  std::optional<ArrayCost> exact;  ///< Exact multipliers of the same formats; flexible: 32 bits.
  std::optional<ArrayCost> fp32;
};

struct CostOptions {
  MacArray array;
  Dataflow dataflow = Dataflow::kOutputStationary;
  MemoryEnergy memory;
};

/// Throws UsageError where there is no unit for an arithmetic or a length of the stretches.
NetworkCost CostOf(const std::vector<LayerProducts>& products,
                   const std::vector<Stretch>& stretches, const CostOptions& options,
                   const UnitSource& units);

/// A run's steps by policy: of `config`, complete and with one arithmetic, `steps_an_epoch` steps
/// in each of `epochs`, of which the last may be a part. `losses`: of the epochs, where known.
std::vector<Stretch> TrainingStretches(const Config& config, double epochs, double steps_an_epoch,
                                       const std::vector<double>& losses);
/// One step under the policy of the last of `epochs` epochs, at least one.
std::vector<Stretch> LastStretch(const Config& config, int64_t epochs,
                                 const std::vector<double>& losses);
/// A run's steps by the length of its operands, from the record of dynamic precision scaling, which
/// counts MACs of a whole iteration: where an iteration has several lengths, each layer and pass is
/// given the same shares of them.
std::vector<Stretch> PrecisionStretches(const std::vector<IterationMetrics>& iterations);
/// Reads "BITS@ITERATION,...", bits with the sign, the first from iteration 0, such as
/// "32@0,16@89". Throws UsageError.
std::vector<Stretch> ParseLengths(const std::string& text, int64_t iterations);

}  // namespace mulberry
