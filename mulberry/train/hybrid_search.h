// How late a hybrid run can switch: one run on the approximate arithmetic, whose state after each
// epoch is kept, and exact continuations from some of them, chosen by bisection. In the folder
// `out`: approximate/, switch-E/ for the continuation from epoch E on (0: the exact run), and
// config.toml. The whole can be stopped and resumed. Not here: the switch itself (hybrid.h).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mulberry/report/metrics.h"
#include "mulberry/report/progress.h"
#include "mulberry/train/config.h"
#include "mulberry/train/run_folder.h"

namespace mulberry {

struct HybridSearchOptions {
  double target_points = -0.1;  ///< A run is good enough that ends so near to the exact one.
  std::string to = "fp32";      ///< The exact arithmetic.
  bool every_epoch = false;     ///< Try every switch, not only those of the bisection.
};

/// A run that switched before epoch `switch_epoch`, from 0; the number of epochs: never.
struct HybridPoint {
  int64_t switch_epoch = 0;
  double approximate_share = 0;  ///< Of the epochs.
  double test_accuracy_pct = 0;
  double difference_points = 0;  ///< To the exact run.
};

struct HybridSearch {
  bool stopped = false;             ///< `stop` said so; the rest can be resumed.
  int64_t epochs = 0;               ///< Of each run.
  std::vector<HybridPoint> points;  ///< Those that were run, by their switch.
  /// The latest of them that is good enough. The exact run always is.
  HybridPoint latest;
};

/// `config` is complete, and has one arithmetic and no schedule hybrid. Bisection takes it that a
/// run which switches earlier ends no worse. Throws UsageError, and what Train throws.
HybridSearch FindLatestSwitch(const Config& config, const HybridSearchOptions& options,
                              const RunHeader& header, Existing existing, ProgressDisplay& progress,
                              const std::function<bool()>& stop);

}  // namespace mulberry
