// Sums and products of posits, each exact and then rounded once, to nearest even (posit.h).
// Source: Standard for Posit Arithmetic (2022), section 5. NaR with anything is NaR.
#pragma once

#include <cstdint>

#include "mulberry/formats/posit.h"

namespace mulberry {

/// Of two numbers before rounding; the sum exact but for what is sticky.
UnpackedReal Add(const UnpackedReal& a, const UnpackedReal& b);
/// Likewise; significands of at most 32 bits, not sticky.
UnpackedReal Multiply(const UnpackedReal& a, const UnpackedReal& b);

/// The encodings of the sum and the product of two encodings.
uint32_t PositAdd(const PositFormat& format, uint32_t a, uint32_t b);
uint32_t PositMultiply(const PositFormat& format, uint32_t a, uint32_t b);

}  // namespace mulberry
