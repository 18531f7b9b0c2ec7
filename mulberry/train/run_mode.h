// The mode of approximate arithmetic as a run uses it: it can be left and entered again, and what
// it counts, and where its random numbers are, is kept in the run's state. Not the mode itself
// (nn/approximate.h).
#pragma once

#include <optional>
#include <utility>

#include "mulberry/models/network.h"
#include "mulberry/nn/approximate.h"
#include "mulberry/report/metrics.h"
#include "mulberry/train/config.h"

namespace mulberry {

/// What a mode has counted.
struct ModeRecord {
  MacCounts approximate_macs;    ///< Of the present epoch.
  MacCounts native_macs;         ///< Likewise.
  RunReport report;              ///< What each layer ran, since the run began.
  uint64_t random_position = 0;  ///< Of the mode's random numbers.
};

class RunMode {
 public:
  /// For `config` with one arithmetic. `model` and `state` must outlive this object, and so must
  /// what the points refer to.
  RunMode(const Config& config, const Network& model, ModeRecord& state,
          RoundingPoints output_points = {});

  /// Of activations, from the next Enter on.
  void UseRanges(Approximate::Ranges ranges) { options_.ranges = std::move(ranges); }

  /// Until Leave, products run as the policy says and outputs of layers pass through their points.
  /// Where all of it is native and there are no points there is no mode at all: fp32 is LibTorch as
  /// it is.
  void Enter(const Policy& policy);
  void Leave();
  /// Writes the histograms and traces of the operands so far, where the configuration asks for
  /// them.
  void WriteOperands() const;
  /// Brings the state up to date, as Leave does, and returns what has run since it last was.
  RunReport Collect();

 private:
  void Add(const LayerRun& line);

  const Network& model_;
  ModeRecord& state_;
  Approximate::Options options_;
  std::string operands_folder_;  ///< Of histograms; empty: none.
  std::string traces_folder_;    ///< Likewise.
  std::optional<Approximate> mode_;
};

}  // namespace mulberry
