// Cells of a library found by what they compute, not by their names. Only the cheapest by area, and
// none that has dont_use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mulberry/hardware/liberty.h"

namespace mulberry {

/// A cell that adds its inputs, which are interchangeable: three of a full adder, two of a half
/// one.
struct AdderCell {
  int cell = 0;
  std::vector<std::string> inputs;
  std::string sum, carry;
};

std::optional<AdderCell> FindFullAdder(const Library& library);
std::optional<AdderCell> FindHalfAdder(const Library& library);

/// The smallest cell with one output and `inputs` inputs whose truth table is `table` (bit k: input
/// i is bit i of k). An inverter is (1, 0b01), a buffer (1, 0b10).
std::optional<int> FindGate(const Library& library, int inputs, uint64_t table);

}  // namespace mulberry
