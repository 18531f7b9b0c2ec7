// A checkpoint: one file from which a run goes on to the same final bits as if it had never
// stopped. It is written whole or not at all: a temporary file, fsync, rename, fsync of the folder.
//
// The file is a line "mulberry checkpoint 1 BYTES HASH", where HASH is the FNV-1a-64 of the BYTES
// that follow; in them a line of JSON (configuration, position, counters), then a LibTorch archive
// (parameters and buffers, the optimiser's state, the weights' average, the state of LibTorch's
// generator).
// Not here: the record of past epochs (report/metrics.h).
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mulberry/report/metrics.h"
#include "mulberry/train/config.h"
#include "mulberry/train/run_mode.h"
#include "mulberry/train/step.h"
#include "mulberry/train/weight_average.h"

namespace mulberry {

/// Where a run is. Scores, timing and counts are those of the present epoch.
struct TrainingState {
  int64_t epoch = 0;  ///< Epochs that are done, and in metrics.jsonl.
  int64_t batch = 0;  ///< Batches of the next epoch that are done.
  Scores scores;
  EpochMetrics::Timing timing;
  std::vector<double> losses;  ///< Training losses of the epochs that are done.
  ModeRecord mode;
  nlohmann::ordered_json dynamic_precision;  ///< Its state; null without schedule dps.
  nlohmann::ordered_json recipe;             ///< Likewise, of recipe.h.
  nlohmann::ordered_json early_stop;         ///< Of early_stop.h.
  Approximate::Ranges ranges;                ///< Of the activations, where they were calibrated.
};

/// Writes a checkpoint, with the present state of LibTorch's CPU generator. `average`: null where
/// the run has none. Throws Error.
void SaveCheckpoint(const std::string& path, const Config& config, const TrainingState& state,
                    const torch::nn::Module& model, const torch::optim::Optimizer& optimizer,
                    const WeightAverage* average = nullptr);

class Checkpoint {
 public:
  /// Reads a file. Throws Error that names it if it cannot be read, is no checkpoint, or is
  /// truncated or corrupt.
  explicit Checkpoint(const std::string& path);

  const Config& config() const { return config_; }
  const TrainingState& state() const { return state_; }

  /// Copies the parameters and buffers into `model`. Throws Error if they do not fit.
  void Restore(torch::nn::Module& model);
  /// Restores the optimiser of the restored model, and LibTorch's CPU generator.
  void Restore(torch::optim::Optimizer& optimizer);
  /// Restores the average of the restored model's weights, of a run that has one.
  void Restore(WeightAverage& average);

 private:
  std::string path_;
  Config config_;
  TrainingState state_;
  torch::serialize::InputArchive archive_;
};

}  // namespace mulberry
