// What the parser and the printer of specifications share: the defaults that need not be written,
// and the names of the overflows. Internal to this folder.
#pragma once

#include "mulberry/arithmetic/arithmetic.h"

namespace mulberry {

/// How operands and the result are rounded unless told otherwise.
struct FloatDefaults {
  Rounding rounding;
  ResultRounding result;
};

/// As the multiplier wants them where the format is a float's, and both operands'; to nearest, and
/// the result in full, elsewhere, which no published multiplier says otherwise of. Throws
/// UsageError if there is no such family.
FloatDefaults DefaultsOf(const Multiplier& multiplier, const OperandFormats& format);

/// How signed integers reach a multiplier unless told otherwise: users' circuits take two's
/// complement.
SignHandling DefaultSign(const Multiplier& multiplier);

/// Gives rounding, scaling, result and sign their defaults for the multiplier and the formats.
void SetDefaults(Arithmetic& arithmetic);

/// The overflow of the format that has this format's name.
Overflow DefaultOverflow(const FloatFormat& format);

/// What a format overflows to unless it saturates: "inf", or "nan" where it has no infinity.
std::string_view SpecialOverflowName(const FloatFormat& format);
inline constexpr std::string_view kSaturateName = "saturate";

constexpr std::string_view Name(SumOrder order) {
  return order == SumOrder::kAscending ? "ascending" : "any";
}

/// The multiplier's model on the operands that it is given under `arithmetic`, which is not native.
/// Throws as MakeModel does.
Model ModelOf(const Arithmetic& arithmetic);

}  // namespace mulberry
