// `mulberry retrain`: what approximate multipliers cost a trained network, and what retraining wins
// back.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mulberry/base/error.h"
#include "mulberry/cli/command.h"
#include "mulberry/cli/config_options.h"
#include "mulberry/cli/interrupt.h"
#include "mulberry/nn/blas_check.h"
#include "mulberry/report/table.h"
#include "mulberry/train/arithmetic_costs.h"
#include "mulberry/train/machine.h"
#include "mulberry/train/retrain.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDescription =
    "Quantises a trained network, tests it under the exact integer product and under approximate\n"
    "multipliers, and trains it on with each multiplier in its forward products.";
constexpr const char* kExample =
    "Examples:\n"
    "  mulberry train --out runs/float --epochs 2\n"
    "  mulberry retrain --start runs/float --out runs/bam --calibration mse --epochs 1 --lr 0.005 "
    "\\\n"
    "    --arithmetic 'bam(v=8,h=0)@uint8xint8+scale=affine/max(channel)' --sensitivities\n"
    "  mulberry retrain --config experiments/retrain_lenet5.toml \\\n"
    "    --energies experiments/integer_macs.toml --target -0.5\n"
    "Interrupted, the same command goes on with --resume.";

struct Arguments : ConfigArguments {
  RetrainOptions retrain;
  std::string energies;
};

void AddOptions(CLI::App& app, Arguments& arguments) {
  RetrainOptions& retrain = arguments.retrain;
  AddConfigOptions(app, arguments);
  app.add_option("--estimators", retrain.estimators,
                 "gradient estimators, each of which trains once; may be repeated")
      ->allow_extra_args(false)
      ->type_name("NAME")
      ->capture_default_str();
  app.add_flag("--sensitivities", retrain.sensitivities,
               "test the network with each layer alone on each multiplier, too");
  app.add_option("--energies", arguments.energies,
                 "TOML file of the energy of a MAC by arithmetic; search for the policy, an "
                 "arithmetic for each layer, that takes the least, and retrain that, too")
      ->type_name("FILE");
  app.add_option("--target", retrain.target_points,
                 "the search's: points of test accuracy to the exact product, before retraining, "
                 "that are good enough")
      ->type_name("X")
      ->check(CLI::Range(-100.0, 100.0))
      ->capture_default_str();
  app.add_option("--most-evaluations", retrain.most_evaluations,
                 "the search's: end it after so many tests; 0: when nothing helps")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_flag("--pace", retrain.pace,
               "time steps of retraining, against those on a table of products and native ones");
  app.footer(std::string(kConfigNote) + kExample);
}

// The multiplier, of a specification.
std::string ShortName(const std::string& arithmetic) {
  return arithmetic.substr(0, arithmetic.rfind('@'));
}

Json ToJson(const SearchPoint& point) {
  return {{"assignment", point.assignment},
          {"test_accuracy_pct", point.accuracy_pct},
          {"energy", point.energy}};
}

Json ToJson(const Retraining& result, const Arguments& arguments) {
  Json rows = Json::array(), layers = Json::array(), sensitivities = Json::array();
  for (const RetrainRow& row : result.rows) {
    Json after = Json::object();
    for (size_t i = 0; i < row.after_pct.size(); ++i) {
      Json& of_one = after[arguments.retrain.estimators[i]];
      if (row.after_pct[i]) of_one = *row.after_pct[i];
    }
    rows.push_back(
        {{"arithmetic", row.arithmetic}, {"before_pct", row.before_pct}, {"after_pct", after}});
    if (row.pace) rows.back()["pace"] = ToJson(*row.pace);
  }
  for (const SearchLayer& layer : result.layers) {
    layers.push_back({{"name", layer.name}, {"macs", layer.macs}});
  }
  for (const Sensitivity& one : result.sensitivities) {
    sensitivities.push_back({{"layer", result.layers[one.layer].name},
                             {"arithmetic", result.choices[one.choice].arithmetic},
                             {"test_accuracy_pct", one.accuracy_pct}});
  }
  Json json = {{"float_pct", result.float_pct},
               {"epochs", result.epochs},
               {"rows", rows},
               {"layers", layers},
               {"sensitivities", sensitivities},
               {"failures", result.failures}};
  if (!result.search) return json;
  Json points = Json::array(), choices = Json::array();
  for (const SearchPoint& point : result.search->points) points.push_back(ToJson(point));
  for (const SearchChoice& choice : result.choices) {
    choices.push_back({{"arithmetic", choice.arithmetic}, {"energy", choice.energy}});
  }
  json["search"] = {{"choices", choices},
                    {"reachable", result.search->reachable},
                    {"out_of_evaluations", result.search->out_of_evaluations},
                    {"points", points},
                    {"greedy", ToJson(result.search->greedy)},
                    {"best", ToJson(result.search->best)}};
  return json;
}

void PrintAccuracies(const Retraining& result, const Config& config, const Arguments& arguments) {
  using enum Align;
  std::cout << fmt::format(
      "{} on {}: {:.2f} % before it was quantised; retraining: {} epoch{}.\n\n", config.model,
      config.data, result.float_pct, result.epochs, result.epochs == 1 ? "" : "s");
  std::vector<Column> columns = {{"forward products"}, {"before, %", kRight}};
  for (const std::string& estimator : arguments.retrain.estimators) {
    columns.push_back({estimator + ", %", kRight});
  }
  Table table(columns);
  for (const RetrainRow& row : result.rows) {
    std::vector<std::string> cells = {row.arithmetic, fmt::format("{:.2f}", row.before_pct)};
    for (const std::optional<double>& after : row.after_pct) {
      cells.push_back(after ? fmt::format("{:.2f}", *after) : "diverged");
    }
    table.AddRow(cells);
  }
  std::cout << table.Text();
}

