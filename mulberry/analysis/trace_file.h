// Traces of the operands that a network's layers really multiplied, in their order, as files: what
// a multiply-accumulate unit is driven with where its power is measured. Not here: how often each
// operand came (histogram_file.h).
//
// A file is lines of text:
//   mulberry-trace 1
//   arithmetic mitchell@bf16
//   layer conv2
//   pass forward
//   pairs 4096
//   3f80 bd12                     so many lines: the encodings of first and second operand, in hex
//
// Pairs follow one another as one unit of an output-stationary array sees them: the terms of one
// output's sum in ascending order, then those of another's.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace mulberry {

struct OperandTrace {
  std::string arithmetic;  ///< Its specification.
  std::string layer;
  std::string pass;  ///< "forward", "input_gradient", "weight_gradient".
  std::vector<std::pair<uint32_t, uint32_t>> pairs;  ///< First and second operand.

  friend bool operator==(const OperandTrace&, const OperandTrace&) = default;
};

/// Throws Error that names the file, the line, what was found and what was expected.
OperandTrace ReadTrace(const std::string& path);
/// Writes the file atomically. Throws Error if it cannot.
void WriteTrace(const OperandTrace& trace, const std::string& path);

}  // namespace mulberry
