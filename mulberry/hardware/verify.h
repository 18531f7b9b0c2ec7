// Whether a design computes its functional model: by simulation of its Verilog, by formal proof of
// it, and of the netlist that synthesis makes of it. Each route finds faults by itself.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mulberry/hardware/design.h"
#include "mulberry/hardware/equivalence.h"
#include "mulberry/hardware/liberty.h"
#include "mulberry/hardware/synthesis.h"

namespace mulberry {

/// Inputs for which a circuit is wrong.
struct Counterexample {
  std::vector<uint64_t> inputs;  ///< Encodings, in the order of the design's inputs.
  uint64_t found = 0;
  uint64_t expected = 0;
};

enum class Finding : uint8_t {
  kProved,     ///< For all inputs.
  kNoneFound,  ///< No fault among the inputs that were tried.
  kWrong,      ///< A counterexample is there, or for a clocked netlist the proof of one.
  kUndecided,  ///< Given up within the time.
  kNotTried,   ///< `extent` says why.
};
std::string_view Name(Finding finding);  // "proved", "no fault found", "WRONG", ...

/// What one route found.
struct Check {
  std::string what;  ///< "Verilog against the model, by simulation".
  Finding finding = Finding::kNotTried;
  std::string extent = {};  ///< "all 65536 inputs".
  uint64_t inputs = 0;      ///< How many were simulated; 0 where the route is a proof.
  std::optional<Counterexample> counterexample = {};
  double seconds = 0;
};

struct VerifyOptions {
  /// All inputs are simulated where there are at most 2^this many.
  int exhaustive_bits = 26;
  /// Else so many: directed ones, of the encodings at the ends of the range and around powers of
  /// two, and random ones.
  uint64_t samples = uint64_t{1} << 22;
  uint64_t seed = 1;
  int formal_seconds = 120;  ///< For each proof.
  AdderMapping adders = AdderMapping::kCells;
  /// Told after each part of a simulation: the share of it that is done.
  std::function<void(double)> progress = {};
};

/// The three routes, in this order: simulation, formal proof of the Verilog, formal proof of the
/// netlist against the Verilog. Throws Error where a tool is missing or refuses the design.
std::vector<Check> Verify(const Design& design, const Library& library,
                          const VerifyOptions& options = {});

/// The first alone.
Check VerifyBySimulation(const Design& design, const VerifyOptions& options);
/// The second alone, of the Verilog's graph; not tried for designs with a clock, and for those of
/// more than kMaxModelBits input bits that have no model_logic.
Check VerifyFormally(const Design& design, const LogicGraph& verilog, const VerifyOptions& options);
/// The third alone, of a given netlist.
Check VerifyNetlist(const Design& design, const LogicGraph& verilog, const MappedDesign& netlist,
                    const std::string& liberty, const VerifyOptions& options);

/// Whether no check is kWrong.
bool NoneWrong(const std::vector<Check>& checks);

}  // namespace mulberry
