// From the value to the functional model: defaults, operand kinds, MakeFloatMultiplier.
#include "mulberry/arithmetic/spec.h"
#include "mulberry/multipliers/imported.h"

namespace mulberry {

FloatDefaults DefaultsOf(const Multiplier& multiplier, const OperandFormats& format) {
  const bool is_float = std::holds_alternative<FloatFormat>(format);
  if (multiplier.family == kTableFamily && is_float)
    return {Rounding::kTowardZero, ResultRounding::kZero};
  if (IsImported(multiplier.family)) return {Rounding::kNearestEven, ResultRounding::kFull};
  const MultiplierFamily* family = FindMultiplierFamily(multiplier.family);
  if (!family) throw UsageError("unknown multiplier \"{}\"", multiplier.family);
  if (!is_float) return {Rounding::kNearestEven, ResultRounding::kFull};
  return {family->float_rounding, family->float_result};
}

SignHandling DefaultSign(const Multiplier& multiplier) {
  return IsImported(multiplier.family) ? SignHandling::kTwosComplement : SignHandling::kMagnitude;
}

Overflow DefaultOverflow(const FloatFormat& format) {
  const auto named = FindFormat(Name(format));
  return (named ? *named : MakeFloatFormat(format.exponent_bits, format.mantissa_bits)).overflow;
}

std::string_view SpecialOverflowName(const FloatFormat& format) {
  return format.specials == Specials::kIeee ? "inf" : "nan";
}

namespace {

/// What the model of an arithmetic on floats or posits is given. Bits count as dropped only where
/// all operands are cut to the same, since only then does dropping them bias anything alike.
OperandKind SignificandsOf(const Arithmetic& arithmetic) {
  const int bits = arithmetic.mantissa_bits();
  const bool truncated = arithmetic.rounding == Rounding::kTowardZero && !arithmetic.is_posit();
  return {.bits = bits + 1,
          .significand = true,
          .dropped_bits = truncated ? kFp32.mantissa_bits - bits : 0};
}

}  // namespace

Model ModelOf(const Arithmetic& arithmetic) {
  if (!arithmetic.is_integer()) {
    return MakeModel(arithmetic.multiplier, SignificandsOf(arithmetic));
  }
  const auto kind = [&](const IntegerFormat& format) -> OperandKind {
    const bool encoded = arithmetic.sign == SignHandling::kTwosComplement;
    return {.bits = format.bits, .twos_complement = format.is_signed && encoded};
  };
  const IntegerFormats& formats = arithmetic.integer_formats();
  return MakeModel(arithmetic.multiplier, kind(formats.first), kind(formats.second));
}

FloatMultiplier MakeFloatMultiplier(const Arithmetic& arithmetic) {
  if (arithmetic.native) {
    throw Error("fp32 is LibTorch's own arithmetic, and has no multiplier to simulate");
  }
  if (arithmetic.is_integer()) {
    throw Error("{} multiplies integers, not floats", Print(arithmetic));
  }
  if (arithmetic.is_posit()) {
    return FloatMultiplier(ModelOf(arithmetic), arithmetic.posit_format(), arithmetic.result);
  }
  return FloatMultiplier(ModelOf(arithmetic), arithmetic.mantissa_bits(), arithmetic.result);
}

IntegerMultiplier MakeIntegerMultiplier(const Arithmetic& arithmetic) {
  if (!arithmetic.is_integer()) {
    throw Error("{} multiplies floats, not integers", Print(arithmetic));
  }
  return IntegerMultiplier(ModelOf(arithmetic), arithmetic.integer_formats(), arithmetic.sign);
}

}  // namespace mulberry
