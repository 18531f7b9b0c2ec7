// Finding run folders and reading their records. Damage is told, and does not keep the other
// folders from being read. Not here: what the runs amount to (run_table.h).
#pragma once

#include <string>
#include <vector>

#include "mulberry/report/metrics.h"

namespace mulberry {

struct RecordedRun {
  std::string folder;
  Metrics metrics;  ///< Its header's configuration has an arithmetic, a model and a seed.
};

struct FoundRuns {
  std::vector<RecordedRun> runs;       ///< By the names of their folders.
  std::vector<std::string> not_begun;  ///< Folders with a configuration and nothing else of a run.
  std::vector<std::string> damaged;    ///< Messages that name the file at fault.
};

/// Looks for runs in the folders and all that is below them; one that is found twice counts once.
/// Throws Error for a path that is no folder.
FoundRuns FindRuns(const std::vector<std::string>& folders);

}  // namespace mulberry
