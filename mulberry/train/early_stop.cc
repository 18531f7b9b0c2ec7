// The early end of a run. See early_stop.h.
#include "mulberry/train/early_stop.h"

#include <fmt/format.h>

#include <cmath>

#include "mulberry/base/error.h"

namespace mulberry {

using Json = nlohmann::ordered_json;

EarlyStop::EarlyStop(const Config& config)
    : patience_(config.early_stop), of_loss_(config.early_stop_on == "loss") {}

void EarlyStop::Add(const Scores& test) {
  const double value = of_loss_ ? -test.loss() : test.accuracy_pct();
  if (std::isfinite(value) && (!best_ || value > *best_)) {
    best_ = value;
    epochs_since_ = 0;
  } else {
    ++epochs_since_;
  }
}

std::string EarlyStop::Reason() const {
  return fmt::format("no better test {} for {} epoch{}", of_loss_ ? "loss" : "accuracy",
                     epochs_since_, epochs_since_ == 1 ? "" : "s");
}

Json EarlyStop::ToJson() const {
  return {{"best", best_ ? Json(*best_) : Json()}, {"epochs_since", epochs_since_}};
}

void EarlyStop::Restore(const Json& state) {
  try {
    const Json& best = state.at("best");
    best_ = best.is_null() ? std::nullopt : std::optional(best.get<double>());
    epochs_since_ = state.at("epochs_since");
  } catch (const Json::exception& e) {
    throw Error("early-stop: not a saved state: {}", e.what());
  }
}

}  // namespace mulberry
