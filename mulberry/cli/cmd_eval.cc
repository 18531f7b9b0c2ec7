// `mulberry eval`: tests a trained network, from its checkpoint, under any arithmetic.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <optional>

#include "mulberry/base/error.h"
#include "mulberry/cli/command.h"
#include "mulberry/data/dataset.h"
#include "mulberry/nn/blas_check.h"
#include "mulberry/report/table.h"
#include "mulberry/train/checkpoint.h"
#include "mulberry/train/dynamic_precision.h"
#include "mulberry/train/machine.h"
#include "mulberry/train/quantization.h"
#include "mulberry/train/run_folder.h"
#include "mulberry/train/trainer.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

struct Arguments {
  std::string checkpoint;
  std::vector<std::string> arithmetic;
  std::vector<std::string> policy;
  std::string strategy;
  std::string data;
  int64_t limit_test = -1;
  std::string calibration;
  int64_t calibration_samples = 0;
  bool fold_batch_norm = false;
  std::string record_traces;
  int64_t threads = 0;
  bool layers = false;
  bool json = false;
};

void AddOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("CHECKPOINT", arguments.checkpoint, "a checkpoint, or the folder of its run")
      ->required()
      ->type_name("");
  app.add_option("--arithmetic", arguments.arithmetic,
                 "arithmetic of all products; may be repeated; default: the run's")
      ->allow_extra_args(false)
      ->type_name("SPEC");
  app.add_option("--policy", arguments.policy,
                 "rule LAYERS[:PASS,...]=SPEC that overrides the arithmetic; may be repeated")
      ->allow_extra_args(false)
      ->type_name("RULE");
  app.add_option("--strategy", arguments.strategy, "plan strategy to force")->type_name("NAME");
  app.add_option("--data", arguments.data, "data set; default: the run's")->type_name("NAME");
  app.add_option("--limit-test", arguments.limit_test,
                 "use the first N test samples; 0: all; default: as the run did")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  app.add_option(
         "--calibration", arguments.calibration,
         "for products of integers: fixed ranges of activations by min-max, percentile(P) or "
         "mse, from training images; default: the run's, or each tensor's own")
      ->type_name("HOW");
  app.add_option("--calibration-samples", arguments.calibration_samples,
                 "training images of the calibration; default: as the run's configuration says")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  app.add_flag("--fold-batch-norm", arguments.fold_batch_norm,
               "make batch normalisations part of the convolutions before them");
  app.add_option("--record-traces", arguments.record_traces,
                 "folder for traces of the operands of each layer, of its first product, as "
                 "`mulberry train --record-traces` writes them; with several arithmetics a folder "
                 "each")
      ->type_name("FOLDER");
  app.add_option("--threads", arguments.threads, "worker threads; 0: one for each processor")
      ->check(CLI::Range(0, 4096))
      ->type_name("N");
  app.add_flag("--layers", arguments.layers, "print what each layer ran, too");
  app.add_flag("--json", arguments.json, "print JSON");
  app.footer("Example:\n  mulberry eval runs/lenet5-mnist --arithmetic mitchell@bf16");
}

// The checkpoint's configuration with what the command line changes.
Config ConfigOf(const Checkpoint& checkpoint, const Arguments& arguments) {
  Config config = checkpoint.config();
  if (!arguments.arithmetic.empty()) {
    config.arithmetic = arguments.arithmetic;
    // The run's rules were made for the run's arithmetic.
    config.policy.clear();
  }
  if (!arguments.policy.empty()) config.policy = arguments.policy;
  config.strategy = arguments.strategy;
  if (!arguments.data.empty()) config.data = arguments.data;
  if (arguments.fold_batch_norm) config.fold_batch_norm = "yes";
  // Without a new calibration the run's ranges serve, and they are in its checkpoint.
  config.calibration = arguments.calibration;
  if (arguments.calibration_samples > 0) {
    config.calibration_samples = arguments.calibration_samples;
  }
  if (arguments.calibration_samples > 0 && arguments.calibration.empty()) {
    throw UsageError("--calibration-samples: without --calibration nothing is calibrated");
  }
  config.gradient_estimator.clear();
  config.record_operands.clear();
  config.record_traces = arguments.record_traces;
  config.mac_costs.clear();  // Costs are of training, and the file may be gone.
  if (arguments.limit_test >= 0) config.limit_test = arguments.limit_test;
  return Complete(config);
}

