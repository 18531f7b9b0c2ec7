#include "mulberry/train/retrain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "mulberry/base/append_file.h"
#include "mulberry/base/atomic_file.h"
#include "mulberry/base/error.h"
#include "mulberry/nn/gradient_model.h"
#include "mulberry/plan/plan.h"
#include "mulberry/train/policy_accuracy.h"
#include "mulberry/train/quantization.h"
#include "mulberry/train/trainer.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string ForwardOf(const std::string& arithmetic) {
  return Print(ParseNetworkArithmetic(arithmetic).forward);
}

// With native gradients.
std::string TrainedOn(const std::string& forward) {
  return JoinDirections(forward, "fp32");
}

// The exact product of each quantisation before the multipliers that share it.
std::vector<std::string> ForwardArithmetics(const Config& config) {
  std::vector<std::string> all;
  const auto add = [&](const std::string& arithmetic) {
    if (std::ranges::find(all, arithmetic) == all.end()) all.push_back(arithmetic);
  };
  for (const std::string& arithmetic : config.arithmetic) {
    add(ExactProduct(ForwardOf(arithmetic)));
    add(ForwardOf(arithmetic));
  }
  return all;
}

// Costs are of the multiplier and the formats; a file may leave out how tensors are quantised.
double CostOf(const std::string& forward, const ArithmeticCosts& costs) {
  Arithmetic plain = ParseArithmetic(forward);
  plain.scaling = {DefaultScaling(plain.format.first), DefaultScaling(plain.format.second)};
  std::vector<std::string> known;
  for (const std::string& name : {forward, Print(plain)}) {
    const auto cost = costs.costs.find(name);
    if (cost != costs.costs.end()) return cost->second;
  }
  for (const auto& [name, cost] : costs.costs) known.push_back(name);
  throw UsageError("{}: there is no cost of '{}'; it has costs of: {}", costs.file, Print(plain),
                   fmt::join(known, ", "));
}

std::vector<SearchChoice> ChoicesOf(const Config& config, const RetrainOptions& options) {
  std::vector<SearchChoice> choices;
  for (const std::string& forward : ForwardArithmetics(config)) {
    choices.push_back({forward, options.costs ? CostOf(forward, *options.costs) : 1.0});
  }
  return choices;
}

class Retrainer {
 public:
  Retrainer(const Config& config, const RetrainOptions& options, std::vector<SearchChoice> choices,
            const RunHeader& header, Existing existing, ProgressDisplay& progress,
            const std::function<bool()>& stop)
      : config_(config),
        options_(options),
        header_(header),
        resume_(existing == Existing::kResume),
        progress_(progress),
        stop_(stop),
        data_(LoadTrainingData(config)),
        accuracy_(config, data_, fs::path(config.out) / kEvaluationsFile, existing) {
    result_.epochs = config.epochs;
    result_.layers = accuracy_.layers();
    result_.choices = std::move(choices);
  }

  Retraining Run() {
    result_.stopped = !(TestAll() && TimeAll() && CompareLayers() && RetrainAll());
    return std::move(result_);
  }

 private:
  // Each returns false where `stop` ended it.
  bool TestAll() {
    result_.float_pct = accuracy_.OfFloat();
    progress_.Line(fmt::format("fp32  test accuracy {:.2f} %", result_.float_pct));
    for (const SearchChoice& choice : result_.choices) {
      const auto before = Test(choice.arithmetic, accuracy_.Uniform(choice.arithmetic));
      if (!before) return false;
      result_.rows.push_back({choice.arithmetic, *before, {}, {}});
    }
    return true;
  }

  std::optional<double> Test(const std::string& what, const PolicyAccuracy::Arithmetics& by_layer) {
    const bool known = accuracy_.Known(by_layer);
    if (!known && stop_()) return std::nullopt;
    const double accuracy_pct = accuracy_.Of(by_layer);
    if (!known) progress_.Line(fmt::format("{}  test accuracy {:.2f} %", what, accuracy_pct));
    return accuracy_pct;
  }

