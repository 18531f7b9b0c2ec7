#include "mulberry/train/quantization.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "mulberry/base/error.h"
#include "mulberry/formats/calibration.h"
#include "mulberry/kernels/round.h"
#include "mulberry/models/fold.h"
#include "mulberry/models/registry.h"
#include "mulberry/nn/gradient_estimator.h"
#include "mulberry/nn/round_tensor.h"
#include "mulberry/train/checkpoint.h"
#include "mulberry/train/step.h"
#include "mulberry/train/trainer.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kCalibrationBatch = 100;

// How the activation of a layer is quantised, where its range matters.
struct Quantised {
  IntegerFormat format;
  Scaling scaling;
};
std::optional<Quantised> ActivationOf(const Arithmetic* forward) {
  if (!forward || forward->native) return std::nullopt;
  const auto* format = std::get_if<IntegerFormat>(&forward->format.first);
  const Scaling& scaling = forward->scaling.first;
  if (!format || scaling.kind == Scaling::Kind::kPower) return std::nullopt;
  return Quantised{*format, scaling};
}

using Visit = std::function<void(const std::string& layer, const at::Tensor& activation)>;

// Shows `visit` the activations of the sample, each contiguous.
void VisitActivations(Network& network, const Dataset& sample, const Visit& visit) {
  const torch::NoGradGuard no_grad;
  const bool training = network.is_training();
  network.eval();
  Approximate::Options options;
  options.observer = [&](const std::string& layer, const at::Tensor& activation) {
    visit(layer, activation.contiguous());
  };
  const Approximate mode(network, Policy{}, options);
  const Batches batches(sample, kCalibrationBatch);
  for (int64_t i = 0; i < batches.size(); ++i) network.forward(batches.at(i).images);
  network.train(training);
}

// Of those layers that are quantised.
Approximate::Ranges RangesOf(Network& network, const Dataset& sample, const Policy& policy) {
  Approximate::Ranges ranges;
  VisitActivations(network, sample, [&](const std::string& layer, const at::Tensor& activation) {
    if (!ActivationOf(policy.Find(layer, Pass::kForward))) return;
    const Extent extent = ExtentOf(activation.data_ptr<float>(), activation.numel());
    if (!extent.finite) {
      throw Error("calibration: the activation of {} is infinite or NaN somewhere", layer);
    }
    Range& range = ranges[layer];
    range.smallest = std::min(range.smallest, extent.smallest);
    range.largest = std::max(range.largest, extent.largest);
  });
  return ranges;
}

Checkpoint OpenStart(const std::string& start, const Config& config) {
  Checkpoint checkpoint(CheckpointPath(start));
  const Config& from = checkpoint.config();
  if (from.model != config.model) {
    throw Error("start: {}: is of model {}, not {}", start, from.model, config.model);
  }
  if (from.fold_batch_norm == "yes" && config.fold_batch_norm == "no") {
    throw Error(
        "start: {}: its batch normalisations are folded, so that fold-batch-norm must be yes",
        start);
  }
  return checkpoint;
}

// What the policy may give to a pass of some layer.
std::vector<Arithmetic> ArithmeticsOf(const Config& config, Pass pass) {
  std::vector<Arithmetic> arithmetics;
  for (const std::string& text : config.arithmetic) {
    const NetworkArithmetic both = ParseNetworkArithmetic(text);
    arithmetics.push_back(pass == Pass::kForward ? both.forward : both.gradients);
  }
  for (const std::string& text : config.policy) {
    const Rule rule = ParseRule(text);
    if (rule.passes.empty() || std::ranges::count(rule.passes, pass) > 0) {
      arithmetics.push_back(rule.arithmetic);
    }
  }
  return arithmetics;
}

bool HasRangesToCalibrate(const Config& config) {
  return std::ranges::any_of(ArithmeticsOf(config, Pass::kForward),
                             [](const Arithmetic& a) { return ActivationOf(&a).has_value(); });
}

bool HasGradientsToEstimate(const Config& config) {
  const auto native = [](const Arithmetic& a) { return a.native; };
  return std::ranges::any_of(ArithmeticsOf(config, Pass::kForward),
                             [](const Arithmetic& a) { return !a.native && a.is_integer(); }) &&
         (std::ranges::any_of(ArithmeticsOf(config, Pass::kInputGradient), native) ||
          std::ranges::any_of(ArithmeticsOf(config, Pass::kWeightGradient), native));
}

}  // namespace

std::shared_ptr<Network> NewNetwork(const Config& config, const Dataset& data) {
  auto network =
      MakeNetwork(config.model, data.classes, static_cast<uint64_t>(config.seed), ShapeOf(data));
  if (config.fold_batch_norm == "yes") FoldBatchNorms(*network, ShapeOf(data));
  return network;
}

