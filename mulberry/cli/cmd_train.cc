// `mulberry train`: trains a network under one or several arithmetics and prints how they compare.
#include <fmt/format.h>

#include <iostream>
#include <string>

#include "mulberry/base/error.h"
#include "mulberry/cli/command.h"
#include "mulberry/cli/config_options.h"
#include "mulberry/cli/interrupt.h"
#include "mulberry/nn/blas_check.h"
#include "mulberry/train/compare.h"
#include "mulberry/train/machine.h"

namespace mulberry {
namespace {

constexpr const char* kExample =
    "Examples:\n"
    "  mulberry train --model lenet5 --data mnist --arithmetic fp32 --arithmetic mitchell@bf16\n"
    "  mulberry train --config experiments/lenet5.toml --out runs/lenet5\n"
    "  mulberry train --resume --out runs/lenet5";

struct Arguments : ConfigArguments {
  bool layers = false;
};

void PrintResults(const Comparison& comparison, const Arguments& arguments) {
  std::vector<ComparisonRow> rows;
  std::vector<NamedPrecision> precisions;
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const FinishedRun& run : comparison.runs) {
    rows.push_back(run.row);
    json.push_back(ToJson(run.row));
    if (!run.precision) continue;
    precisions.push_back({RunName(run.row), *run.precision});
    json.back()["precision"] = ToJson(*run.precision);
  }
  if (arguments.json) {
    PrintJson({{"runs", json}, {"failures", comparison.failures}});
    return;
  }
  if (!rows.empty()) std::cout << ComparisonTable(rows).Text();
  if (!precisions.empty()) std::cout << "\n" << PrecisionText(precisions);
  if (!arguments.layers) return;
  for (const FinishedRun& run : comparison.runs) {
    std::cout << "\n" << run.row.arithmetic << "\n";
    std::cout << (run.layers.lines.empty() ? "native, without the mode\n"
                                           : FormatTable(run.layers));
  }
}

// Says which products of an approximate run were not simulated although the policy has them so.
void WarnOfNativeLayers(const FinishedRun& run) {
  for (const LayerRun& line : run.layers.lines) {
    if (line.why_native.empty() || line.why_native == kPolicySaysNative) continue;
    Warn("train", fmt::format("{}: {} {} stayed native: {}", run.row.arithmetic, line.layer,
                              Name(line.pass), line.why_native));
  }
}

}  // namespace

int RunTrain(int argc, char** argv) {
  CLI::App app("Trains a network under one or several arithmetics and compares them.",
               "mulberry train");
  Arguments arguments;
  AddConfigOptions(app, arguments);
  app.add_flag("--layers", arguments.layers, "print what each layer ran, too");
  app.footer(std::string(kConfigNote) + kExample);
  if (!ParseArguments(app, argc, argv)) return 0;
  const Config config = ConfigOf(arguments);
  UseThreads(config.threads);
  if (const auto warning = SlowBlasWarning()) Warn("train", *warning);
  CatchInterrupts();
  Comparison comparison;
  {
    ProgressDisplay progress(std::cerr, ProgressDisplay::StandardErrorOptions());
    comparison = Compare(config, DescribeMachine(), arguments.existing(), progress, Interrupted);
  }
  PrintResults(comparison, arguments);
  for (const FinishedRun& run : comparison.runs) WarnOfNativeLayers(run);
  std::cerr << fmt::format("mulberry train: metrics and checkpoints are in {}\n", config.out);
  if (comparison.stopped) {
    throw Error("stopped; to go on: mulberry train --resume --out {}", config.out);
  }
  for (const std::string& failure : comparison.failures) {
    std::cerr << "mulberry train: " << failure << "\n";
  }
  return comparison.failures.empty() ? 0 : 1;
}

}  // namespace mulberry
