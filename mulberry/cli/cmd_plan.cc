// `mulberry plan`: which strategy would compute an arithmetic's products, and what each says of it.
#include <fmt/format.h>

#include <iostream>

#include "mulberry/cli/command.h"
#include "mulberry/plan/plan.h"
#include "mulberry/report/table.h"

namespace mulberry {
namespace {

nlohmann::ordered_json ToJson(const Plan& plan) {
  nlohmann::ordered_json verdicts = nlohmann::ordered_json::array();
  for (const Verdict& verdict : plan.verdicts()) {
    verdicts.push_back({{"strategy", verdict.strategy},
                        {"accepted", verdict.accepted},
                        {"reason", verdict.reason}});
  }
  return {{"arithmetic", Print(plan.arithmetic())},
          {"strategy", plan.strategy()},
          {"exactness", Name(plan.exactness())},
          {"verdicts", verdicts}};
}

Table Verdicts(const Plan& plan) {
  Table table({{"strategy"}, {"verdict"}, {"reason"}});
  for (const Verdict& verdict : plan.verdicts()) {
    const bool serves = verdict.strategy == plan.strategy();
    table.AddRow({verdict.strategy,
                  serves             ? "serves"
                  : verdict.accepted ? "could"
                                     : "declines",
                  verdict.reason});
  }
  return table;
}

}  // namespace

int RunPlan(int argc, char** argv) {
  CLI::App app("Prints how the products of an arithmetic would be computed.", "mulberry plan");
  std::string spec;
  std::string strategy;
  bool explain = false;
  bool json = false;
  app.add_option("SPEC", spec, "the arithmetic, such as mitchell@bf16")->required()->type_name("");
  app.add_option("--strategy", strategy, "the strategy that must serve")->type_name("NAME");
  app.add_flag("--explain", explain, "print what each strategy says, in order");
  app.add_flag("--json", json, "print JSON, verdicts included");
  app.footer("Example:\n  mulberry plan mitchell@bf16 --explain");
  if (!ParseArguments(app, argc, argv)) return 0;
  const std::shared_ptr<const Plan> plan = MakePlan(ParseArithmetic(spec), strategy);
  if (json) {
    PrintJson(ToJson(*plan));
    return 0;
  }
  std::cout << fmt::format("{}: {} ({})\n", Print(plan->arithmetic()), plan->strategy(),
                           Name(plan->exactness()));
  if (explain) std::cout << "\n" << Verdicts(*plan).Text();
  return 0;
}

}  // namespace mulberry
