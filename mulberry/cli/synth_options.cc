#include "mulberry/cli/synth_options.h"

#include <fmt/format.h>

#include <cctype>
#include <filesystem>
#include <iostream>
#include <mutex>

#include "mulberry/base/atomic_file.h"
#include "mulberry/base/threads.h"
#include "mulberry/report/progress.h"

namespace mulberry {

void MeasureAll(size_t count, const std::function<void(size_t)>& measure) {
  ProgressDisplay progress(std::cerr, ProgressDisplay::StandardErrorOptions());
  progress.Start(TaskProgress{"synth", 0});
  std::mutex mutex;
  size_t done = 0;
  ParallelFor(static_cast<int64_t>(count), [&](int64_t i) {
    measure(static_cast<size_t>(i));
    const std::lock_guard lock(mutex);
    progress.Update(
        TaskProgress{"synth", static_cast<double>(++done) / static_cast<double>(count)});
  });
}

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
