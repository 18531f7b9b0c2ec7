// An operand as 2^k·(1 + x), and products of such numbers brought back to integers. Internal to
// this folder; it serves the families that work on leading ones and fractions.
#pragma once

#include <bit>
#include <cstdint>

namespace mulberry {

/// Fractions are fixed-point numbers with this many bits: more than the 23 of the widest operand
/// and the 7 of the finest correction.
inline constexpr int kFractionBits = 32;
inline constexpr uint64_t kOne = uint64_t{1} << kFractionBits;

/// k: the position of the leading one of an operand that is not zero.
inline int LeadingOne(uint64_t operand) {
  return std::bit_width(operand) - 1;
}

/// x of operand = 2^k·(1 + x).
inline uint64_t Fraction(uint64_t operand, int k) {
  return (operand << (kFractionBits - k)) - kOne;
}

/// floor(value · 2^exponent).
inline uint64_t FloorOfScaled(uint64_t value, int exponent) {
  return exponent < 0 ? value >> -exponent : value << exponent;
}

}  // namespace mulberry