  bool TimeAll() {
    if (!options_.pace) return true;
    const std::string path = fs::path(config_.out) / kPaceFile;
    std::map<std::string, StepPace> paces;
    if (resume_ && fs::exists(path)) paces = ReadPaces(path);
    for (RetrainRow& row : result_.rows) {
      if (!paces.contains(row.arithmetic)) {
        if (stop_()) return false;
        paces[row.arithmetic] =
            MeasureSteps(RunOf(row.arithmetic, "straight-through"), data_.train, kTableStrategy);
        Json json = Json::object();
        for (const auto& [arithmetic, pace] : paces) json[arithmetic] = ToJson(pace);
        ReplaceFile(path, json.dump(1) + "\n");
        progress_.Line(fmt::format("{}  timed", row.arithmetic));
      }
      row.pace = paces[row.arithmetic];
    }
    return true;
  }

  static std::map<std::string, StepPace> ReadPaces(const std::string& path) {
    try {
      const Json json = Json::parse(ReadFile(path));
      std::map<std::string, StepPace> paces;
      for (const auto& [arithmetic, pace] : json.items()) {
        paces[arithmetic] = StepPaceFromJson(pace);
      }
      return paces;
    } catch (const Json::exception& e) {
      throw Error("{}: {}; --force starts again", path, e.what());
    }
  }

  bool CompareLayers() {
    if (options_.costs) return Search();
    if (!options_.sensitivities) return true;
    for (size_t layer = 0; layer < result_.layers.size(); ++layer) {
      for (size_t choice = 1; choice < result_.choices.size(); ++choice) {
        Assignment assignment(result_.layers.size(), 0);
        assignment[layer] = choice;
        const auto accuracy_pct = TestAssignment(assignment);
        if (!accuracy_pct) return false;
        result_.sensitivities.push_back({layer, choice, *accuracy_pct});
      }
    }
    return true;
  }

  PolicyAccuracy::Arithmetics ByLayer(const Assignment& assignment) const {
    PolicyAccuracy::Arithmetics by_layer;
    for (size_t i = 0; i < assignment.size(); ++i) {
      by_layer[result_.layers[i].name] = result_.choices[assignment[i]].arithmetic;
    }
    return by_layer;
  }

  std::optional<double> TestAssignment(const Assignment& assignment) {
    return Test(fmt::format("layers on {}", fmt::join(assignment, " ")), ByLayer(assignment));
  }

  bool Search() {
    const PolicySearchOptions options{result_.rows[0].before_pct + options_.target_points,
                                      options_.most_evaluations};
    result_.search =
        SearchPolicy(result_.layers, result_.choices, options,
                     [&](const Assignment& assignment) { return TestAssignment(assignment); });
    result_.sensitivities = result_.search->sensitivities;
    if (result_.search->stopped) return false;
    if (result_.search->reachable) {
      result_.rows.push_back({kSearchedPolicy, result_.search->best.accuracy_pct, {}, {}});
    }
    return true;
  }

  bool RetrainAll() {
    for (RetrainRow& row : result_.rows) {
      // All estimators have the derivative of the exact product right.
      const bool exact =
          row.arithmetic != kSearchedPolicy && row.arithmetic == ExactProduct(row.arithmetic);
      for (const std::string& estimator : options_.estimators) {
        if (exact && !row.after_pct.empty()) {
          row.after_pct.push_back(row.after_pct[0]);
        } else if (!TrainOn(row, exact ? "straight-through" : estimator)) {
          return false;
        }
      }
    }
    return true;
  }

  // The configuration of a retraining.
  Config RunOf(const std::string& forward, const std::string& estimator) const {
    Config config = config_;
    config.gradient_estimator = estimator;
    std::string name = forward;
    if (forward == kSearchedPolicy) {
      // Another target finds another policy.
      name = fmt::format("policy {}", fmt::join(result_.search->best.assignment, "-"));
      config.arithmetic = {TrainedOn(result_.choices[0].arithmetic)};
      for (const auto& [layer, arithmetic] : ByLayer(result_.search->best.assignment)) {
        if (arithmetic == result_.choices[0].arithmetic) continue;
        config.policy.push_back(fmt::format("{}:forward={}", layer, arithmetic));
      }
    } else {
      config.arithmetic = {TrainedOn(forward)};
    }
    config.out = fs::path(config_.out) / RunFolderName(name + " " + estimator);
    return Complete(config);
  }

