// `mulberry verify`: whether circuits compute their functional models, by simulation and by proof.
#include <fmt/format.h>

#include <iostream>

#include "mulberry/base/error.h"
#include "mulberry/cli/command.h"
#include "mulberry/cli/hardware_options.h"
#include "mulberry/hardware/verify.h"
#include "mulberry/report/progress.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFullBits = 32;

std::string Hexadecimal(uint64_t value) {
  return fmt::format("{:#x}", value);
}

/// "a = 0xd, b = 0x29: found 0x214, expected 0x215".
std::string Text(const Design& design, const Counterexample& wrong) {
  std::string text;
  for (size_t i = 0; i < wrong.inputs.size(); ++i) {
    text += fmt::format("{}{} = {}", i == 0 ? "" : ", ", design.inputs[i].name,
                        Hexadecimal(wrong.inputs[i]));
  }
  return fmt::format("{}: found {}, expected {}", text, Hexadecimal(wrong.found),
                     Hexadecimal(wrong.expected));
}

void Print(const Design& design, Unit unit, const std::vector<Check>& checks) {
  std::cout << fmt::format("{}, {}\n", design.spec, Name(unit));
  for (const Check& check : checks) {
    std::cout << fmt::format("  {:<42}  {:<14}  {}, {:.1f} s\n", check.what, Name(check.finding),
                             check.extent, check.seconds);
    if (check.counterexample) std::cout << "    " << Text(design, *check.counterexample) << "\n";
  }
}

Json ToJson(const Design& design, Unit unit, const std::vector<Check>& checks) {
  Json routes = Json::array();
  for (const Check& check : checks) {
    Json route = {{"check", check.what},
                  {"verdict", Name(check.finding)},
                  {"extent", check.extent},
                  {"seconds", check.seconds}};
    if (check.counterexample) {
      Json inputs = Json::object();
      for (size_t i = 0; i < design.inputs.size(); ++i) {
        inputs[design.inputs[i].name] = Hexadecimal(check.counterexample->inputs[i]);
      }
      route["counterexample"] = {{"inputs", inputs},
                                 {"found", Hexadecimal(check.counterexample->found)},
                                 {"expected", Hexadecimal(check.counterexample->expected)}};
    }
    routes.push_back(route);
  }
  return {{"arithmetic", design.spec}, {"unit", Name(unit)}, {"checks", routes}};
}

}  // namespace

int RunVerify(int argc, char** argv) {
  CLI::App app(
      "Checks that the Verilog of multipliers and multiply-accumulate units computes their "
      "functional models, and that synthesis keeps it so.",
      "mulberry verify");
  HardwareOptions hardware;
  hardware.Add(app);
  VerifyOptions options;
  bool full = false, json = false;
  app.add_flag("--full", full, "simulate all inputs up to 2^32 of them, default 2^26: minutes");
  app.add_option("--samples", options.samples,
                 "inputs to simulate where all are too many; default 2^22")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40))
      ->type_name("N");
  app.add_option("--seed", options.seed, "of these inputs; default 1")->type_name("N");
  app.add_option("--seconds", options.formal_seconds, "at most, for each proof; default 120")
      ->check(CLI::Range(1, 1000000))
      ->type_name("S");
  app.add_flag("--json", json, "print JSON");
  app.footer(
      "The exit code is 1 if any circuit is wrong.\n\nExamples:\n"
      "  mulberry verify mitchell@uint8 'drum(k=4)@bf16'\n"
      "  mulberry verify --mac --pipelined exact@bf16\n"
      "  mulberry verify --full exact@bf16");
  if (!ParseArguments(app, argc, argv)) return 0;
  const Unit unit = hardware.UnitAsked();
  if (full) options.exhaustive_bits = kFullBits;

  std::vector<Design> designs;
  for (const std::string& spec : hardware.specs) {
    designs.push_back(DesignOf(ParseArithmetic(spec), unit));
  }
  const Library library = hardware.ReadLibrary();
  bool right = true;
  Json results = Json::array();
  for (const Design& design : designs) {
    std::vector<Check> checks;
    {
      ProgressDisplay progress(std::cerr, ProgressDisplay::StandardErrorOptions());
      progress.Start(TaskProgress{design.spec, 0});
      options.progress = [&](double done) { progress.Update(TaskProgress{design.spec, done}); };
      checks = Verify(design, library, options);
    }
    right = right && NoneWrong(checks);
    if (json) {
      results.push_back(ToJson(design, unit, checks));
    } else {
      Print(design, unit, checks);
    }
  }
  if (json) PrintJson(results);
  return right ? 0 : 1;
}

}  // namespace mulberry
