// Schedule hybrid: training begins on the configuration's arithmetic, an approximate one, and ends
// on another, the exact one, as in Hammad et al., "Deep Learning Training with Simulated
// Approximate Multipliers", ROBIO 2019. Several entries switch several groups of layers. Not here:
// the search for the latest switch (hybrid_search.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mulberry/train/config.h"

namespace mulberry {

/// One entry. Exactly one of the first three says when it switches.
struct HybridOptions {
  std::optional<int64_t> switch_epoch;  ///< The first epoch, from 0, on the other arithmetic.
  std::optional<int64_t> exact_epochs;  ///< So many at the end are on it.
  bool on_plateau = false;              ///< After the epochs that ReachedPlateau counts.
  int64_t patience = 2;
  std::string layers = "*";  ///< Glob over layer names.
  NetworkArithmetic to;      ///< The arithmetic after the switch.
};

/// The entries of a configuration. Throws UsageError where one does not say when it switches, or
/// says it twice, or where two are of the same layers.
std::vector<HybridOptions> HybridOf(const Config& config);

/// How many epochs it took until `patience` in a row did not bring the loss below 0.99 of the least
/// before them; none if that has not come. `losses` are those of training, an epoch each.
std::optional<int64_t> ReachedPlateau(const std::vector<double>& losses, int64_t patience);

/// The policy of epoch `epoch`, from 0, of a run of `epochs`: the configuration's, and behind it
/// the rules of those entries that have switched. `losses` are those of the epochs before.
Policy PolicyOf(const Config& config, int64_t epoch, int64_t epochs,
                const std::vector<double>& losses);

}  // namespace mulberry
