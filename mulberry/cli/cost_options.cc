#include "mulberry/cli/cost_options.h"

#include <fmt/format.h>

#include "mulberry/base/error.h"
#include "mulberry/data/dataset.h"
#include "mulberry/train/checkpoint.h"
#include "mulberry/train/hybrid.h"
#include "mulberry/train/quantization.h"
#include "mulberry/train/step.h"

namespace mulberry {
namespace {

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

void AddArrayOptions(CLI::App& app, ArrayArguments& arguments) {
  app.add_option("--units", arguments.units,
                 "TOML file with area, clock, energy and leakage of the multiply-accumulate units")
      ->required()
      ->type_name("FILE");
  app.add_option("--array", arguments.array, "units of the array; default: 16x16")
      ->type_name("ROWSxCOLUMNS");
  app.add_option("--dataflow", arguments.dataflow,
                 "what stays in a unit while the rest streams; default: output")
      ->type_name("output|weight");
}

NetworkCost CostOfRun(const char* command, const RecordedRun& run, Work work,
                      const CostOptions& options, const MacUnits& units, const UnitSource& source) {
  const Config config = Checkpoint(CheckpointPath(run.folder)).config();
  const Metrics& metrics = run.metrics;
  if (metrics.epochs.empty()) throw Error("{}: the run has no finished epoch", run.folder);
  const Dataset data = Limited(FindDataset(config.data).load(Split::kTrain), config.limit_train);
  const int64_t batch = std::min(config.batch_size, data.size());
  const auto products = ProductsOf(config, {ShapeOf(data), data.classes}, batch, work);
  std::vector<double> losses;
  double epochs = 0;
  for (const EpochMetrics& epoch : metrics.epochs) {
    losses.push_back(epoch.train_loss);
    epochs += epoch.share;
  }
  if (work == Work::kInference) {
    return CostOf(
        products,
        {{PolicyOf(config, std::ssize(metrics.epochs), std::ssize(losses) + 1, losses), 0, 1}},
        options, units, source);
  }
  const double steps = static_cast<double>(data.size()) / static_cast<double>(batch);
  if (!metrics.iterations.empty()) {
    return CostOf(products, PrecisionStretches(metrics.iterations), options, units, source);
  }
  double macs_of_gradients = 0;
  for (const LayerProducts& of_layer : products) {
    if (of_layer.pass == Pass::kForward) continue;
    macs_of_gradients += static_cast<double>(of_layer.macs) * steps * epochs;
  }
  CheckCounts(command, run, macs_of_gradients);
  return CostOf(products, TrainingStretches(config, epochs, steps, losses), options, units, source);
}

}  // namespace mulberry
