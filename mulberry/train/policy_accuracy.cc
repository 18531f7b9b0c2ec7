#include "mulberry/train/policy_accuracy.h"

#include <algorithm>

#include "mulberry/base/error.h"
#include "mulberry/base/sha256.h"
#include "mulberry/train/quantization.h"
#include "mulberry/train/step.h"

namespace mulberry {
namespace {

// What an accuracy depends on but the arithmetics.
nlohmann::ordered_json IdentityOf(const Config& config) {
  return {{"start", Sha256OfFile(CheckpointPath(config.start))},
          {"data", config.data},
          {"limit-test", config.limit_test},
          {"limit-train", config.limit_train},
          {"policy", config.policy},
          {"fold-batch-norm", config.fold_batch_norm},
          {"calibration", config.calibration},
          {"calibration-samples", config.calibration_samples},
          {"seed", config.seed}};
}

std::shared_ptr<Network> StartOf(const Config& config, const Dataset& data) {
  auto network = NewNetwork(config, data);
  StartFrom(config.start, config, *network, data);
  return network;
}

}  // namespace

std::string ExactProduct(const std::string& arithmetic) {
  Arithmetic exact = ParseArithmetic(arithmetic);
  if (exact.native) return arithmetic;
  exact.multiplier = {};
  exact.sign = SignHandling::kMagnitude;
  return Print(exact);
}

PolicyAccuracy::PolicyAccuracy(const Config& config, const TrainingData& data,
                               const std::string& log, Existing existing)
    : config_(config),
      data_(data),
      network_(StartOf(config, data.train)),
      layers_(FindLayers()),
      log_(log, IdentityOf(config), existing) {}

std::vector<SearchLayer> PolicyAccuracy::FindLayers() {
  const auto ruled = [&](const std::string& layer) {
    return std::ranges::any_of(config_.policy, [&](const std::string& rule) {
      return Matches(ParseRule(rule), layer, Pass::kForward);
    });
  };
  const torch::NoGradGuard no_grad;
  network_->eval();
  const Approximate mode(*network_, Policy{});
  network_->forward(data_.test.images.narrow(0, 0, 1));
  std::vector<SearchLayer> layers;
  for (const LayerRun& line : mode.Report().lines) {
    if (line.macs > 0 && line.op != "matmul" && !ruled(line.layer)) {
      layers.push_back({line.layer, line.macs});
    }
  }
  if (layers.empty()) {
    throw UsageError("policy: its rules leave no layer of {} to the arithmetic", config_.model);
  }
  return layers;
}

PolicyAccuracy::Arithmetics PolicyAccuracy::Uniform(const std::string& arithmetic) const {
  Arithmetics arithmetics;
  for (const SearchLayer& layer : layers_) arithmetics[layer.name] = arithmetic;
  return arithmetics;
}

const Approximate::Ranges& PolicyAccuracy::RangesUnder(const std::string& exact) {
  const auto found = ranges_.find(exact);
  if (found != ranges_.end()) return found->second;
  Config config = config_;
  config.arithmetic = {exact};
  return ranges_[exact] = Calibrate(config, *network_, data_.train);
}

double PolicyAccuracy::Of(const Arithmetics& arithmetics) {
  if (const auto known = log_.Find(arithmetics)) return *known;
  const std::string& first = arithmetics.begin()->second;
  const bool uniform =
      std::ranges::all_of(arithmetics, [&](const auto& layer) { return layer.second == first; });
  Policy policy;
  policy.rules.push_back(
      {"*", {Pass::kForward}, ParseArithmetic(uniform ? first : ExactProduct(first))});
  for (const std::string& rule : config_.policy) policy.rules.push_back(ParseRule(rule));
  Approximate::Ranges ranges;
  for (const auto& [layer, spec] : arithmetics) {
    policy.rules.push_back({layer, {Pass::kForward}, ParseArithmetic(spec)});
    // A range depends on how the layer is quantised, and not on its multiplier.
    for (const auto& [of, range] : RangesUnder(ExactProduct(spec))) {
      if (of == layer || !arithmetics.contains(of)) ranges[of] = range;
    }
  }
  const double accuracy_pct = Test(policy, ranges);
  log_.Append(arithmetics, accuracy_pct);
  return accuracy_pct;
}

double PolicyAccuracy::OfFloat() {
  if (const auto known = log_.Find(Uniform("fp32"))) return *known;
  const double accuracy_pct = Evaluate(*network_, data_.test).accuracy_pct();
  log_.Append(Uniform("fp32"), accuracy_pct);
  return accuracy_pct;
}

double PolicyAccuracy::Test(const Policy& policy, const Approximate::Ranges& ranges) {
  Approximate::Options options;
  options.seed = static_cast<uint64_t>(config_.seed);
  options.strategy = config_.strategy;
  options.ranges = ranges;
  const Approximate mode(*network_, policy, options);
  const double accuracy_pct = Evaluate(*network_, data_.test).accuracy_pct();
  for (const LayerRun& line : mode.Report().lines) {
    const bool searched =
        std::ranges::find(layers_, line.layer, &SearchLayer::name) != layers_.end();
    if (!searched || line.why_native.empty()) continue;
    throw Error("{} does not run on the arithmetic that it is given: {}", line.layer,
                line.why_native);
  }
  return accuracy_pct;
}

}  // namespace mulberry
