// An arithmetic as one small value with one spelling, the same in the CLI, TOML and C++:
//
//   multiplier @ operand format [+ option...]     mitchell@bf16   drum(k=6)@fp16+round=zero
//                                                 exact@posit(16,1)
//   multiplier @ first x second [+ option...]     exact@uint8xint8
//
// or a bare format for LibTorch's own arithmetic: `fp32`. Not here: what the value computes
// (multipliers/, kernels/ref) or how fast (plan/).
#pragma once

#include <string>
#include <string_view>

#include "mulberry/base/error.h"
#include "mulberry/formats/format.h"
#include "mulberry/multipliers/float_multiplier.h"
#include "mulberry/multipliers/integer_multiplier.h"

namespace mulberry {

/// The order in which FP32 sums the products of floats.
enum class SumOrder : uint8_t {
  kAscending,  ///< Of k, one accumulator for each output: results are the same to the bit.
  kAny,        ///< Whatever is fast on the machine: only the products are the same.
};

struct Arithmetic {
  /// LibTorch's own FP32, not simulated: the spec `fp32`. The other fields then have their
  /// defaults.
  bool native = false;

  Multiplier multiplier;
  OperandFormats format = kFp32;
  Rounding rounding = Rounding::kNearestEven;
  /// Formats of floats and posits only, whose accumulator is FP32, no fused multiply-add.
  ResultRounding result = ResultRounding::kFull;
  SumOrder order = SumOrder::kAscending;
  /// Integer formats of which either is signed only. The accumulator of integers is exact.
  SignHandling sign = SignHandling::kMagnitude;

  /// Else the operands are floats or posits: significands are multiplied.
  bool is_integer() const { return std::holds_alternative<IntegerFormats>(format); }
  bool is_posit() const { return std::holds_alternative<PositFormat>(format); }
  /// Throw std::bad_variant_access for a format of another kind.
  const FloatFormat& float_format() const { return std::get<FloatFormat>(format); }
  const PositFormat& posit_format() const { return std::get<PositFormat>(format); }
  const IntegerFormats& integer_formats() const { return std::get<IntegerFormats>(format); }
  Format format_of(OperandIndex index) const { return FormatOf(format, index); }
  /// Of the significands of floats and posits, after the leading one. Throws
  /// std::bad_optional_access for integers.
  int mantissa_bits() const { return SignificandBits(format_of(OperandIndex::kFirst)).value() - 1; }

  friend bool operator==(const Arithmetic&, const Arithmetic&) = default;
};

/// A specification that cannot be read: what() shows it with a caret under the fault and says what
/// would have been accepted there.
class SpecError : public UsageError {
 public:
  /// Underlined is the word at `position`, or its first `length` bytes.
  SpecError(std::string_view spec, size_t position, std::string_view problem,
            std::string_view accepted, size_t length = std::string_view::npos);
  size_t position() const { return position_; }

 private:
  size_t position_;
};

/// Reads a specification; blanks around its parts are ignored. Options:
///   round=nearest|half-up|zero|stochastic
///                                  operands into the format; default the multiplier's own for
///                                  floats, nearest for posits and integers
/// and for formats of floats and posits
///   result=full|nearest|zero       default the multiplier's own for floats, full for posits
///   acc=fp32
///   order=ascending|any            default ascending
/// and for float formats
///   overflow=inf|saturate          `nan` where the format has no infinity
/// and for integer formats of which either is signed
///   sign=magnitude|twos            default magnitude, for users' files twos
/// Integers may have a format for each operand: uint8xint4 is the first's and the second's.
/// Users' files are table:FILE@FORMAT, c:FILE#FUNCTION@FORMAT and verilog:FILE#MODULE@FORMAT; FILE
/// ends at the last # before the last @. Throws SpecError.
Arithmetic ParseArithmetic(std::string_view spec);

/// The canonical spelling: options that equal their defaults are left out, parameters are named.
/// ParseArithmetic(Print(x)) == x for every x that can be parsed.
std::string Print(const Arithmetic& arithmetic);

/// The significand multiplier of `arithmetic` as a float multiplier. Its model is told of dropped
/// bits (OperandKind) only where operands are truncated into a float format, so that mbm@bf16 sets
/// each operand's lowest bit, as in ApproxTrain, and mbm@bf16+round=nearest does not; how many bits
/// a posit drops depends on its exponent, and its models are told of none. Throws as MakeModel
/// does, and Error if `arithmetic` is native or its format is an integer's.
FloatMultiplier MakeFloatMultiplier(const Arithmetic& arithmetic);

/// The integer multiplier of `arithmetic`. Throws as MakeModel does, and Error if its format is not
/// an integer's.
IntegerMultiplier MakeIntegerMultiplier(const Arithmetic& arithmetic);

}  // namespace mulberry
