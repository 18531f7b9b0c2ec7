// What dynamic precision scaling came to over a run: mean lengths, when the length changed, and
// what its multiply-accumulates cost on a flexible MAC against all of them at full length. A
// function of the run's record (report/metrics.h) and the costs (mac_units.h) alone, so that it can
// be made again at any time, with other costs too. Not here: how MACs are scheduled on many units,
// and memory (network_cost.h).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "mulberry/report/metrics.h"
#include "mulberry/report/table.h"
#include "mulberry/train/mac_units.h"

namespace mulberry {

/// What a number of MACs takes on one unit. Costs of several modes add.
struct MacCost {
  int64_t macs = 0;
  double cycles = 0;
  double energy_pj = 0;  ///< Dynamic.

  MacCost& operator+=(const MacCost& other);
  friend bool operator==(const MacCost&, const MacCost&) = default;
};

struct PrecisionSummary {
  struct Change {
    int64_t iteration = 0;  ///< The first one of that length, from 0.
    int length = 0;         ///< Bits without the sign.
  };

  int64_t iterations = 0;
  /// Means over iterations and tensors of the bits without the sign.
  double parameter_bits = 0;
  double activation_bits = 0;
  double bits = 0;  ///< Of both kinds.
  std::vector<Change> lengths;

  MacCost cost;         ///< Of training's MACs, at the lengths of their iterations.
  MacCost full_cost;    ///< Of the same MACs, all at full_bits.
  int full_bits = 32;   ///< Sign included.
  std::string unit;     ///< The flexible unit's name,
  std::string library;  ///< its cells,
  std::string source;   ///< and where its figures are from.

  double speed_up() const { return full_cost.cycles / cost.cycles; }
  double energy_pct() const { return 100 * cost.energy_pj / full_cost.energy_pj; }
};

/// Throws UsageError where `units` has no flexible unit or that no mode for full_bits; Error of no
/// iterations.
PrecisionSummary SummarizePrecision(const std::vector<IterationMetrics>& iterations, int full_bits,
                                    const MacUnits& units);

/// A run's name and its summary.
struct NamedPrecision {
  std::string run;
  PrecisionSummary summary;
};

/// Runs under the same costs: a table, when the lengths changed, and where the costs are from.
/// Empty of no runs.
std::string PrecisionText(const std::vector<NamedPrecision>& runs);
nlohmann::ordered_json ToJson(const PrecisionSummary& summary);

}  // namespace mulberry
