// A sweep: many runs described by one file, each of which is a run folder as `mulberry train` makes
// it, with one arithmetic. Any key of an experiment's file (config.h) may be an axis.
//
//   out = "runs/mnist-sweep"
//   config = "experiments/lenet5.toml"    # where [base] begins; optional
//
//   [base]                                # keys that all points have
//   epochs = 1
//
//   [grid]                                # every combination; [[grid]] for several
//   arithmetic = ["fp32", "mitchell@bf16"]
//   seed = [1, 2, 3]
//
//   [[point]]                             # and single points, as many as wanted
//   arithmetic = "drum(k=4)@bf16"
//
// Not here: running the points (cli/cmd_sweep.cc), and their results (report/run_table.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mulberry/train/config.h"

namespace mulberry {

struct SweepPoint {
  /// The values of its axes, such as "lenet5 mitchell@bf16 seed=1".
  std::string name;
  /// Complete, with one arithmetic; its `out` is a folder in the sweep's, named by RunFolderName of
  /// the point's name.
  Config config;
};

struct Sweep {
  std::string out;
  std::vector<SweepPoint>
      points;  ///< Of each grid the last key varies fastest, as keys are listed.
};

/// Reads and checks all points. `file` stands for the text; `out`, unless empty, replaces the
/// file's. A point whose products are all LibTorch's own has none of the base's recipe, as in a
/// comparison (recipe.h). Throws UsageError that names the file, the line, the point, the key and
/// the value at fault.
Sweep ParseSweep(std::string_view toml, const std::string& file, const std::string& out = "");
/// The same of a file. Throws Error if it cannot be read.
Sweep ReadSweep(const std::string& path, const std::string& out = "");

/// Makes every point's folder and configuration, with which `mulberry train --resume --out FOLDER`
/// trains it from whatever state it is in. Throws Error, before anything is written, where a folder
/// holds another run or something else.
void PrepareFolders(const Sweep& sweep);

/// Whether the run in the folder has come to its end: its record and its checkpoint both.
bool IsFinished(const std::string& folder);

}  // namespace mulberry
