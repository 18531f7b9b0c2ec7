// The search for the policy with the least energy that keeps an accuracy: each layer's forward
// products on one of several arithmetics. Accuracies are measured by a function of the caller's, so
// that networks, LibTorch and files are not here; evaluation_log.h keeps what it measured.
//
// The steps: the network all exact; uniformly on each arithmetic; each layer alone on each, which
// gives its sensitivity; a greedy descent by the energy saved for the accuracy lost; from the best
// so far, moves of one layer or of two.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mulberry {

struct SearchLayer {
  std::string name;
  int64_t macs = 0;  ///< Of one image; 1 or more.
};

struct SearchChoice {
  std::string arithmetic;
  double energy = 0;  ///< Of one MAC, in any unit; 0 or more.
};

/// The choice of each layer. Choice 0 is the exact one.
using Assignment = std::vector<size_t>;

struct SearchPoint {
  Assignment assignment;
  double accuracy_pct = 0;
  double energy = 0;  ///< Relative to all-exact.
};

/// The accuracy with one layer on a choice and the others exact.
struct Sensitivity {
  size_t layer = 0;
  size_t choice = 0;
  double accuracy_pct = 0;
};

struct PolicySearchOptions {
  double least_accuracy_pct = 0;
  int64_t most_evaluations = 0;  ///< Of all steps together; 0: any number.
};

struct PolicySearch {
  bool stopped = false;  ///< `evaluate` said so; what is below is then what there was so far.
  bool out_of_evaluations = false;  ///< Likewise, for `most_evaluations`.
  /// Whether all-exact keeps the accuracy. If not, it is `best`, and nothing else was tried.
  bool reachable = false;
  std::vector<SearchPoint> points;         ///< All that were evaluated, in order, each once.
  std::vector<SearchPoint> uniforms;       ///< All layers on choice 0, 1, ...
  std::vector<Sensitivity> sensitivities;  ///< By layer, then by choice, from 1.
  SearchPoint greedy;                      ///< Where the greedy descent ended.
  /// Of all points that keep the accuracy the one of the least energy; of several the most
  /// accurate. Like `greedy` it has no assignment where nothing was evaluated.
  SearchPoint best;
};

/// The test accuracy in %, which is finite; none: stop.
using EvaluateAssignment = std::function<std::optional<double>(const Assignment&)>;

/// Never evaluates an assignment twice, and is a function of its arguments and of what `evaluate`
/// returns: with the same answers it asks the same. Throws UsageError unless there is a layer,
/// names and arithmetics differ, and all numbers are in range, the exact energy above 0.
PolicySearch SearchPolicy(const std::vector<SearchLayer>& layers,
                          const std::vector<SearchChoice>& choices,
                          const PolicySearchOptions& options, const EvaluateAssignment& evaluate);

}  // namespace mulberry
