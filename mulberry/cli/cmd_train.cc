// `mulberry train`: trains a network under one or several arithmetics and prints how they compare.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <map>

#include "mulberry/base/error.h"
#include "mulberry/cli/command.h"
#include "mulberry/cli/interrupt.h"
#include "mulberry/nn/blas_check.h"
#include "mulberry/train/compare.h"
#include "mulberry/train/machine.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExample =
    "Every option but --config, --resume, --force, --layers and --json may stand in the TOML "
    "file,\n"
    "without its dashes; the command line wins.\n\n"
    "Examples:\n"
    "  mulberry train --model lenet5 --data mnist --arithmetic fp32 --arithmetic mitchell@bf16\n"
    "  mulberry train --config experiments/lenet5.toml --out runs/lenet5\n"
    "  mulberry train --resume --out runs/lenet5";

struct Arguments {
  std::string config_file;
  std::map<std::string_view, std::vector<std::string>> values;  // By key; those that were given.
  bool resume = false;
  bool force = false;
  bool layers = false;
  bool json = false;
};

const char* TypeName(const ConfigKey& key) {
  if (std::holds_alternative<int64_t Config::*>(key.field)) return "N";
  if (std::holds_alternative<double Config::*>(key.field)) return "X";
  return "TEXT";
}

void AddOptions(CLI::App& app, Arguments& arguments) {
  app.add_option("--config", arguments.config_file, "TOML file with the configuration")
      ->type_name("FILE");
  const nlohmann::ordered_json defaults = ToJson(Config());
  for (const ConfigKey& key : ConfigKeys()) {
    const std::string flag = fmt::format("--{}", key.name);
    const auto add = [&arguments, name = key.name](const std::vector<std::string>& values) {
      arguments.values[name] = values;
    };
    const bool list = std::holds_alternative<std::vector<std::string> Config::*>(key.field);
    CLI::Option* option = app.add_option_function<std::vector<std::string>>(
        flag, add, std::string(key.help) + (list ? "; may be repeated" : ""));
    option->allow_extra_args(false)->type_name(TypeName(key));
    // Of a flag given twice the last wins, so that scripts can pass on what they are given.
    if (!list) option->expected(1)->take_last();
    const nlohmann::ordered_json& value = defaults[std::string(key.name)];
    if (value.is_number() || (value.is_string() && value != "")) {
      option->default_str(value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
  app.add_flag("--resume", arguments.resume,
               "go on with the run in --out, whose configuration is the default then");
  app.add_flag("--force", arguments.force, "replace the run in --out");
  app.add_flag("--layers", arguments.layers, "print what each layer ran, too");
  app.add_flag("--json", arguments.json, "print the results as JSON");
}

Config WithFlags(Config config, const Arguments& arguments) {
  for (const ConfigKey& key : ConfigKeys()) {
    const auto given = arguments.values.find(key.name);
    if (given != arguments.values.end()) SetFromFlag(config, key, given->second);
  }
  return config;
}

Config ConfigOf(const Arguments& arguments) {
  Config base;
  if (!arguments.config_file.empty()) base = ReadConfig(arguments.config_file);
  const Config given = WithFlags(base, arguments);
  if (!arguments.resume || !arguments.config_file.empty()) return Complete(given);
  // Flags such as --mac-costs may fit the saved configuration alone: only the folder is taken from
  // those given.
  Config folder;
  folder.model = given.model;
  folder.data = given.data;
  folder.out = given.out;
  const std::string out = Complete(folder).out;
  const fs::path saved = fs::path(out) / kConfigFile;
  if (!fs::exists(saved)) return Complete(given);
  Config resumed = WithFlags(ReadConfig(saved), arguments);
  resumed.out = out;
  return Complete(resumed);
}

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
  AddOptions(app, arguments);
  app.footer(kExample);
  if (!ParseArguments(app, argc, argv)) return 0;
  if (arguments.resume && arguments.force) throw UsageError("--resume excludes --force");
  const Config config = ConfigOf(arguments);
  UseThreads(config.threads);
  if (const auto warning = SlowBlasWarning()) Warn("train", *warning);
  const Existing existing = arguments.resume  ? Existing::kResume
                            : arguments.force ? Existing::kReplace
                                              : Existing::kRefuse;
  CatchInterrupts();
  Comparison comparison;
  {
    ProgressDisplay progress(std::cerr, ProgressDisplay::StandardErrorOptions());
    comparison = Compare(config, DescribeMachine(), existing, progress, Interrupted);
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
