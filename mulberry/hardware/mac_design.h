// Multiply-accumulate units as circuits: c + a·b, with the accumulator c as an input and an output.
//
//   integers   c is a word in two's complement, of acc=intN bits, which saturates or wraps as the
//              accumulator says; 32 bits that wrap where there is no acc=.
//   floats     c is FP32, or acc=FLOAT of 8 exponent bits: the product as FloatMultiplier gives it,
//              and one sum rounded to nearest even (AddRounded, formats/accumulator.h).
//   posits     c is a posit of the operands' format: c + a·b, exact, then rounded once to nearest
//              even; after Lu et al., "Training Deep Neural Networks Using Posit Number System",
//              SOCC 2019 (decode, multiply, accumulate, encode).
//
// Not here: the unit of several precisions (flexible_mac.h).
#pragma once

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/hardware/design.h"

namespace mulberry {

/// Inputs `a`, `b` and `c`, output `y`. A pipelined unit has registers after the product,
/// where c is held too (of posits decoded), after the sum of floats and posits before it is
/// rounded, and after the result: a latency of 2 for integers and 3 for the others. Throws
/// UsageError for other accumulators than those above, chunks, approximate adders, and posits of
/// two formats, and as MultiplierPartOf does.
Design MacDesign(const Arithmetic& arithmetic, bool pipelined);

}  // namespace mulberry