struct Result {
  std::string arithmetic;
  Scores scores;
  double seconds = 0;
  ModeRecord mode;
};

// `precision`: of a run with schedule dps, whose formats the data and activations are rounded into.
Result EvaluateUnder(const std::string& arithmetic, const Config& config, Network& model,
                     const Dataset& test, DynamicPrecision* precision,
                     const Approximate::Ranges& ranges) {
  Result result;
  result.arithmetic = arithmetic;
  RunMode mode(config, model, result.mode,
               precision ? precision->output_points() : RoundingPoints());
  mode.UseRanges(ranges);
  if (precision) precision->BeginEvaluation();
  const auto start = std::chrono::steady_clock::now();
  mode.Enter(PolicyOf(config));
  result.scores = Evaluate(model, precision ? precision->RoundData(test) : test);
  mode.Leave();
  mode.WriteOperands();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

Json ToJson(const Result& result) {
  return {{"arithmetic", result.arithmetic},
          {"test_accuracy_pct", result.scores.accuracy_pct()},
          {"test_loss", result.scores.loss()},
          {"samples", result.scores.samples},
          {"seconds", result.seconds},
          {"approximate_macs", result.mode.approximate_macs.total()},
          {"native_macs", result.mode.native_macs.total()}};
}

void Print(const std::vector<Result>& results, const Arguments& arguments) {
  Json json = Json::array();
  Table table({{"arithmetic"},
               {"test accuracy, %", Align::kRight},
               {"test loss", Align::kRight},
               {"seconds", Align::kRight},
               {"approximate MACs", Align::kRight}});
  for (const Result& result : results) {
    json.push_back(ToJson(result));
    table.AddRow({result.arithmetic, fmt::format("{:.2f}", result.scores.accuracy_pct()),
                  fmt::format("{:.4f}", result.scores.loss()),
                  fmt::format("{:.2f}", result.seconds),
                  GroupDigits(result.mode.approximate_macs.total())});
  }
  if (arguments.json) {
    PrintJson({{"results", json}});
    return;
  }
  std::cout << table.Text();
  if (!arguments.layers) return;
  for (const Result& result : results) {
    const RunReport& report = result.mode.report;
    std::cout << "\n" << result.arithmetic << "\n";
    std::cout << (report.lines.empty() ? "native, without the mode\n" : FormatTable(report));
  }
}

}  // namespace

int RunEval(int argc, char** argv) {
  CLI::App app("Tests a trained network under any arithmetic.", "mulberry eval");
  Arguments arguments;
  AddOptions(app, arguments);
  if (!ParseArguments(app, argc, argv)) return 0;
  UseThreads(arguments.threads);
  Checkpoint checkpoint(CheckpointPath(arguments.checkpoint));
  const Config config = ConfigOf(checkpoint, arguments);
  if (const auto warning = SlowBlasWarning()) Warn("eval", *warning);
  const DatasetInfo& info = FindDataset(config.data);
  const Dataset test = Limited(info.load(Split::kTest), config.limit_test);
  const auto model = NewNetwork(config, test);
  const auto precision = MakeDynamicPrecision(config, *model);
  StartFrom(arguments.checkpoint, config, *model, test);
  if (precision) precision->Restore(checkpoint.state().dynamic_precision);
  std::optional<Dataset> train;
  if (!config.calibration.empty()) train = Limited(info.load(Split::kTrain), config.limit_train);
  std::vector<Result> results;
  for (const std::string& arithmetic : config.arithmetic) {
    Config of_one = config;
    of_one.arithmetic = {arithmetic};
    if (!config.record_traces.empty() && config.arithmetic.size() > 1) {
      of_one.record_traces =
          std::filesystem::path(config.record_traces) / RunFolderName(arithmetic);
    }
    const Approximate::Ranges ranges =
        train ? Calibrate(of_one, *model, *train) : checkpoint.state().ranges;
    results.push_back(EvaluateUnder(arithmetic, of_one, *model, test, precision.get(), ranges));
    for (const LayerRun& line : results.back().mode.report.lines) {
      if (line.why_native.empty() || line.why_native == kPolicySaysNative) continue;
      Warn("eval",
           fmt::format("{}: {} stayed native: {}", arithmetic, line.layer, line.why_native));
    }
  }
  Print(results, arguments);
  return 0;
}

}  // namespace mulberry
