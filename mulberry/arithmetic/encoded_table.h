// Products and sums of a narrow format of floats or posits as tables of encodings: the bytes that a
// look-up table in place of the arithmetic unit would hold.
#pragma once

#include <cstdint>
#include <vector>

#include "mulberry/arithmetic/arithmetic.h"

namespace mulberry {

/// The format of `arithmetic` has at most this many bits, n.
inline constexpr int kMaxEncodedBits = 8;

/// The 2^2n products of all pairs of encodings: entry (a << n) | b encodes a·b, the model's product
/// rounded once into the format, toward zero under result=zero, else to nearest even; overflow as
/// the format says. Throws UsageError for integers, native arithmetic and wider formats, and as
/// MakeFloatMultiplier does.
std::vector<uint8_t> EncodedProducts(const Arithmetic& arithmetic);

/// The 2^2n sums likewise, the exact sum rounded once, to nearest even. Throws UsageError also
/// where the multiplier is not exact or result=zero is asked for, which sums do not have.
std::vector<uint8_t> EncodedSums(const Arithmetic& arithmetic);

}  // namespace mulberry
