// The operands that a circuit gets while its power is measured.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/hardware/design.h"

namespace mulberry {

/// Pairs of encodings, in the order in which a unit gets them.
using OperandPairs = std::vector<std::pair<uint64_t, uint64_t>>;

/// `count` independent pairs: integers and fixed point uniform over all encodings; floats and
/// posits uniform over [-1, 1), rounded to nearest into the format.
OperandPairs UniformOperands(const Arithmetic& arithmetic, size_t count, uint64_t seed);

/// The inputs of `design` for these operands, a vector of all inputs for each. The third input of a
/// multiply-accumulate unit is its accumulator: 0 at first and after each kSumLength products, else
/// the model's last output. A unit with a clock has its accumulator outside, so it gets the sum of
/// what has left its pipeline: `latency` independent sums, interleaved.
inline constexpr size_t kSumLength = 64;
std::vector<std::vector<uint64_t>> InputsFor(const Design& design, const OperandPairs& operands);

}  // namespace mulberry
