// Multipliers that multiply a short segment of each operand exactly. Products have at most 2n bits,
// since a segment in its place is no longer than the operand.
#pragma once

#include "mulberry/multipliers/multiplier.h"

namespace mulberry {

/// drum(k): Hashemi, Bahar, Reda, "DRUM: a dynamic range unbiased multiplier for approximate
/// applications", ICCAD 2015. Of each operand the k bits from its leading one, the lowest of them
/// set, which makes up for the dropped ones on average; an operand below 2^k is left as it is.
MultiplierFamily DrumFamily();

}  // namespace mulberry
