// Formal proofs that two circuits are one function, by berkeley-abc: of a design's Verilog, of what
// synthesis made of it, and of its functional model as an and-inverter graph. Not here: simulation
// (verilator.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mulberry/hardware/design.h"
#include "mulberry/hardware/synthesis.h"

namespace mulberry {

/// A circuit as an and-inverter graph in binary AIGER, its inputs sorted by name. Registers are
/// latches that start as 0.
struct LogicGraph {
  std::string aiger;
  std::vector<std::string> inputs;  ///< "a[3]", in the graph's order.
};

/// Of a design's Verilog. Throws Error.
LogicGraph GraphOfVerilog(const Design& design, int seconds);
/// Of the mapped netlist, by the functions that the Liberty file gives its cells.
LogicGraph GraphOfNetlist(const Design& design, const MappedDesign& mapped,
                          const std::string& liberty, int seconds);
/// The netlist as Verilog that needs no library: to be simulated.
std::string VerilogOfNetlist(const Design& design, const MappedDesign& mapped,
                             const std::string& liberty, int seconds);
/// Of the functional model of a design without a clock, with the inputs in the order of `like`:
/// made by trying all inputs, of at most kMaxModelBits bits. Throws Error for more.
inline constexpr int kMaxModelBits = 20;
LogicGraph GraphOfModelByTrying(const Design& design, const LogicGraph& like);
/// The same of a design that has a model_logic, made by that.
LogicGraph GraphOfModelLogic(const Design& design, const LogicGraph& like);

struct Equivalence {
  enum class Verdict : uint8_t { kEqual, kDifferent, kUndecided };
  Verdict verdict = Verdict::kUndecided;
  /// Where they differ, and have no registers: the design's inputs of one such case.
  std::optional<std::vector<uint64_t>> inputs;
};

enum class ProofBy : uint8_t {
  /// The decision diagram of the outputs' difference, which is empty where all agree: for circuits
  /// with nothing in common inside, if the diagram stays small.
  kDiagram,
  /// &cec, or with a clock dsec, which find what is equal inside: for a circuit and what was made
  /// of it.
  kInside,
};

/// Undecided where abc gives up or does not finish within about `seconds`. Throws Error where there
/// is no berkeley-abc or it fails otherwise.
Equivalence CheckEquivalence(const Design& design, const LogicGraph& a, const LogicGraph& b,
                             ProofBy by, int seconds);

}  // namespace mulberry
