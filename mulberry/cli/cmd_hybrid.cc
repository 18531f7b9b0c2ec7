// `mulberry hybrid`: how late training can switch from an approximate arithmetic to an exact one.
#include <fmt/format.h>

#include <iostream>
#include <string>

#include "mulberry/base/error.h"
#include "mulberry/cli/command.h"
#include "mulberry/cli/config_options.h"
#include "mulberry/cli/interrupt.h"
#include "mulberry/nn/blas_check.h"
#include "mulberry/report/table.h"
#include "mulberry/train/hybrid_search.h"
#include "mulberry/train/machine.h"

namespace mulberry {
namespace {

constexpr const char* kDescription =
    "Finds how late training can switch to exact arithmetic. Trains once on an approximate "
    "arithmetic\n"
    "and once on the exact one, then goes on exactly from the end of some epochs, until it knows "
    "the\n"
    "latest switch that ends within the target.";
constexpr const char* kExample =
    "Examples:\n"
    "  mulberry hybrid --config experiments/hybrid.toml --target -1\n"
    "  mulberry hybrid --arithmetic 'mitchell@bf16' --epochs 8 --every-epoch\n"
    "  mulberry hybrid --resume --out runs/hybrid";

struct Arguments : ConfigArguments {
  HybridSearchOptions search;
};

nlohmann::ordered_json ToJson(const HybridPoint& point) {
  return {{"switch_epoch", point.switch_epoch},
          {"approximate_share", point.approximate_share},
          {"test_accuracy_pct", point.test_accuracy_pct},
          {"difference_points", point.difference_points}};
}

void PrintResults(const HybridSearch& search, const Config& config, const Arguments& arguments) {
  if (arguments.json) {
    nlohmann::ordered_json points = nlohmann::ordered_json::array();
    for (const HybridPoint& point : search.points) points.push_back(ToJson(point));
    PrintJson({{"arithmetic", config.arithmetic[0]},
               {"to", arguments.search.to},
               {"target_points", arguments.search.target_points},
               {"epochs", search.epochs},
               {"points", points},
               {"latest", ToJson(search.latest)}});
    return;
  }
  using enum Align;
  Table table({{"epochs before the switch", kRight},
               {"share, %", kRight},
               {"test accuracy, %", kRight},
               {"to exact, points", kRight}});
  for (const HybridPoint& point : search.points) {
    table.AddRow({fmt::format("{} of {}", point.switch_epoch, search.epochs),
                  fmt::format("{:.1f}", 100 * point.approximate_share),
                  fmt::format("{:.2f}", point.test_accuracy_pct),
                  fmt::format("{:+.2f}", point.difference_points)});
  }
  std::cout << table.Text();
  std::cout << fmt::format(
      "\nThe latest switch that ends within {:+.2f} points of {}: after {} of {} epochs.\n"
      "{:.1f} % of the training is then on {}.\n",
      arguments.search.target_points, arguments.search.to, search.latest.switch_epoch,
      search.epochs, 100 * search.latest.approximate_share, config.arithmetic[0]);
}

}  // namespace

int RunHybrid(int argc, char** argv) {
  CLI::App app(kDescription, "mulberry hybrid");
  Arguments arguments;
  AddConfigOptions(app, arguments);
  app.add_option("--target", arguments.search.target_points,
                 "points of test accuracy to the exact run that are good enough")
      ->type_name("X")
      ->check(CLI::Range(-100.0, 100.0))
      ->capture_default_str();
  app.add_option("--to", arguments.search.to, "the exact arithmetic")
      ->type_name("SPEC")
      ->capture_default_str();
  app.add_flag("--every-epoch", arguments.search.every_epoch,
               "try the switch after every epoch, not only those that bisection needs");
  app.footer(std::string(kConfigNote) + kExample);
  if (!ParseArguments(app, argc, argv)) return 0;
  const Config config = ConfigOf(arguments);
  UseThreads(config.threads);
  if (const auto warning = SlowBlasWarning()) Warn("hybrid", *warning);
  CatchInterrupts();
  HybridSearch search;
  {
    ProgressDisplay progress(std::cerr, ProgressDisplay::StandardErrorOptions());
    search = FindLatestSwitch(config, arguments.search, DescribeMachine(), arguments.existing(),
                              progress, Interrupted);
  }
  if (search.stopped) {
    throw Error("stopped; to go on: mulberry hybrid --resume --out {}", config.out);
  }
  PrintResults(search, config, arguments);
  std::cerr << fmt::format("mulberry hybrid: metrics and checkpoints are in {}\n", config.out);
  return 0;
}

}  // namespace mulberry
