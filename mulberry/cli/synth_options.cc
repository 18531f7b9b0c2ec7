#include "mulberry/cli/synth_options.h"

#include <fmt/format.h>

#include <cctype>
#include <filesystem>

#include "mulberry/base/atomic_file.h"

namespace mulberry {

void WriteUnits(const SynthArguments& arguments, const MacUnits& units, const std::string& what) {
  if (arguments.units.empty()) return;
  ReplaceFile(arguments.units,
              fmt::format("# Measured by `mulberry synth`: {}.\n{}", what, units.Toml()));
}

void WriteVerilog(const SynthArguments& arguments, const std::string& spec,
                  const std::string& verilog) {
  if (arguments.verilog.empty()) return;
  std::filesystem::create_directories(arguments.verilog);
  std::string name;
  for (const char c : spec) {
    name += std::isalnum(static_cast<unsigned char>(c)) || c == '.' ? c : '_';
  }
  ReplaceFile(arguments.verilog + "/" + name + ".v", verilog);
}

}  // namespace mulberry
