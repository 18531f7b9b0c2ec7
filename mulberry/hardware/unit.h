// What of an arithmetic is built as a circuit: its multiplier, or a multiply-accumulate unit.
#pragma once

#include <cstdint>
#include <string_view>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/hardware/design.h"

namespace mulberry {

enum class Unit : uint8_t {
  kMultiplier,    ///< Operands in, product out (multiplier_design.h, float_design.h).
  kMac,           ///< c + a·b, combinational (mac_design.h).
  kPipelinedMac,  ///< The same with registers after the product, the sum and the rounding.
};
std::string_view Name(Unit unit);  // "multiplier", "MAC", "pipelined MAC"

/// Throws UsageError for arithmetics without such a circuit: LibTorch's own, error models, tables
/// and C functions, blocks.
Design DesignOf(const Arithmetic& arithmetic, Unit unit);

/// The exact multiplier of integers with `a * b` left to the synthesiser, instead of the tree of
/// adders: the other exact baseline. Unsigned operands of one width only; throws UsageError.
Design BehaviouralDesign(const Arithmetic& arithmetic);

}  // namespace mulberry
