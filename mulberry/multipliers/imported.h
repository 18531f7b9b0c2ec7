// Multipliers that users bring as files: the families that are no rows of MultiplierFamilies().
// What the files are is in circuits/ and, for ApproxTrain's mantissa tables, in table.h.
//
// How a file serves the operands of a format:
//   integers      an integer circuit of the formats' widths, or a table of all its products.
//   floats        an integer circuit on unsigned significands, or a table of such; ApproxTrain's
//                 table of the format's mantissas; or a C function float f(float, float), of which
//                 only f(1.i, 1.j) is used: sign and exponent are float_multiplier.h's.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "mulberry/multipliers/multiplier.h"

namespace mulberry {

/// table:FILE. Like ApproxTrain it truncates floats and their product unless told otherwise:
/// Rounding::kTowardZero, ResultRounding::kZero.
inline constexpr std::string_view kTableFamily = "table";
/// c:FILE#FUNCTION.
inline constexpr std::string_view kCFamily = "c";
/// verilog:FILE#MODULE.
inline constexpr std::string_view kVerilogFamily = "verilog";

inline constexpr std::array kImportedFamilies = {kTableFamily, kCFamily, kVerilogFamily};

inline bool IsImported(std::string_view family) {
  return std::ranges::find(kImportedFamilies, family) != kImportedFamilies.end();
}

/// The functional model of a multiplier of such a family. A circuit with products of at most 24
/// bits is evaluated whole and becomes a table; a wider one is evaluated as products are asked for.
/// Throws Error that names the file, what was found and what was expected.
Model MakeImportedModel(const Multiplier& multiplier, const OperandKind& first,
                        const OperandKind& second);

}  // namespace mulberry
