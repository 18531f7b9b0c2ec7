// The record of a run, metrics.jsonl: a header line (configuration, version, machine), then one
// line an epoch. Every line is on the disk before Append returns, so a run that is killed loses at
// most the line being written. Not here: the state that a run resumes from (train/checkpoint.h).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace mulberry {

/// Where and with what a run was made.
struct RunHeader {
  std::string version;          ///< Mulberry's.
  std::string libtorch;         ///< LibTorch's version.
  std::string cpu;              ///< The processor's model name.
  std::string instruction_set;  ///< Such as "AVX512".
  int threads = 1;
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
  double train_loss = 0;          ///< Mean over the epoch's samples, as each was trained on.
  double train_accuracy_pct = 0;  ///< Likewise.
  double test_loss = 0;           ///< Mean over the test set after the epoch.
  double test_accuracy_pct = 0;
  MacCounts approximate_macs;  ///< Simulated ones of this epoch, training and test.
  MacCounts native_macs;       ///< Those that LibTorch's own arithmetic ran under the mode.

  struct Timing {
    double train_seconds = 0;  ///< All training batches, without test, checkpoints and comparisons.
    double test_seconds = 0;
    /// Pairs of stretches: seconds of this arithmetic's batches over seconds of the same batches on
    /// LibTorch's own arithmetic, measured right after.
    std::vector<double> slow_downs;
  } timing;
};

struct Metrics {
  RunHeader header;
  std::vector<EpochMetrics> epochs;
};

class MetricsWriter {
 public:
  /// Starts a file. Throws Error if it exists or cannot be written.
  MetricsWriter(const std::string& path, const RunHeader& header);
  /// Continues a file after its first `epochs` epochs: whatever follows, a torn line included, is
  /// cut off. Throws Error if it has fewer.
  MetricsWriter(const std::string& path, int epochs);
  MetricsWriter(const MetricsWriter&) = delete;
  MetricsWriter& operator=(const MetricsWriter&) = delete;

  void Append(const EpochMetrics& epoch);

 private:
  void AppendLine(const nlohmann::ordered_json& line);

  struct File {
    int descriptor = -1;
    ~File();
  };

  std::string path_;
  File file_;
};

/// Reads a file; a torn last line is left out. Throws Error that names the file and the line at
/// fault.
Metrics ReadMetrics(const std::string& path);

nlohmann::ordered_json ToJson(const RunHeader& header);
nlohmann::ordered_json ToJson(const MacCounts& macs);
nlohmann::ordered_json ToJson(const EpochMetrics& epoch);

}  // namespace mulberry
