#include "mulberry/cli/cost_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>

#include "mulberry/base/error.h"
#include "mulberry/cli/hardware_options.h"
#include "mulberry/cli/measured_units.h"
#include "mulberry/data/dataset.h"
#include "mulberry/models/registry.h"
#include "mulberry/train/checkpoint.h"
#include "mulberry/train/hybrid.h"
#include "mulberry/train/quantization.h"
#include "mulberry/train/step.h"

namespace mulberry {
namespace {

// Parameters times images of a step that takes more than some seconds.
constexpr int64_t kLongProbe = 1'000'000'000;

// What the run recorded against what the cost is of: the gradients, since tests have none.
void CheckCounts(const char* command, const RecordedRun& run, double macs_of_gradients) {
  int64_t counted = 0;
  for (const EpochMetrics& epoch : run.metrics.epochs) {
    for (const MacCounts& macs : {epoch.approximate_macs, epoch.native_macs}) {
      counted += macs.input_gradient + macs.weight_gradient;
    }
  }
  // Epochs in FP32 alone have no counters.
  if (static_cast<double>(counted) <= macs_of_gradients * (1 + 1e-9)) return;
  Warn(command,
       fmt::format("{}: its record counts {} MACs of gradients, and its configuration gives {:.0f}",
                   run.folder, counted, macs_of_gradients));
}

}  // namespace

const std::vector<LayerProducts>& KnownProducts::Of(const Config& config, const NetworkInput& input,
                                                    int64_t batch, Work work) {
  const std::string key =
      fmt::format("{} {} {} {} {}", config.model, fmt::join(input.images, "x"), input.classes,
                  batch, work == Work::kTraining ? "training" : "inference");
  const auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  if (FindNetwork(config.model).parameters * batch >= kLongProbe) {
    std::cerr << fmt::format(
        "mulberry {}: runs {} once on {} images, for the shapes of its products\n", command_,
        config.model, batch);
  }
  return known_.emplace(key, ProductsOf(config, input, batch, work)).first->second;
}

void AddArrayOptions(CLI::App& app, ArrayArguments& arguments) {
  CLI::Option* units =
      app.add_option("--units", arguments.units,
                     "TOML file with area, clock, energy and leakage of the multiply-accumulate "
                     "units; default: they are synthesised and measured")
          ->type_name("FILE");
  app.add_option("--liberty", arguments.liberty,
                 "the cell library that they are measured in; default: OSU's of 0.18 um, of the "
                 "package qflow-tech-osu018")
      ->excludes(units)
      ->type_name("FILE");
  app.add_option("--array", arguments.array, "units of the array; default: 16x16")
      ->type_name("ROWSxCOLUMNS");
  app.add_option("--dataflow", arguments.dataflow,
                 "what stays in a unit while the rest streams; default: output")
      ->type_name("output|weight");
}

std::unique_ptr<UnitSource> UnitsOf(const char* command, const ArrayArguments& arguments) {
  if (!arguments.units.empty()) return std::make_unique<MacUnits>(MacUnits::Read(arguments.units));
  return std::make_unique<MeasuredUnits>(command, LibraryOf(arguments.liberty));
}

NetworkCost CostOfRun(const char* command, const RecordedRun& run, Work work,
                      const CostOptions& options, const UnitSource& units, KnownProducts& known) {
  const Config config = Checkpoint(CheckpointPath(run.folder)).config();
  const Metrics& metrics = run.metrics;
  if (metrics.epochs.empty()) throw Error("{}: the run has no finished epoch", run.folder);
  const Dataset data = Limited(FindDataset(config.data).load(Split::kTrain), config.limit_train);
  const int64_t batch = std::min(config.batch_size, data.size());
  const auto& products = known.Of(config, {ShapeOf(data), data.classes}, batch, work);
  std::vector<double> losses;
  double epochs = 0;
  for (const EpochMetrics& epoch : metrics.epochs) {
    losses.push_back(epoch.train_loss);
    epochs += epoch.share;
  }
  if (!metrics.iterations.empty()) {
    return CostOf(products,
                  PrecisionStretches(work == Work::kInference
                                         ? std::vector<IterationMetrics>{metrics.iterations.back()}
                                         : metrics.iterations),
                  options, units);
  }
  if (work == Work::kInference) {
    return CostOf(products, LastStretch(config, std::ssize(losses), losses), options, units);
  }
  const double steps = static_cast<double>(data.size()) / static_cast<double>(batch);
  double macs_of_gradients = 0;
  for (const LayerProducts& of_layer : products) {
    if (of_layer.pass == Pass::kForward) continue;
    macs_of_gradients += static_cast<double>(of_layer.macs) * steps * epochs;
  }
  CheckCounts(command, run, macs_of_gradients);
  return CostOf(products, TrainingStretches(config, epochs, steps, losses), options, units);
}

}  // namespace mulberry
