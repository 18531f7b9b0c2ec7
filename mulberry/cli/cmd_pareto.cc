// `mulberry pareto`: accuracy of runs against what their hardware costs. The table, plot and front
// are those of `mulberry report`; the costs are those of `mulberry cost`.
#include "mulberry/base/error.h"
#include "mulberry/cli/cost_options.h"
#include "mulberry/cli/run_table_options.h"
#include "mulberry/train/compare.h"

namespace mulberry {
namespace {

struct CostKind {
  std::string_view option;
  std::string_view name;
  std::string_view unit;
  double (*of)(const NetworkCost&);
};
constexpr CostKind kCosts[] = {
    {"energy", "energy of training", "J",
     [](const NetworkCost& cost) { return cost.total.energy_j(); }},
    {"time", "time of training", "s", [](const NetworkCost& cost) { return cost.total.time_s; }},
    {"area", "area of the array", "mm2", [](const NetworkCost& cost) { return cost.area_mm2; }},
    {"delay", "clock", "ns", [](const NetworkCost& cost) { return cost.period_ns; }},
};

const CostKind& FindCost(const std::string& option) {
  for (const CostKind& kind : kCosts) {
    if (kind.option == option) return kind;
  }
  throw UsageError("--cost {}: must be energy, time, area or delay", option);
}

}  // namespace

int RunPareto(int argc, char** argv) {
  CLI::App app("Accuracy of runs against energy, time, area or delay of their hardware.",
               "mulberry pareto");
  RunTableArguments arguments;
  ArrayArguments array;
  std::string cost = "energy";
  AddRunTableOptions(app, arguments);
  AddArrayOptions(app, array);
  app.add_option("--cost", cost, "of training on the array; default: energy")
      ->type_name("energy|time|area|delay");
  app.footer("Example:\n  mulberry pareto runs/mnist-sweep --cost energy --plot front.png");
  if (!ParseArguments(app, argc, argv)) return 0;
  const CostKind& kind = FindCost(cost);
  const std::unique_ptr<UnitSource> units = UnitsOf("pareto", array);
  KnownProducts known("pareto");
  const RunCosts costs = {
      std::string(kind.name), std::string(kind.unit), [&](const RecordedRun& run) {
        return kind.of(CostOfRun("pareto", run, Work::kTraining, array.options(), *units, known));
      }};
  const KeyRoles roles = ConfigKeyRoles();
  ShowRuns("pareto", MakeRunTable(FindRuns(arguments.folders), roles, &costs), roles, arguments);
  return 0;
}

}  // namespace mulberry
