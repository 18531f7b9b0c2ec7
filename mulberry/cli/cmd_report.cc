// `mulberry report`: any number of run folders as one table.
#include <optional>

#include "mulberry/base/error.h"
#include "mulberry/cli/run_table_options.h"
#include "mulberry/train/arithmetic_costs.h"
#include "mulberry/train/compare.h"

namespace mulberry {
namespace {

struct Arguments : RunTableArguments {
  std::string costs;
};

void AddOptions(CLI::App& app, Arguments& arguments) {
  AddRunTableOptions(app, arguments);
  app.add_option("--cost", arguments.costs,
                 "TOML file with the energy of a multiply-accumulate by arithmetic: marks the "
                 "Pareto front of accuracy against it")
      ->type_name("FILE");
  app.footer(
      "Runs that differ in the seed alone share a row.\n\n"
      "Examples:\n"
      "  mulberry report runs/mnist-sweep --cost experiments/mac_costs.toml\n"
      "  mulberry report runs/* --format csv");
}

}  // namespace

int RunReportCommand(int argc, char** argv) {
  CLI::App app("Gathers runs into one table.", "mulberry report");
  Arguments arguments;
  AddOptions(app, arguments);
  if (!ParseArguments(app, argc, argv)) return 0;
  if (!arguments.plot.empty() && arguments.costs.empty()) {
    throw UsageError("--plot draws accuracy against cost: give --cost, too");
  }
  std::optional<RunCosts> costs;
  if (!arguments.costs.empty()) costs = CostsByArithmetic(ReadArithmeticCosts(arguments.costs));
  const KeyRoles roles = ConfigKeyRoles();
  const TableOfRuns table =
      MakeRunTable(FindRuns(arguments.folders), roles, costs ? &*costs : nullptr);
  ShowRuns("report", table, roles, arguments);
  return 0;
}

}  // namespace mulberry
