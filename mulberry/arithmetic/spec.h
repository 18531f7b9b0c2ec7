// What the parser and the printer of specifications share: the defaults that need not be written,
// and the names of the overflows. Internal to this folder.
#pragma once

#include "mulberry/arithmetic/arithmetic.h"

namespace mulberry {

/// How a multiplier wants its operands and its result unless told otherwise.
struct FloatDefaults {
  Rounding rounding;
  ResultRounding result;
};

/// Throws UsageError if the multiplier has no such family.
FloatDefaults DefaultsOf(const Multiplier& multiplier);

/// How signed integers reach a multiplier unless told otherwise: users' circuits take two's
/// complement.
SignHandling DefaultSign(const Multiplier& multiplier);

/// The overflow of the format that has this format's name.
Overflow DefaultOverflow(const FloatFormat& format);

/// What a format overflows to unless it saturates: "inf", or "nan" where it has no infinity.
std::string_view SpecialOverflowName(const FloatFormat& format);
inline constexpr std::string_view kSaturateName = "saturate";

constexpr std::string_view Name(SumOrder order) {
  return order == SumOrder::kAscending ? "ascending" : "any";
}

/// What the multiplier's model is given: significands of the format. Bits count as dropped only
/// where operands are truncated into the format, since only then does dropping them bias anything.
OperandKind SignificandsOf(const FloatFormat& format, Rounding rounding);

/// The multiplier's model on the operands that it is given under `arithmetic`, which is not native.
/// Throws as MakeModel does.
Model ModelOf(const Arithmetic& arithmetic);

}  // namespace mulberry
