// Multipliers of floats and posits as circuits: a significand multiplier of rtl/ between decoders
// and a rounding. They compute what FloatMultiplier does (multipliers/float_multiplier.h), on
// encodings. Not here: integer multipliers, and sums (mac_design.h).
#pragma once

#include <string>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/hardware/design.h"
#include "mulberry/hardware/multiplier_part.h"

namespace mulberry {

/// Combinational, inputs `a` and `b` in the encodings of their formats, output `y`: FP32, whose low
/// bits are a constant 0 where the product is rounded to fewer. Of posits under result=nearest and
/// result=zero the output is a posit. Throws as MultiplierPartOf and MakeFloatMultiplier do.
Design FloatMultiplierDesign(const Arithmetic& arithmetic);
/// The same with any significand multiplier, of SignificandsOf(arithmetic).bits bits.
Design FloatMultiplierDesign(const Arithmetic& arithmetic, const MultiplierPart& multiplier);

/// FloatMultiplierDesign of an arithmetic whose operands are posits. Throws Error of others.
Design PositMultiplierDesign(const Arithmetic& arithmetic);

/// The text that makes the FP32 wire `name` of a ProductCircuit's wires with a bias of 127.
struct ProductCircuit;
std::string PackText(const Arithmetic& arithmetic, const ProductCircuit& product,
                     const std::string& name);

/// The value of an encoding of a float's or a posit's format.
float DecodeOperand(const Format& format, uint64_t encoding);

}  // namespace mulberry
