// A circuit as Verilog beside the function that it has to compute: what is synthesised
// (synthesis.h) and verified (verify.h). Made of the modules of rtl/ for the library's multipliers
// and multiply-accumulate units, or of a user's file.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "mulberry/hardware/aig.h"

namespace mulberry {

struct DesignPort {
  std::string name;
  int bits = 1;  ///< 1 to 64.
};

struct Design {
  std::string spec;     ///< What it is, as the user says it: "mitchell@bf16".
  std::string module;   ///< The top module.
  std::string verilog;  ///< Verilog-2005, complete: the top module and all that it instantiates.
  std::vector<DesignPort> inputs;  ///< In the order in which `model` takes them; no clock.
  DesignPort output;
  /// Rising edges of the input `clock` from operands to their result; 0: combinational, and there
  /// is no clock.
  int latency = 0;
  /// The functional model: encodings in (one for each of `inputs`), encoding out. Thread-safe.
  std::function<uint64_t(const uint64_t* inputs)> model;
  /// The same function added to a graph, where that is known by other means than trying all inputs:
  /// bits of `inputs` in, bits of the output out. May be empty.
  std::function<Aig::Word(Aig&, const std::vector<Aig::Word>& inputs)> model_logic = {};

  /// Of all inputs together: 2^this many combinations.
  int input_bits() const {
    int bits = 0;
    for (const DesignPort& port : inputs) bits += port.bits;
    return bits;
  }
};

}  // namespace mulberry