  bool TrainOn(RetrainRow& row, const std::string& estimator) {
    const Config config = RunOf(row.arithmetic, estimator);
    TrainingRun run{config, header_, config.out, row.arithmetic + " by " + estimator, resume_};
    run.header.configuration = ToJson(config);
    OpenFolder(run.folder);
    try {
      if (Train(run, data_, progress_, stop_) == RunEnd::kStopped) return false;
    } catch (const DivergedError& e) {
      result_.failures.push_back(fmt::format("{}: {}", run.label, e.what()));
      row.after_pct.push_back(std::nullopt);
      return true;
    }
    row.after_pct.push_back(
        ReadMetrics(fs::path(run.folder) / kMetricsFile).epochs.back().test_accuracy_pct);
    return true;
  }

  const Config& config_;
  const RetrainOptions& options_;
  const RunHeader& header_;
  const bool resume_;
  ProgressDisplay& progress_;
  const std::function<bool()>& stop_;
  const TrainingData data_;
  PolicyAccuracy accuracy_;
  Retraining result_;
};

void CheckArithmetic(const std::string& text) {
  const NetworkArithmetic arithmetic = ParseNetworkArithmetic(text);
  const Arithmetic& forward = arithmetic.forward;
  if (forward.native || !forward.is_integer()) {
    throw UsageError(
        "arithmetic: {}: retraining is of products of integers, such as "
        "'drum(k=4)@uint8xint8+scale=affine/max(channel)'",
        text);
  }
  if (!arithmetic.gradients.native && arithmetic.gradients != forward) {
    throw UsageError("arithmetic: {}: gradients are native here; leave out what is behind the bar",
                     text);
  }
}

void CheckRetraining(const Config& config, const RetrainOptions& options) {
  if (config.start.empty()) {
    throw UsageError(
        "start: there is no network to retrain; train one, such as by `mulberry train --model {} "
        "--data {} --out runs/float`, and give --start runs/float",
        config.model, config.data);
  }
  for (const std::string& arithmetic : config.arithmetic) CheckArithmetic(arithmetic);
  if (!config.gradient_estimator.empty()) {
    throw UsageError("gradient-estimator: {}: retrain compares several; give --estimators",
                     config.gradient_estimator);
  }
  std::set<std::string> seen;
  for (const std::string& estimator : options.estimators) {
    if (!seen.insert(Print(ParseGradientEstimator(estimator))).second) {
      throw UsageError("estimators: {} is given twice", estimator);
    }
  }
  std::set<std::string> exact;
  std::vector<std::string> names;
  for (const std::string& forward : ForwardArithmetics(config)) {
    exact.insert(ExactProduct(forward));
    for (const std::string& estimator : options.estimators) {
      names.push_back(forward + " " + estimator);
      const bool is_exact = forward == ExactProduct(forward);
      GradientModel::Of(ParseGradientEstimator(is_exact ? "straight-through" : estimator),
                        ParseArithmetic(forward));
    }
    if (options.pace) MakePlan(ParseArithmetic(forward), kTableStrategy);
  }
  RequireApart(names);
  if (exact.size() > 1 && (options.sensitivities || options.costs)) {
    throw UsageError(
        "arithmetic: layers are compared under one quantisation, and these have {}: {}",
        exact.size(), fmt::join(exact, ", "));
  }
  const auto refuse = [](std::string_view key, const std::string& value, std::string_view why) {
    if (!value.empty()) throw UsageError("{}: {}: {}", key, value, why);
  };
  refuse("schedule", fmt::to_string(fmt::join(config.schedule, ", ")),
         "retrain compares one arithmetic with another; leave it out");
  refuse("batch-norm", config.batch_norm, "retrain tests without it; leave it out");
  refuse("record-operands", config.record_operands, "it is of one run; leave it out");
  refuse("record-traces", config.record_traces, "it is of one run; leave it out");
}

}  // namespace

Retraining Retrain(const Config& config, const RetrainOptions& options, const RunHeader& header,
                   Existing existing, ProgressDisplay& progress,
                   const std::function<bool()>& stop) {
  CheckRetraining(config, options);
  std::vector<SearchChoice> choices = ChoicesOf(config, options);
  CheckFolder(config, existing);
  CheckStart(config, existing);
  StartFolder(config, existing);
  return Retrainer(config, options, std::move(choices), header, existing, progress, stop).Run();
}

}  // namespace mulberry
