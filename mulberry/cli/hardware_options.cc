#include "mulberry/cli/hardware_options.h"

#include "mulberry/base/error.h"
#include "mulberry/hardware/synthesis.h"

namespace mulberry {

void HardwareOptions::Add(CLI::App& app) {
  app.add_option("SPEC", specs, "arithmetics, such as mitchell@bf16 or verilog:m.v#m@uint8")
      ->required()
      ->type_name("");
  CLI::Option* macs = app.add_flag(
      "--mac", mac,
      "their multiply-accumulate units, c + a·b, and not their multipliers; c is a word "
      "of 32 bits, FP32 or a posit like a and b, unless acc= says");
  CLI::Option* pipelines =
      app.add_flag("--pipelined", pipelined,
                   "with --mac: registers after the product, the sum and the rounding");
  app.add_option(
         "--flexible", flexible_digits,
         "flexible multiply-accumulate units, whose operands have 1 to N digits that a SPEC "
         "such as exact@uint8 multiplies, a pair a clock")
      ->check(CLI::Range(2, 8))
      ->excludes(macs)
      ->excludes(pipelines)
      ->type_name("N");
  app.add_option("--liberty", liberty,
                 "the cell library; default: OSU's of 0.18 um, of the package qflow-tech-osu018")
      ->type_name("FILE");
}

Unit HardwareOptions::UnitAsked() const {
  if (pipelined && !mac) throw UsageError("--pipelined: only units of --mac have pipelines");
  if (!mac) return Unit::kMultiplier;
  return pipelined ? Unit::kPipelinedMac : Unit::kMac;
}

Library LibraryOf(const std::string& liberty) {
  return ReadLiberty(liberty.empty() ? DefaultLiberty() : liberty);
}

}  // namespace mulberry