void PrintPaces(const Retraining& result) {
  using enum Align;
  Table table({{"forward products"},
               {"simulated by"},
               {"forward, ms", kRight},
               {"native", kRight},
               {"table", kRight},
               {"faster", kRight},
               {"step, ms", kRight},
               {"native", kRight},
               {"table", kRight},
               {"faster", kRight}});
  int64_t images = 0;
  for (const RetrainRow& row : result.rows) {
    if (!row.pace) continue;
    const StepPace& pace = *row.pace;
    images = pace.batch_size;
    std::vector<std::string> cells = {ShortName(row.arithmetic),
                                      fmt::format("{}", fmt::join(pace.strategies, ", "))};
    for (const double StepSeconds::*of : {&StepSeconds::forward, &StepSeconds::step}) {
      for (const StepSeconds& seconds : {pace.planned, pace.native, pace.other}) {
        cells.push_back(fmt::format("{:.0f}", 1e3 * seconds.*of));
      }
      cells.push_back(fmt::format("{:.1f} x", pace.other.*of / (pace.planned.*of)));
    }
    table.AddRow(cells);
  }
  std::cout << fmt::format("\nA forward pass and a step of retraining, {} images:\n\n", images)
            << table.Text();
}

void PrintSensitivities(const Retraining& result) {
  using enum Align;
  std::vector<Column> columns = {{"layer"}, {"MACs an image", kRight}};
  for (size_t i = 1; i < result.choices.size(); ++i) {
    columns.push_back({ShortName(result.choices[i].arithmetic), kRight});
  }
  std::map<std::pair<size_t, size_t>, double> accuracies;
  for (const Sensitivity& one : result.sensitivities) {
    accuracies[{one.layer, one.choice}] = one.accuracy_pct;
  }
  Table table(columns);
  for (size_t layer = 0; layer < result.layers.size(); ++layer) {
    std::vector<std::string> cells = {result.layers[layer].name,
                                      GroupDigits(result.layers[layer].macs)};
    for (size_t choice = 1; choice < result.choices.size(); ++choice) {
      // A search that was allowed few tests has not seen all.
      const auto found = accuracies.find({layer, choice});
      cells.push_back(found == accuracies.end()
                          ? "-"
                          : fmt::format("{:+.2f}", found->second - result.rows[0].before_pct));
    }
    table.AddRow(cells);
  }
  std::cout
      << "\nOne layer alone on a multiplier, before retraining: points to the exact product.\n\n"
      << table.Text();
}

void PrintSearch(const Retraining& result, const Arguments& arguments) {
  using enum Align;
  const PolicySearch& search = *result.search;
  if (!search.reachable) {
    std::cout << "\nThe exact product itself does not keep the accuracy that was asked for.\n";
    return;
  }
  Table table({{"layers on"}, {"energy", kRight}, {"test accuracy, %", kRight}});
  const auto add = [&](const std::string& name, const SearchPoint& point) {
    table.AddRow(
        {name, fmt::format("{:.3f}", point.energy), fmt::format("{:.2f}", point.accuracy_pct)});
  };
  for (const SearchPoint& uniform : search.uniforms) {
    add(ShortName(result.choices[uniform.assignment[0]].arithmetic), uniform);
  }
  add("the policy, greedy", search.greedy);
  add("the policy, refined", search.best);
  std::cout
      << fmt::format(
             "\nThe least energy within {:+.2f} points of the exact product, before retraining "
             "({} tests{}); energy relative to it.\n\n",
             arguments.retrain.target_points, search.points.size(),
             search.out_of_evaluations ? ", all that were allowed" : "")
      << table.Text() << "\n";
  for (size_t choice = 0; choice < result.choices.size(); ++choice) {
    std::vector<std::string> names;
    for (size_t i = 0; i < result.layers.size(); ++i) {
      if (search.best.assignment[i] == choice) names.push_back(result.layers[i].name);
    }
    if (names.empty()) continue;
    std::cout << fmt::format("{}: {}\n", ShortName(result.choices[choice].arithmetic),
                             fmt::join(names, ", "));
  }
}

}  // namespace

int RunRetrain(int argc, char** argv) {
  CLI::App app(kDescription, "mulberry retrain");
  Arguments arguments;
  AddOptions(app, arguments);
  if (!ParseArguments(app, argc, argv)) return 0;
  const Config config = ConfigOf(arguments);
  if (!arguments.energies.empty()) {
    arguments.retrain.costs = ReadArithmeticCosts(arguments.energies);
  }
  UseThreads(config.threads);
  if (const auto warning = SlowBlasWarning()) Warn("retrain", *warning);
  CatchInterrupts();
  Retraining result;
  {
    ProgressDisplay progress(std::cerr, ProgressDisplay::StandardErrorOptions());
    result = Retrain(config, arguments.retrain, DescribeMachine(), arguments.existing(), progress,
                     Interrupted);
  }
  if (result.stopped) {
    throw Error("stopped; the same command with --resume, and without --force, goes on");
  }
  for (const std::string& failure : result.failures) Warn("retrain", failure);
  if (arguments.json) {
    PrintJson(ToJson(result, arguments));
    return 0;
  }
  PrintAccuracies(result, config, arguments);
  if (arguments.retrain.pace) PrintPaces(result);
  if (!result.sensitivities.empty()) PrintSensitivities(result);
  if (result.search) PrintSearch(result, arguments);
  std::cerr << fmt::format("mulberry retrain: metrics and checkpoints are in {}\n", config.out);
  return 0;
}

}  // namespace mulberry
