// Several arithmetics side by side: each trains the same network from the same initial weights on
// the same batches, one after the other. With one arithmetic the files of its run (trainer.h) lie
// in the folder `out` itself, with several in a sub-folder each, named by RunFolderName; `out`
// always holds config.toml. The whole can be stopped and resumed.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mulberry/nn/report.h"
#include "mulberry/report/comparison.h"
#include "mulberry/report/progress.h"
#include "mulberry/report/run_table.h"
#include "mulberry/train/config.h"
#include "mulberry/train/precision_summary.h"
#include "mulberry/train/run_folder.h"

namespace mulberry {

struct FinishedRun {
  ComparisonRow row;  ///< Its difference to fp32 filled in where there is an fp32 run.
  RunReport layers;   ///< What each layer ran, over the whole run.
  std::optional<PrecisionSummary> precision;  ///< Under schedule dps.
};

struct Comparison {
  bool stopped = false;  ///< `stop` said so; the rest can be resumed.
  std::vector<FinishedRun> runs;
  std::vector<std::string> failures;  ///< Messages of runs whose loss became infinite or NaN.
};

/// Trains every arithmetic of `config`, which is complete; two that would share a sub-folder are
/// refused. A run that diverges does not keep the others from running. `header` is that of
/// metrics.jsonl, without the configuration.
Comparison Compare(const Config& config, const RunHeader& header, Existing existing,
                   ProgressDisplay& progress, const std::function<bool()>& stop);

/// What the configuration's keys are to a table of runs.
KeyRoles ConfigKeyRoles();

}  // namespace mulberry
