// A design's Verilog as a program, made by Verilator and the machine's C++ compiler, that computes
// its outputs for many inputs. Compiled once and kept in the cache under the digest of the Verilog.
// It has two states: an x or z is 0. Not here: what the outputs should be (verify.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mulberry/hardware/design.h"

namespace mulberry {

class VerilatedDesign {
 public:
  /// Throws Error where Verilator or the compiler is missing, too old, or refuses the design, which
  /// the message names with Verilator's words.
  explicit VerilatedDesign(const Design& design);

  /// outputs[i] of the combination first + i of the inputs: read as one number of all inputs' bits,
  /// of which the first input has the highest. A design with a clock gets a new combination at each
  /// edge, so that pipelines are full. Throws Error if the program fails. Thread-safe.
  void EvaluateRange(uint64_t first, std::vector<uint64_t>& outputs) const;

  /// outputs[i] of inputs[n·i] to inputs[n·i + n - 1], for n inputs.
  std::vector<uint64_t> Evaluate(const std::vector<uint64_t>& inputs) const;

 private:
  std::vector<uint64_t> Run(const std::string& program_input, size_t count) const;

  std::string spec_;
  size_t inputs_;
  std::filesystem::path program_;
};

}  // namespace mulberry
