#include "mulberry/hardware/synthesis.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <vector>

#include "mulberry/base/append_file.h"
#include "mulberry/base/atomic_file.h"
#include "mulberry/base/error.h"
#include "mulberry/base/sha256.h"
#include "mulberry/circuits/circuit_cache.h"
#include "mulberry/circuits/verilog_netlist.h"
#include "mulberry/hardware/cell_search.h"
#include "mulberry/hardware/yosys.h"

namespace fs = std::filesystem;

namespace mulberry {
namespace {

constexpr char kDefaultLiberty[] = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

/// The commands of abc: those of yosys itself for a Liberty file, and then buffers for nets of many
/// sinks and cells of other sizes, without which a barrel shifter's select lines would be most of
/// its delay.
constexpr char kMapping[] =
    "strash;&get,-n;&fraig,-x;&put;scorr;dc2;dretime;strash;&get,-n;&dch,-f;&nf;&put;"
    "buffer,-c;upsize;dnsize";

/// A module by which yosys' techmap replaces the one of rtl/adders.v of this name and inputs.
std::string AdderModule(const Library& library, const std::string& name,
                        const std::vector<std::string>& inputs,
                        const std::optional<AdderCell>& adder) {
  if (!adder) return "";
  std::string ports, pins;
  for (size_t i = 0; i < inputs.size(); ++i) {
    ports += fmt::format("input {}, ", inputs[i]);
    pins += fmt::format(".{}({}), ", adder->inputs[i], inputs[i]);
  }
  return fmt::format(
      "module {} ({}output sum, output carry);\n  {} _TECHMAP_REPLACE_ ({}.{}(sum), .{}(carry));\n"
      "endmodule\n",
      name, ports, library.cells[static_cast<size_t>(adder->cell)].name, pins, adder->sum,
      adder->carry);
}

std::string AdderMap(const Library& library) {
  return AdderModule(library, "full_adder", {"a", "b", "c"}, FindFullAdder(library)) +
         AdderModule(library, "half_adder", {"a", "b"}, FindHalfAdder(library));
}

/// The steps find the Liberty file as cells.lib: yosys hands its path to others without quotes. Two
/// netlists are written on the way: of the registers and latches before they are mapped, and the
/// mapped one.
std::string Steps(const Design& design, AdderMapping adders) {
  return fmt::format(
      "read_verilog design.v; hierarchy -check -top {}; proc; "
      "{} flatten; dump -m -o latches.il */t:*latch* */t:$sr; "
      "synth -run coarse:; opt_clean -purge; {}abc -liberty cells.lib -script \"+{}\"; opt_clean "
      "-purge; "
      "write_json netlist.json; write_verilog -noattr netlist.v",
      design.module,
      adders == AdderMapping::kCells
          ? "read_liberty -lib -ignore_miss_func cells.lib; techmap -map adders.v;"
          : "",
      design.latency > 0 ? "dfflibmap -liberty cells.lib; " : "", kMapping);
}

/// What the mapping cannot do without, said here since berkeley-abc does not.
void RequireCells(const Design& design, const Library& library) {
  const auto require = [&](bool found, const char* what) {
    if (found) return;
    throw Error(
        "{}: the library {} has no {}, expected one that may be used: name another Liberty "
        "file",
        design.spec, library.path, what);
  };
  const auto has_gate = [&](uint64_t table) { return FindGate(library, 2, table).has_value(); };
  require(FindGate(library, 1, 0b01).has_value(), "inverter");
  require(has_gate(0b0111) || has_gate(0b0001) || has_gate(0b1000) || has_gate(0b1110),
          "NAND, NOR, AND or OR of two inputs");
  require(design.latency == 0 || std::ranges::any_of(library.cells,
                                                     [](const LibraryCell& cell) {
                                                       return cell.flip_flop && !cell.dont_use;
                                                     }),
          "flip-flop");
}

void RequireNoLatch(const Design& design, const fs::path& netlist) {
  for (const NetlistModule& module : ReadNetlist(netlist)) {
    for (const NetlistCell& cell : module.cells) {
      throw Error("{}: has a latch (yosys' {}) at {}: give every output a value in every case",
                  design.spec, cell.type, cell.source);
    }
  }
}

}  // namespace

std::string_view Name(AdderMapping mapping) {
  return mapping == AdderMapping::kCells ? "cells" : "logic";
}

std::string DefaultLiberty() {
  if (!fs::exists(kDefaultLiberty)) {
    throw Error("there is no {}: install the package qflow-tech-osu018, or name a Liberty file",
                kDefaultLiberty);
  }
  return kDefaultLiberty;
}

MappedDesign Synthesise(const Design& design, const Library& library,
                        const SynthesisOptions& options) {
  RequireCells(design, library);
  const std::string steps = Steps(design, options.adders);
  const std::string digest = Sha256()
                                 .Add(YosysVersion() + "\n" + steps + "\n")
                                 .Add(Sha256OfFile(library.path) + "\n")
                                 .Add(design.verilog)
                                 .Digest();
  const fs::path folder = CircuitCacheFolder("netlists");
  const fs::path json = folder / (digest + ".json"), verilog = folder / (digest + ".v");
  if (fs::exists(json) && fs::exists(verilog)) return {json, ReadFile(verilog)};

  const WorkFolder work;
  WriteFile(work.path() / "design.v", design.verilog);
  WriteFile(work.path() / "adders.v", AdderMap(library));
  fs::create_symlink(fs::absolute(library.path), work.path() / "cells.lib");
  RunYosys(design, work.path(), steps, options.seconds);
  RequireNoLatch(design, work.path() / "latches.il");
  const std::string text = ReadFile(work.path() / "netlist.v");
  ReplaceFile(json, ReadFile(work.path() / "netlist.json"));
  ReplaceFile(verilog, text);
  return {json, text};
}

}  // namespace mulberry
