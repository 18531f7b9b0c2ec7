// The refusals of parameters that do not fit the operand, in one wording. Internal to this folder.
#pragma once

#include <string_view>

#include "mulberry/base/error.h"
#include "mulberry/multipliers/multiplier.h"

namespace mulberry {

/// Throws UsageError unless minimum <= value <= maximum, which is what the operand allows.
/// `parameter` names it with its family: "mbm's t".
inline void RequireFit(std::string_view parameter, int value, const OperandKind& operand,
                       int minimum, int maximum) {
  if (value < minimum || value > maximum) {
    throw UsageError("{} is {}: operands of {} bits allow {} to {}", parameter, value, operand.bits,
                     minimum, maximum);
  }
}

/// Throws UsageError if the operand has fewer bits than any parameters of the family need.
inline void RequireBits(std::string_view family, const OperandKind& operand, int minimum) {
  if (operand.bits < minimum) {
    throw UsageError("{} needs operands of {} bits or more, not {}", family, minimum, operand.bits);
  }
}

}  // namespace mulberry
