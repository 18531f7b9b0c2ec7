// Rounding of an FP32 value into a FloatFormat: the scalar definition. The vector form that tensors
// go through is kernels/round.h and equals this bit for bit.
#pragma once

#include <cstdint>
#include <string_view>

#include "mulberry/formats/float_format.h"

namespace mulberry {

enum class Rounding : uint8_t {
  kNearestEven,  ///< IEEE 754 roundTiesToEven.
  kTowardZero,   ///< Truncation. Never overflows a finite value: it stops at the largest.
  kStochastic,   ///< Away from zero with probability equal to the fraction dropped, in 2^-32 steps.
  kNearestUp,    ///< Ties toward +infinity: round half up, floor(x + 1/2) of an integer format.
};

std::string_view Name(Rounding rounding);  // "nearest", "zero", "stochastic", "half-up"

/// `value` rounded into `format`. NaN stays NaN (the quiet NaN 0x7fc00000), zero keeps its sign, a
/// value that underflows becomes a subnormal or a zero of its sign; overflow as format.overflow
/// says. `random` is read only by kStochastic: the value is rounded away from zero iff the dropped
/// part, as a fraction of the gap in units of 2^-32 (floor), exceeds it.
float Round(const FloatFormat& format, Rounding rounding, float value, uint32_t random = 0);

/// The same of a value that FP32 need not hold, rounded once. Throws Error for kStochastic, whose
/// steps are those of FP32 values.
float RoundDouble(const FloatFormat& format, Rounding rounding, double value);

/// A finite value rounded to an integer, by which formats with a fixed gap define their rounding. A
/// zero has the sign of `value`; `random` is as above.
double RoundToInteger(Rounding rounding, double value, uint32_t random = 0);

}  // namespace mulberry
