// The functional model of a float multiplier as logic, composed of its parts: for formats whose
// products are too many to be tried one by one. Not here: models that are tried (equivalence.h),
// and the Verilog (float_design.h), from which nothing is taken.
#pragma once

#include <vector>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/hardware/aig.h"

namespace mulberry {

/// Whether FloatModelLogic makes it: encodings of at most 19 bits, at most 10 mantissa bits, and a
/// product that is FP32, not rounded into posits.
bool HasFloatModelLogic(const Arithmetic& arithmetic);

/// The FP32 product, as FloatMultiplier has it, of two encodings. What encodings mean, and the
/// rounded products of all pairs of significands, are what DecodeOperand and
/// FloatMultiplier::SignificandProduct say, each tried completely; signs, the sum of exponents, its
/// limits and the special values are lines 1, 2, 3 and 5 of float_multiplier.h's rule.
Aig::Word FloatModelLogic(const Arithmetic& arithmetic, Aig& graph, const Aig::Word& a,
                          const Aig::Word& b);

}  // namespace mulberry
