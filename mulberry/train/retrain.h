// What approximate multipliers cost a trained network in accuracy, and what retraining wins back:
// the network is quantised after training, tested under the exact integer product and under each
// multiplier, and trained on with each multiplier in its forward products, once for each gradient
// estimator. On the way, if asked for: how sensitive each layer is, and the arithmetic of each
// layer that takes the least energy for a given accuracy. In the folder `out`: config.toml,
// evaluations.jsonl with every accuracy that was measured, pace.json with every time, and a run
// each retraining. The whole can be stopped and resumed. Not here: one retraining, which is a run
// of its own (trainer.h, quantization.h).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mulberry/report/metrics.h"
#include "mulberry/report/progress.h"
#include "mulberry/report/run_table.h"
#include "mulberry/train/config.h"
#include "mulberry/train/policy_search.h"
#include "mulberry/train/run_folder.h"
#include "mulberry/train/step_pace.h"

namespace mulberry {

struct RetrainOptions {
  std::vector<std::string> estimators = {"straight-through", "slopes", "differences"};
  bool sensitivities = false;            ///< Of each layer, to each multiplier.
  std::optional<ArithmeticCosts> costs;  ///< Search for the policy of the least energy.
  double target_points = -1;             ///< The search's: to the exact integer product.
  int64_t most_evaluations = 200;        ///< The search's; 0: any number.
  bool pace = false;                     ///< Time steps, also on kTableStrategy.
};
/// The strategy that simulates any multiplier, by one look into a table a product.
inline constexpr const char* kTableStrategy = "integer table";

struct RetrainRow {
  std::string arithmetic;  ///< Of the forward products; kSearchedPolicy: of each layer one.
  double before_pct = 0;   ///< Test accuracy of the quantised network.
  /// After retraining, by estimator; nothing where it diverged.
  std::vector<std::optional<double>> after_pct;
  std::optional<StepPace> pace;
};
inline constexpr const char* kSearchedPolicy = "searched policy";

struct Retraining {
  bool stopped = false;  ///< `stop` said so; the rest can be resumed.
  int64_t epochs = 0;    ///< Of each retraining.
  double float_pct = 0;  ///< Before quantisation; batch normalisations folded if they will be.
  std::vector<RetrainRow> rows;  ///< The exact product first, once for each quantisation.
  std::vector<SearchLayer> layers;
  std::vector<SearchChoice> choices;  ///< Without costs, energies are 1.
  std::vector<Sensitivity> sensitivities;
  std::optional<PolicySearch> search;
  std::vector<std::string> failures;  ///< Of retrainings that diverged, what happened.
};

/// `config` is complete; the forward products of its arithmetics are of integers, and gradients are
/// native. Layers of which a rule of the policy speaks keep what it says. Throws UsageError, and
/// what Train throws but for DivergedError.
Retraining Retrain(const Config& config, const RetrainOptions& options, const RunHeader& header,
                   Existing existing, ProgressDisplay& progress, const std::function<bool()>& stop);

}  // namespace mulberry
