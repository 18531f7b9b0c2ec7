// A multiplier written as a combinational Verilog module, brought to a functional model by yosys'
// CXXRTL back end and the machine's C++ compiler (Debian's packages yosys and yosys-dev).
//
// The model has two states: an x or z in the source is 0. Not here: synthesis and hardware cost.
#pragma once

#include <memory>
#include <string>

#include "mulberry/circuits/circuit.h"
#include "mulberry/circuits/circuit_child.h"

namespace mulberry {

/// The module `module` of the Verilog file `path` (SystemVerilog if it ends in .sv); the only one
/// that no other instantiates if `module` is empty. It has two inputs, of which the one declared
/// first is the first operand, and one output of shape.product_bits() bits. It may instantiate
/// other modules, of the same file or of those that it includes.
///
/// Compiled once and run in processes of its own, as C sources are (c_source.h). Throws Error that
/// begins with the file's name: yosys' own words, the modules that there are, or what makes the
/// module no combinational multiplier of `shape`: a register, latch or memory, another port,
/// another width, a wire without a driver or with several, a combinational loop.
std::shared_ptr<const Circuit> LoadVerilog(const std::string& path, const std::string& module,
                                           const CircuitShape& shape,
                                           const CircuitLimits& limits = {});

}  // namespace mulberry
