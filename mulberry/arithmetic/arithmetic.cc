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

FloatMultiplier MakeFloatMultiplier(const Arithmetic& arithmetic) {
  if (arithmetic.native) {
    throw Error("fp32 is LibTorch's own arithmetic, and has no multiplier to simulate");
  }
  const OperandKind operand = SignificandsOf(arithmetic.format, arithmetic.rounding);
  return FloatMultiplier(MakeModel(arithmetic.multiplier, operand), arithmetic.format.mantissa_bits,
                         arithmetic.result);
}

}  // namespace mulberry