void CheckStart(const Config& config, Existing existing) {
  if (config.start.empty() || existing == Existing::kResume) return;
  OpenStart(config.start, config);
  const fs::path start = fs::weakly_canonical(CheckpointPath(config.start));
  const fs::path out = fs::weakly_canonical(config.out);
  if (std::ranges::mismatch(out, start).in1 == out.end()) {
    throw UsageError("start: {}: lies in {}, which would be replaced; give another --out",
                     config.start, config.out);
  }
}

void StartFrom(const std::string& start, const Config& config, Network& network,
               const Dataset& data) {
  Checkpoint checkpoint = OpenStart(start, config);
  const Config& from = checkpoint.config();
  const std::shared_ptr<Network> trained = NewNetwork(from, data);
  checkpoint.Restore(*trained);
  std::optional<WeightAverage> average;
  std::optional<WeightAverage::Applied> applied;
  if (from.ema_decay > 0) {
    checkpoint.Restore(average.emplace(from.ema_decay, *trained));
    applied.emplace(*average);
  }
  if (from.fold_batch_norm == "no" && config.fold_batch_norm == "yes")
    FoldBatchNorms(*trained, ShapeOf(data));
  const torch::NoGradGuard no_grad;
  const auto copy = [](const auto& into, const auto& all) {
    for (const auto& item : into) item.value().copy_(all[item.key()]);
  };
  copy(network.named_parameters(), trained->named_parameters());
  copy(network.named_buffers(), trained->named_buffers());
}

std::string CheckpointPath(const std::string& start) {
  if (!fs::is_directory(start)) return start;
  const fs::path file = fs::path(start) / kCheckpointFile;
  if (fs::exists(file)) return file;
  std::vector<std::string> runs;
  for (const fs::directory_entry& entry : fs::directory_iterator(start)) {
    if (fs::exists(entry.path() / kCheckpointFile)) runs.push_back(entry.path());
  }
  if (runs.empty()) throw Error("{}: no checkpoint in this folder", start);
  std::ranges::sort(runs);
  throw UsageError("{}: holds runs in sub-folders; name one of: {}", start, fmt::join(runs, ", "));
}

Approximate::Ranges Calibrate(const Config& config, Network& network, const Dataset& train) {
  if (config.calibration.empty()) return {};
  const Calibration calibration = ParseCalibration(config.calibration);
  const Policy policy = PolicyOf(config);
  const Dataset sample = Limited(train, config.calibration_samples);
  Approximate::Ranges ranges = RangesOf(network, sample, policy);
  for (const auto& [layer, range] : ranges) {
    const Quantised into = *ActivationOf(policy.Find(layer, Pass::kForward));
    RequireHeld(into.format, into.scaling, range, [&] { return "the activation of " + layer; });
  }
  if (calibration.kind == Calibration::Kind::kMinMax || ranges.empty()) return ranges;
  std::map<std::string, ValueHistogram> histograms;
  for (const auto& [layer, range] : ranges) histograms.emplace(layer, range);
  VisitActivations(network, sample, [&](const std::string& layer, const at::Tensor& activation) {
    const auto histogram = histograms.find(layer);
    if (histogram == histograms.end()) return;
    histogram->second.Add(activation.data_ptr<float>(), activation.numel());
  });
  for (auto& [layer, range] : ranges) {
    const Quantised into = *ActivationOf(policy.Find(layer, Pass::kForward));
    range = CalibratedRange(calibration, histograms.at(layer), into.format, into.scaling);
  }
  return ranges;
}

void CompleteQuantization(Config& config) {
  try {
    if (!config.calibration.empty())
      config.calibration = Print(ParseCalibration(config.calibration));
  } catch (const UsageError& e) {
    throw UsageError("calibration: {}", e.what());
  }
  try {
    if (!config.gradient_estimator.empty()) {
      config.gradient_estimator = Print(ParseGradientEstimator(config.gradient_estimator));
    }
  } catch (const UsageError& e) {
    throw UsageError("gradient-estimator: {}", e.what());
  }
  if (!config.calibration.empty() && !HasRangesToCalibrate(config)) {
    throw UsageError(
        "calibration: {}: it is for products of integers that are scaled by a range, forward, and "
        "no arithmetic here has any",
        config.calibration);
  }
  if (!config.gradient_estimator.empty() && !HasGradientsToEstimate(config)) {
    throw UsageError(
        "gradient-estimator: {}: it is for products of integers forward and native gradients, such "
        "as 'mitchell@int8 | fp32', and no arithmetic here has both",
        config.gradient_estimator);
  }
  if (config.fold_batch_norm == "yes" && !config.batch_norm.empty()) {
    throw UsageError(
        "batch-norm: {}: with fold-batch-norm there are no batch normalisations to round; leave "
        "out "
        "one of them",
        config.batch_norm);
  }
}

}  // namespace mulberry
