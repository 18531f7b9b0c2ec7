// The early end of a run whose tests no longer get better: after config.early_stop epochs in a row
// in which the test accuracy was not higher, or the test loss not lower (config.early_stop_on),
// than in the best epoch before.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "mulberry/train/config.h"
#include "mulberry/train/step.h"

namespace mulberry {

class EarlyStop {
 public:
  explicit EarlyStop(const Config& config);

  /// The test after an epoch. A loss that is infinite or NaN is not better.
  void Add(const Scores& test);
  /// Whether the run is to end.
  bool due() const { return patience_ > 0 && epochs_since_ >= patience_; }
  /// "no better test accuracy for 3 epochs": why it is due.
  std::string Reason() const;

  /// The whole state, between two epochs.
  nlohmann::ordered_json ToJson() const;
  /// Goes on from what ToJson gave. Throws Error if `state` is no such.
  void Restore(const nlohmann::ordered_json& state);

 private:
  const int64_t patience_;
  const bool of_loss_;
  std::optional<double> best_;
  int64_t epochs_since_ = 0;
};

}  // namespace mulberry
