// `mulberry plan`: which strategy would compute an arithmetic's products, and what each says of it.
#include <fmt/format.h>

#include <iostream>

#include "mulberry/cli/command.h"
#include "mulberry/plan/plan.h"
#include "mulberry/report/table.h"

namespace mulberry {
namespace {

/// Values of an operand's format; of blocks any, which the product rounds.
std::vector<float> RandomValues(const Plan& plan, OperandIndex operand, int64_t size,
                                uint64_t seed) {
  const RandomStream stream{seed, 0};
  std::vector<float> values(static_cast<size_t>(size));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(stream.At(i)) * 0x1p-32f * 100;
  }
  if (!plan.arithmetic().is_block()) plan.Round(operand, values.data(), values.data(), size);
  return values;
}

/// Has the strategies that contend show what they do with a matrix product.
void TimeStrategies(const Plan& plan) {
  constexpr int64_t kSize = 512;
  const std::vector<float> a = RandomValues(plan, OperandIndex::kFirst, kSize * kSize, 1);
  const std::vector<float> b = RandomValues(plan, OperandIndex::kSecond, kSize * kSize, 2);
  std::vector<float> c(static_cast<size_t>(kSize * kSize));
  GemmProblem problem;
  problem.a = StridedOperand(a.data(), kSize, kSize, kSize, 1);
  problem.b = StridedOperand(b.data(), kSize, kSize, kSize, 1);
  problem.c = {c.data(), kSize, kSize, 1, 0};
  // The last one by the fastest, which plan.strategy() then names.
  for (size_t i = 0; i <= Plan::kTrials * plan.contenders(); ++i) plan.Gemm(problem);
}

nlohmann::ordered_json ToJson(const Plan& plan) {
  nlohmann::ordered_json verdicts = nlohmann::ordered_json::array();
  for (const Verdict& verdict : plan.verdicts()) {
    verdicts.push_back({{"strategy", verdict.strategy},
                        {"accepted", verdict.accepted},
                        {"reason", verdict.reason}});
  }
  nlohmann::ordered_json json{{"arithmetic", Print(plan.arithmetic())},
                              {"strategy", plan.strategy()},
                              {"exactness", Name(plan.exactness())},
                              {"verdicts", verdicts}};
  for (const ShapeTiming& timing : plan.timings()) {
    for (const auto& [name, gmacs] : timing.strategies) {
      json["timings"].push_back(
          {{"shape", timing.shape}, {"strategy", name}, {"gmac_per_s", gmacs}});
    }
  }
  return json;
}

Table Timings(const Plan& plan) {
  Table table({{"measured on"}, {"strategy"}, {"GMAC/s", Align::kRight}});
  for (const ShapeTiming& timing : plan.timings()) {
    for (const auto& [name, gmacs] : timing.strategies) {
      table.AddRow({timing.shape, name, fmt::format("{:.1f}", gmacs)});
    }
  }
  return table;
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
  app.add_flag("--explain", explain,
               "print what each strategy says, in order, and time those that contend");
  app.add_flag("--json", json, "print JSON, verdicts included");
  app.footer("Example:\n  mulberry plan mitchell@bf16 --explain");
  if (!ParseArguments(app, argc, argv)) return 0;
  const std::shared_ptr<const Plan> plan = MakePlan(ParseArithmetic(spec), strategy);
  if (explain && plan->contenders() > 1) TimeStrategies(*plan);
  if (json) {
    PrintJson(ToJson(*plan));
    return 0;
  }
  std::cout << fmt::format("{}: {} ({})\n", Print(plan->arithmetic()), plan->strategy(),
                           Name(plan->exactness()));
  if (explain) std::cout << "\n" << Verdicts(*plan).Text();
  if (explain && !plan->timings().empty()) std::cout << "\n" << Timings(*plan).Text();
  return 0;
}

}  // namespace mulberry
