// What `mulberry synth` was asked for, and its part for flexible units (synth_flexible.cc). The
// part for multipliers and units of one precision is in cmd_synth.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "mulberry/cli/hardware_options.h"
#include "mulberry/hardware/liberty.h"
#include "mulberry/train/mac_units.h"

namespace mulberry {

struct SynthArguments {
  HardwareOptions hardware;
  std::string operands = "uniform";
  size_t vectors = 2000;
  uint64_t seed = 1;
  double period_ns = 10;
  std::string units;    ///< A file's name, or empty.
  std::string verilog;  ///< A folder, or empty.
  bool json = false;
};

/// `mulberry synth --flexible`. Throws UsageError for options that such units do not have.
void SynthFlexible(const SynthArguments& arguments, const Library& library);

/// Calls measure(i) for each i < count, on all threads, under a progress bar.
void MeasureAll(size_t count, const std::function<void(size_t)>& measure);

/// Writes the file of --units, if there is one: for `mulberry cost` and the key mac-costs. `what`
/// says what is measured, such as "pipelined MACs, 2000 uniform operands".
void WriteUnits(const SynthArguments& arguments, const MacUnits& units, const std::string& what);
/// Writes the file of --verilog for a circuit, if it is asked for: FOLDER/SPEC.v, with _ for what
/// no file's name may have.
void WriteVerilog(const SynthArguments& arguments, const std::string& spec,
                  const std::string& verilog);

}  // namespace mulberry
