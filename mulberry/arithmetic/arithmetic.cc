// From the value to the functional model: defaults, operand kinds, MakeFloatMultiplier.
#include "mulberry/arithmetic/spec.h"

namespace mulberry {

FloatDefaults DefaultsOf(const Multiplier& multiplier) {
  if (multiplier.family == kTableFamily) return {Rounding::kTowardZero, ResultRounding::kZero};
  const MultiplierFamily* family = FindMultiplierFamily(multiplier.family);
  if (!family) throw UsageError("unknown multiplier \"{}\"", multiplier.family);
  return {family->float_rounding, family->float_result};
}

Overflow DefaultOverflow(const FloatFormat& format) {
  const auto named = FindFormat(Name(format));
  return (named ? *named : MakeFloatFormat(format.exponent_bits, format.mantissa_bits)).overflow;
}

std::string_view SpecialOverflowName(const FloatFormat& format) {
  return format.specials == Specials::kIeee ? "inf" : "nan";
}

OperandKind SignificandsOf(const FloatFormat& format, Rounding rounding) {
  const bool truncated = rounding == Rounding::kTowardZero;
  return {.bits = format.mantissa_bits + 1,
          .significand = true,
          .dropped_bits = truncated ? kFp32.mantissa_bits - format.mantissa_bits : 0};
}

OperandKind OperandsOf(const Arithmetic& arithmetic) {
  if (arithmetic.is_integer()) return {.bits = arithmetic.integer_format().bits};
  return SignificandsOf(arithmetic.float_format(), arithmetic.rounding);
}

FloatMultiplier MakeFloatMultiplier(const Arithmetic& arithmetic) {
  if (arithmetic.native) {
    throw Error("fp32 is LibTorch's own arithmetic, and has no multiplier to simulate");
  }
  if (arithmetic.is_integer()) {
    throw Error("{} multiplies integers, not floats", Print(arithmetic));
  }
  return FloatMultiplier(MakeModel(arithmetic.multiplier, OperandsOf(arithmetic)),
                         arithmetic.float_format().mantissa_bits, arithmetic.result);
}

IntegerMultiplier MakeIntegerMultiplier(const Arithmetic& arithmetic) {
  if (!arithmetic.is_integer()) {
    throw Error("{} multiplies floats, not integers", Print(arithmetic));
  }
  return IntegerMultiplier(MakeModel(arithmetic.multiplier, OperandsOf(arithmetic)),
                           arithmetic.integer_format(), arithmetic.sign);
}

}  // namespace mulberry
