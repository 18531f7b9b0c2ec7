// From the value to the functional model: defaults, operand kinds, MakeFloatMultiplier.
#include <algorithm>

#include "mulberry/arithmetic/spec.h"
#include "mulberry/multipliers/imported.h"

namespace mulberry {

const FloatFormat* Arithmetic::float_format() const {
  return format.same() ? std::get_if<FloatFormat>(&format.first) : nullptr;
}

const PositFormat* Arithmetic::posit_format() const {
  return format.same() ? std::get_if<PositFormat>(&format.first) : nullptr;
}

IntegerFormats Arithmetic::integer_formats() const {
  return {IntegersOf(format.first).value(), IntegersOf(format.second).value()};
}

int Arithmetic::mantissa_bits() const {
  return std::max(SignificandBits(format.first).value(), SignificandBits(format.second).value()) -
         1;
}

FloatDefaults DefaultsOf(const Multiplier& multiplier, const OperandFormats& format) {
  const bool is_float = format.same() && std::holds_alternative<FloatFormat>(format.first);
  if (multiplier.family == kTableFamily && is_float)
    return {Rounding::kTowardZero, ResultRounding::kZero};
  if (IsImported(multiplier.family) || multiplier.errors) {
    return {Rounding::kNearestEven, ResultRounding::kFull};
  }
  const MultiplierFamily* family = FindMultiplierFamily(multiplier.family);
  if (!family) throw UsageError("unknown multiplier \"{}\"", multiplier.family);
  if (!is_float) return {Rounding::kNearestEven, ResultRounding::kFull};
  return {family->float_rounding, family->float_result};
}

SignHandling DefaultSign(const Multiplier& multiplier) {
  return IsImported(multiplier.family) ? SignHandling::kTwosComplement : SignHandling::kMagnitude;
}

void SetDefaults(Arithmetic& arithmetic) {
  const FloatDefaults defaults = DefaultsOf(arithmetic.multiplier, arithmetic.format);
  arithmetic.rounding = defaults.rounding;
  arithmetic.result = defaults.result;
  arithmetic.scaling = {DefaultScaling(arithmetic.format.first),
                        DefaultScaling(arithmetic.format.second)};
  const bool any_signed =
      arithmetic.is_block() ? std::get<BlockFormat>(arithmetic.format.first).is_integer()
                            : arithmetic.is_integer() && arithmetic.integer_formats().any_signed();
  arithmetic.sign = any_signed ? DefaultSign(arithmetic.multiplier) : SignHandling::kMagnitude;
}

Overflow DefaultOverflow(const FloatFormat& format) {
  const auto named = FindFormat(Name(format));
  return (named ? *named : MakeFloatFormat(format.exponent_bits, format.mantissa_bits)).overflow;
}

std::string_view SpecialOverflowName(const FloatFormat& format) {
  return format.specials == Specials::kIeee ? "inf" : "nan";
}

// Bits count as dropped only where all operands are cut to the same, since only then does dropping
// them bias anything alike.
OperandKind SignificandsOf(const Arithmetic& arithmetic) {
  const int bits = arithmetic.mantissa_bits();
  const bool truncated = arithmetic.rounding == Rounding::kTowardZero && arithmetic.float_format();
  return {.bits = bits + 1,
          .significand = true,
          .dropped_bits = truncated ? kFp32.mantissa_bits - bits : 0};
}

Model ModelOf(const Arithmetic& arithmetic) {
  if (arithmetic.is_block()) return ModelOf(ElementArithmetic(arithmetic));
  if (!arithmetic.is_integer()) {
    return MakeModel(arithmetic.multiplier, SignificandsOf(arithmetic));
  }
  const auto kind = [&](const IntegerFormat& format) -> OperandKind {
    const bool encoded = arithmetic.sign == SignHandling::kTwosComplement;
    return {.bits = format.bits, .twos_complement = format.is_signed && encoded};
  };
  const IntegerFormats formats = arithmetic.integer_formats();
  return MakeModel(arithmetic.multiplier, kind(formats.first), kind(formats.second));
}

std::optional<std::string> WhyNotSummed(const Arithmetic& arithmetic) {
  const Accumulator& accumulator = arithmetic.accumulator;
  if (std::holds_alternative<StandardAccumulator>(accumulator)) return std::nullopt;
  const auto* word = std::get_if<WordAccumulator>(&accumulator);
  const auto summed = word && word->is_integer ? ValueKind::kIntegers : ValueKind::kSignificands;
  if (summed != arithmetic.kind()) {
    return fmt::format("the accumulator {} sums products of {}, and those of {} are of {}",
                       Name(accumulator), Name(summed), Name(arithmetic.format),
                       Name(arithmetic.kind()));
  }
  if (arithmetic.order != SumOrder::kAscending) {
    return fmt::format("sums in any order are FP32's, and the accumulator is {}",
                       PrintOptions(accumulator));
  }
  return std::nullopt;
}

FloatMultiplier MakeFloatMultiplier(const Arithmetic& arithmetic) {
  if (arithmetic.native) {
    throw Error("fp32 is LibTorch's own arithmetic, and has no multiplier to simulate");
  }
  if (arithmetic.kind() != ValueKind::kSignificands) {
    throw Error("{} multiplies {}, not floats", Print(arithmetic), Name(arithmetic.kind()));
  }
  if (const PositFormat* posit = arithmetic.posit_format()) {
    return FloatMultiplier(ModelOf(arithmetic), *posit, arithmetic.result);
  }
  return FloatMultiplier(ModelOf(arithmetic), arithmetic.mantissa_bits(), arithmetic.result);
}

IntegerMultiplier MakeIntegerMultiplier(const Arithmetic& arithmetic) {
  if (!arithmetic.is_integer()) {
    throw Error("{} multiplies {}, not integers", Print(arithmetic), Name(arithmetic.kind()));
  }
  return IntegerMultiplier(ModelOf(arithmetic), arithmetic.integer_formats(), arithmetic.sign);
}

Arithmetic ElementArithmetic(const Arithmetic& arithmetic) {
  Arithmetic elements = arithmetic;
  elements.format = {ElementFormat(std::get<BlockFormat>(arithmetic.format.first)),
                     ElementFormat(std::get<BlockFormat>(arithmetic.format.second))};
  elements.scaling = {DefaultScaling(elements.format.first),
                      DefaultScaling(elements.format.second)};
  return elements;
}

}  // namespace mulberry
