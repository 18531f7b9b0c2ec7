// Multipliers that round operands to powers of two. Not here: rounding into a format
// (formats/rounding.h).
#pragma once

#include "mulberry/multipliers/multiplier.h"

namespace mulberry {

/// roba: Zendegani, Kamal, Bahadori, Afzali-Kusha, Pedram, "RoBA multiplier: a rounding-based
/// approximate multiplier for high-speed yet energy-efficient digital signal processing", IEEE
/// TVLSI 25(2), 2017, the unsigned design:
///   Ar·b + Br·a - Ar·Br = a·b - (Ar - a)(Br - b)
/// with Ar, Br the powers of two nearest to a, b. Of two equally near the higher, but 2 for 3; 0
/// for 0. At most 1/9 off, and exact where an operand is a power of two. Its largest value,
/// 2^2n - 2^(n+1), fits 2n bits.
MultiplierFamily RobaFamily();

}  // namespace mulberry
