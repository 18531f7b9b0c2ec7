// Running the points of a sweep, several at a time: each a process of this program,
// `mulberry train --resume`, whose output goes to train.log in its folder. Not here: which points
// there are (train/sweep.h).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mulberry/report/progress.h"
#include "mulberry/train/sweep.h"

namespace mulberry {

inline constexpr const char* kLogFile = "train.log";

struct PointEnd {
  enum class State : uint8_t { kFinished, kFailed, kStopped };

  State state = State::kStopped;
  std::string why;  ///< Of a failure.
};

std::string_view Name(PointEnd::State state);  // "finished", "failed", "stopped"

/// The command that trains a point in a prepared folder, whatever state it is in, without the
/// program's name.
std::vector<std::string> CommandOf(const SweepPoint& point);

/// Runs all points whose folders, which are prepared, hold no finished run: at most `workers` at a
/// time, each with `threads` threads unless its configuration says how many. A point that fails
/// does not keep the others from running. Once `stop` returns true no more are started, and those
/// that run are told to stop, and waited for. The ends are in the order of the points.
std::vector<PointEnd> RunPoints(const Sweep& sweep, int workers, int threads,
                                ProgressDisplay& progress, const std::function<bool()>& stop);

}  // namespace mulberry
