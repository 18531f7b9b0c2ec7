// How long a step of training takes: on LibTorch's own arithmetic, on the plans' choice of
// strategies, and on a named one. For a ratio to be quoted, what it compares runs turn by turn on
// one machine. Not here: the slow-down of a whole run (native_pace.h).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "mulberry/data/dataset.h"
#include "mulberry/train/config.h"

namespace mulberry {

/// Medians in seconds, of a forward pass and of a whole step, forward, backward and update.
struct StepSeconds {
  double forward = 0;
  double step = 0;
};

/// Of a run folder, with what was timed.
inline constexpr const char* kPaceFile = "pace.json";

struct StepPace {
  int64_t batch_size = 0;
  StepSeconds native;
  StepSeconds planned;
  std::vector<std::string> strategies;  ///< That the plans of `planned` chose.
  std::string other_strategy;
  StepSeconds other;
};
nlohmann::ordered_json ToJson(const StepPace& pace);
/// The inverse. Throws nlohmann's exceptions.
StepPace StepPaceFromJson(const nlohmann::ordered_json& json);

/// Of steps of `config`, which is complete and has one arithmetic, on its network with new weights
/// and batches of training images. `other_strategy` has to serve every arithmetic of the policy:
/// throws UsageError if it declines one.
StepPace MeasureSteps(const Config& config, const Dataset& train,
                      const std::string& other_strategy);

}  // namespace mulberry
