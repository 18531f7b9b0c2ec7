// From a design's Verilog to a netlist of a Liberty file's cells: yosys, with berkeley-abc for the
// mapping. Not here: what the netlist costs (circuit_cost.h), and whether it is right
// (equivalence.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mulberry/hardware/design.h"
#include "mulberry/hardware/liberty.h"

namespace mulberry {

/// What becomes of the full and half adders that a design names (rtl/adders.v).
enum class AdderMapping : uint8_t {
  kCells,  ///< Each is the library's cell that is one, if it has such.
  kLogic,  ///< They are logic like all else.
};
std::string_view Name(AdderMapping mapping);  // "cells", "logic"

struct SynthesisOptions {
  AdderMapping adders = AdderMapping::kCells;
  int seconds = 900;  ///< For each tool.
};

struct MappedDesign {
  std::string json_path;  ///< The netlist as yosys' write_json has it, flat; in the cache.
  std::string verilog;    ///< The same netlist.
};

/// The Liberty file of Debian's package qflow-tech-osu018 (0.18 um, 1.8 V, typical). Throws Error
/// that names the package where it is not there.
std::string DefaultLiberty();

/// Kept in the cache under the digest of the Verilog, the Liberty file, the script and yosys'
/// version. Throws Error, which begins with the design's spec: a latch, with its place; a library
/// without an inverter, a simple gate or (with a clock) a flip-flop; what yosys says. Also where a
/// tool is missing, too old or stopped by the limit. The cache then holds nothing of it.
MappedDesign Synthesise(const Design& design, const Library& library,
                        const SynthesisOptions& options = {});

}  // namespace mulberry
