// The exact circuit that an approximate one is measured against: the best there is.
#pragma once

#include "mulberry/hardware/circuit_cost.h"
#include "mulberry/hardware/unit.h"

namespace mulberry {

/// The same arithmetic with exact products, and the same options of all else: rounding, result,
/// accumulator. Of integers operands are never split into sign and magnitude.
Arithmetic ExactOf(const Arithmetic& arithmetic);

/// The exact circuits of that arithmetic: the one of rtl/ and, of multipliers of unsigned integers
/// of one width, also `a * b` left to the synthesiser. A multiplier that is compared with the
/// second alone looks better than it is, since its adders are not the library's adder cells.
std::vector<Design> ExactDesigns(const Arithmetic& arithmetic, Unit unit);

}  // namespace mulberry
