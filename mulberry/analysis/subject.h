// What is analysed: an approximate product as a function of integers, and which integers its
// operands are. Floats come here through their significands, which are integers too. Not here: what
// is measured of it (error_metrics.h, structure.h).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/multipliers/float_multiplier.h"
#include "mulberry/multipliers/integer_multiplier.h"
#include "mulberry/multipliers/multiplier.h"

namespace mulberry {

/// The integers of n bits that an operand takes.
enum class OperandSet : uint8_t {
  kUnsigned,     ///< 0 to 2^n - 1.
  kSigned,       ///< -2^(n-1) to 2^(n-1) - 1.
  kSignificand,  ///< 2^(n-1) to 2^n - 1: the significand of a normal float, times 2^(n-1).
};
std::string_view Name(OperandSet set);  // "unsigned", "signed", "significand"

/// What the first and the second operand are: significands both or neither.
struct OperandSets {
  OperandSet a = OperandSet::kUnsigned;
  OperandSet b = OperandSet::kUnsigned;

  constexpr OperandSets(OperandSet both) : a(both), b(both) {}
  constexpr OperandSets(OperandSet first, OperandSet second) : a(first), b(second) {}
  bool significands() const { return a == OperandSet::kSignificand; }

  friend constexpr bool operator==(const OperandSets&, const OperandSets&) = default;
};
/// "signed"; "unsigned x signed" where they differ.
std::string Name(const OperandSets& sets);

/// Consecutive integers.
struct OperandRange {
  int64_t lowest = 0;
  int64_t count = 0;

  int64_t highest() const { return lowest + count - 1; }
};
OperandRange RangeOf(OperandSet set, int bits);

struct ErrorSubject {
  std::string name;  ///< For messages and titles: the specification.
  OperandSets operands = OperandSet::kUnsigned;
  int a_bits = 8;  ///< 1 to 24, as b_bits.
  int b_bits = 8;
  /// The approximate product of operand values, for all values of the sets; thread-safe. Magnitudes
  /// are below 2^52. Of significands it is the product times 2^(a_bits + b_bits - 2), as a·b is.
  std::function<int64_t(int64_t a, int64_t b)> approx;

  OperandRange a_range() const { return RangeOf(operands.a, a_bits); }
  OperandRange b_range() const { return RangeOf(operands.b, b_bits); }
  /// What 1 of `approx` is worth: 1, or 2^-(a_bits + b_bits - 2) for significands.
  double unit() const;
  /// The largest |a·b|: (2^n - 1)^2 for n-bit unsigned operands, 2^(2n-2) for signed ones.
  int64_t max_product() const;
  /// approx(a, b) - a·b, exactly. Throws Error where |approx| is 2^52 or more.
  int64_t error(int64_t a, int64_t b) const;
};

/// Throws Error unless the operand widths are within 1 to 24 bits and there is a function.
void CheckSubject(const ErrorSubject& subject);

/// A functional model on unsigned operands of these widths.
ErrorSubject UnsignedSubject(std::string name, Model model, int a_bits, int b_bits);
/// All pairs of values of the multiplier's formats.
ErrorSubject IntegerSubject(std::string name, const IntegerMultiplier& multiplier);
/// The significands of a multiplier of floats or posits, its rounding of the result included: all
/// pairs of 2^m mantissas, n = m + 1 bits. Throws UsageError where that rounding depends on the
/// exponent.
ErrorSubject SignificandSubject(std::string name, const FloatMultiplier& multiplier);
/// The subject of an arithmetic, named by its specification. Throws as MakeFloatMultiplier and
/// MakeIntegerMultiplier do.
ErrorSubject SubjectOf(const Arithmetic& arithmetic);

}  // namespace mulberry
