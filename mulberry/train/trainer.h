// Trains one network under one arithmetic: epochs of batches under the mode, a test after each, a
// line of metrics and a checkpoint; the last epoch ends early where config.iterations says so. A
// run folder holds `checkpoint` and `metrics.jsonl`. Not here: several arithmetics side by side
// (compare.h).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "mulberry/base/error.h"
#include "mulberry/data/dataset.h"
#include "mulberry/report/metrics.h"
#include "mulberry/report/progress.h"
#include "mulberry/train/config.h"

namespace mulberry {

/// A run folder's file beside kMetricsFile.
inline constexpr const char* kCheckpointFile = "checkpoint";

/// Both parts of a data set.
struct TrainingData {
  Dataset train;
  Dataset test;
};
/// Those that the configuration names, of as many samples as it says. Throws as their loaders do.
TrainingData LoadTrainingData(const Config& config);

/// The loss, or a tensor that was to be quantised, became infinite or NaN.
class DivergedError : public Error {
 public:
  using Error::Error;
};

/// The end of an epoch of another run, which kept it, and whose arithmetic has so far been the
/// same.
struct Branch {
  std::string folder;
  int64_t epochs = 0;  ///< That were done, at least 1.
};

/// One run.
struct TrainingRun {
  Config config;                      ///< Complete, with one arithmetic.
  RunHeader header;                   ///< For metrics.jsonl; its `epochs` is filled in.
  std::string folder;                 ///< Exists.
  std::string label;                  ///< In the progress, such as "mitchell@bf16 (3/4)".
  bool resume = false;                ///< Go on from the folder's checkpoint if there is one.
  bool keep_epochs = false;           ///< Keep the checkpoint of each epoch's end, for branches.
  std::optional<Branch> branch = {};  ///< Start there, if there is nothing to resume.
};

enum class RunEnd : uint8_t {
  kFinished,
  kStopped,  ///< `stop` said so; the checkpoint holds the state.
};

/// Trains to the end, or until `stop`, which is asked after each batch, returns true. A run that is
/// not resumed replaces the folder's files. Bits of the result depend on config and the number of
/// threads alone, however often the run was stopped. Throws DivergedError, leaving the last
/// checkpoint, and Error where the folder's checkpoint is of another configuration. A branch's may
/// differ in its schedule.
RunEnd Train(const TrainingRun& run, const TrainingData& data, ProgressDisplay& progress,
             const std::function<bool()>& stop);

}  // namespace mulberry
