// The record of a run, metrics.jsonl: a header line (configuration, version, machine), then one
// line an epoch, which begins with the key "epoch", and between them, under dynamic precision
// scaling, one line an iteration, which begins with "iteration". An epoch's line is on the disk
// before Append returns, so a run that is killed loses at most the line being written; lines of
// iterations are where the system puts them until Sync. Not here: the state that a run resumes from
// (train/checkpoint.h).
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "mulberry/base/append_file.h"

namespace mulberry {

/// Files of a run folder: the record, and the configuration, which is there first.
inline constexpr const char* kMetricsFile = "metrics.jsonl";
inline constexpr const char* kConfigFile = "config.toml";

/// Where and with what a run was made.
struct RunHeader {
  std::string version;          ///< Mulberry's.
  std::string libtorch;         ///< LibTorch's version.
  std::string cpu;              ///< The processor's model name.
  std::string instruction_set;  ///< Such as "AVX512".
  int threads = 1;
  int epochs =
      0;  ///< Lines of epochs that the record of a finished run has, unless it ended early.
  nlohmann::ordered_json configuration;
};

/// Multiply-accumulates by pass.
struct MacCounts {
  int64_t forward = 0;
  int64_t input_gradient = 0;
  int64_t weight_gradient = 0;

  int64_t total() const { return forward + input_gradient + weight_gradient; }
  friend bool operator==(const MacCounts&, const MacCounts&) = default;
};

/// What one epoch gave. All but `timing` is a function of the configuration and the thread count.
struct EpochMetrics {
  int epoch = 0;                  ///< From 1.
  double lr = 0;                  ///< Learning rate of the epoch's last batch.
  double share = 1;               ///< Of its batches; below 1 where the run ended within it.
  double train_loss = 0;          ///< Mean over the epoch's samples, as each was trained on.
  double train_accuracy_pct = 0;  ///< Likewise.
  double test_loss = 0;           ///< Mean over the test set after the epoch.
  double test_accuracy_pct = 0;
  MacCounts approximate_macs;   ///< Simulated ones of this epoch, training and test.
  MacCounts native_macs;        ///< Those that LibTorch's own arithmetic ran under the mode.
  int64_t skipped_updates = 0;  ///< Of batches with infinite or NaN gradients, under loss scaling.

  bool ended_early = false;  ///< The run ended with it, before its time.

  struct Timing {
    double train_seconds = 0;  ///< All training batches, without test, checkpoints and comparisons.
    double test_seconds = 0;
    /// Pairs of stretches: seconds of this arithmetic's batches over seconds of the same batches on
    /// LibTorch's own arithmetic, measured right after.
    std::vector<double> slow_downs;
  } timing;
};

/// The fixed-point format of a tensor in one iteration, and what overflowed.
struct TensorPrecision {
  std::string name;
  int integer_bits = 0;
  int fraction_bits = 0;
  int64_t data_overflows = 0;      ///< Elements of the weight or the activation.
  int64_t gradient_overflows = 0;  ///< Of the weight's momentum, of the activation's gradient.
};

/// One iteration under dynamic precision scaling. All of it is a function of the configuration and
/// the thread count.
struct IterationMetrics {
  int64_t iteration = 0;  ///< From 0.
  double loss = 0;
  double smoothed_loss = 0;
  std::string stage;                         ///< "isearch" or "dsearch".
  int length = 0;                            ///< Bits of every tensor, without the sign.
  std::vector<TensorPrecision> parameters;   ///< Such as "conv1.weight", with its momentum.
  std::vector<TensorPrecision> activations;  ///< "data", and outputs of layers by their names.
  /// Multiply-accumulates of training by the bits of the longer operand, sign included.
  std::map<int, int64_t> macs;
};

struct Metrics {
  RunHeader header;
  std::vector<EpochMetrics> epochs;
  std::vector<IterationMetrics> iterations;

  bool finished() const {
    return static_cast<int>(epochs.size()) >= header.epochs ||
           (!epochs.empty() && epochs.back().ended_early);
  }
};

class MetricsWriter {
 public:
  /// Starts a file. Throws Error if it exists or cannot be written.
  MetricsWriter(const std::string& path, const RunHeader& header);
  /// Continues a file after its first `epochs` epochs and `iterations` iterations: whatever
  /// follows, a torn line included, is cut off. Throws Error if it has fewer of either.
  MetricsWriter(const std::string& path, int epochs, int64_t iterations = 0);

  void Append(const EpochMetrics& epoch);
  /// Does not wait for the disk.
  void Append(const IterationMetrics& iteration);
  /// Waits until all lines are on the disk.
  void Sync();

 private:
  void AppendLine(const nlohmann::ordered_json& line);

  AppendFile file_;
};

/// Reads a file; a torn last line is left out. Throws Error that names the file and the line at
/// fault.
Metrics ReadMetrics(const std::string& path);

nlohmann::ordered_json ToJson(const RunHeader& header);
nlohmann::ordered_json ToJson(const MacCounts& macs);
nlohmann::ordered_json ToJson(const EpochMetrics& epoch);
/// Of each tensor [integer bits, fraction bits, overflows of data, of gradient]; of MACs [bits,
/// count].
nlohmann::ordered_json ToJson(const IterationMetrics& iteration);

}  // namespace mulberry
