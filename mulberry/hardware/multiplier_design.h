// The multiplier of an integer arithmetic as a circuit: a module of rtl/ with what handles signs
// around it, or a user's Verilog module. Not here: floats and posits, and sums.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/hardware/design.h"

namespace mulberry {

/// Of integer formats; combinational. Inputs are the operands' encodings, a and b, and the output p
/// is the product's, of as many bits as both together, in two's complement where either is signed.
/// The model is MakeIntegerMultiplier's.
///   unsigned, or sign=twos       the encodings go to the multiplier.
///   exact and signed             a Baugh-Wooley multiplier (rtl/exact_signed.v; where one operand
///                                is signed, rtl/mixed_rounded.v).
///   rounded, a unsigned and b    likewise (rtl/mixed_rounded.v).
///   signed, of one width
///   else, signed                 magnitudes go to the multiplier (rtl/sign_magnitude.v).
/// A multiplier of a width of its own takes shorter operands extended, and p is its low bits.
///
/// Throws UsageError for other formats than integers; else as MultiplierPartOf (multiplier_part.h).
Design IntegerMultiplierDesign(const Arithmetic& arithmetic);

/// Verilog that makes the wire p, the product's encoding, of the wires a and b, and the files of
/// rtl/ that it needs.
struct ProductText {
  std::string text;
  std::vector<std::string> files;
};
/// Of a circuit that has a signed operand and yet makes no magnitudes, the second and the third of
/// that list; else none.
std::optional<ProductText> ProductWithoutMagnitudes(const Arithmetic& arithmetic);

}  // namespace mulberry
