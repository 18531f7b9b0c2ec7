// An arithmetic as one small value with one spelling, the same in the CLI, TOML and C++:
//
//   multiplier @ operand format [+ option...]     mitchell@bf16   drum(k=6)@fp16+round=zero
//                                                 exact@posit(16,1)
//   multiplier @ first x second [+ option...]     exact@uint8xint8  exact@e5m2xe4m3+scale=max
//   noise(...) @ fp32                             noise(mre=1.4%)@fp32
//
// or a bare format for LibTorch's own arithmetic: `fp32`. Not here: what the value computes
// (multipliers/, kernels/ref) or how fast (plan/).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mulberry/base/error.h"
#include "mulberry/formats/accumulator.h"
#include "mulberry/formats/format.h"
#include "mulberry/formats/scaling.h"
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
  /// Of the same ValueKind both; blocks have the same number of elements both, floats or integers.
  OperandFormats format = kFp32;
  /// How tensors are brought into the formats.
  PerOperand<Rounding> rounding = Rounding::kNearestEven;
  PerOperand<Scaling> scaling = Scaling{};
  /// Formats of floats and posits only.
  ResultRounding result = ResultRounding::kFull;
  /// One that sums products of this format's kind.
  Accumulator accumulator = StandardAccumulator();
  /// Another than ascending only with the standard accumulator of floats and posits.
  SumOrder order = SumOrder::kAscending;
  /// Integer formats of which either is signed only.
  SignHandling sign = SignHandling::kMagnitude;

  ValueKind kind() const { return KindOf(format.first); }
  bool is_integer() const { return kind() == ValueKind::kIntegers; }
  bool is_block() const { return kind() == ValueKind::kBlocks; }
  const Format& format_of(OperandIndex index) const { return format[index]; }
  /// The format of both operands, if it is one and a float's or a posit's.
  const FloatFormat* float_format() const;
  const PositFormat* posit_format() const;
  /// The integers that are multiplied. Throws std::bad_optional_access for formats of another kind.
  IntegerFormats integer_formats() const;
  /// Of the significands that are multiplied, after the leading one: those of the operand that has
  /// more. Throws std::bad_optional_access for formats of another kind.
  int mantissa_bits() const;

  friend bool operator==(const Arithmetic&, const Arithmetic&) = default;
};

/// Why the accumulator does not sum the products of these operands, or not in this order; or
/// nothing.
std::optional<std::string> WhyNotSummed(const Arithmetic& arithmetic);

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
///                                  floats, nearest for all else
/// for formats of floats and posits
///   scale=none|max|center[(k)]|power(k)
///                                  of tensors before they are rounded (formats/scaling.h), for
///                                  posits without max; default none
///   result=full|nearest|zero       default the multiplier's own for floats, full for posits;
///                                  others than full where both operands have the same format
///   acc=FLOAT|fixed(il,fl)|quire   FLOAT any float format; default fp32
///     with acc=FLOAT
///   chunk=C                        1 to 2^30; default all products in one
///     with acc=FLOAT and acc=fixed
///   acc-round=nearest|zero         default nearest
///     with acc=fixed
///   acc-overflow=saturate|wrap     default saturate
///   adder=loa(k)|trunc(k)          k from 0 to the word's bits - 1; default exact, as k = 0 is
///   order=ascending|any            default ascending, and any only of FP32 sums
/// for float formats, the same for both operands
///   overflow=inf|saturate          `nan` where the format has no infinity
/// for formats of integers and fixed point
///   acc=int2 to int64              default exact
///     with acc-overflow and adder as above
/// for integer formats
///   scale=max|affine|power(k)      default max
///     of the second operand also max(channel) and affine(channel): scale=affine/max(channel)
/// and where either operand is signed
///   sign=magnitude|twos            default magnitude, for users' files twos
/// (What accumulators mean is said in formats/accumulator.h.)
/// Two values with / between them are the first operand's and the second's: round=stochastic/zero,
/// scale=center/none. So are two formats with x between them, of floats and posits, or of integers
/// and fixed point: e5m2xe4m3, posit(8,2)xposit(8,1), uint8xint4.
/// Users' files are table:FILE@FORMAT, c:FILE#FUNCTION@FORMAT and verilog:FILE#MODULE@FORMAT; FILE
/// ends at the last # before the last @.
/// An error model (multipliers/error_model.h) is noise(mre=P%), noise(sd=P%) or noise(file=FILE),
/// with a FILE that ends at the first , or ), and has no options but
///   bias=P%                        of mre and sd; default 0%
///   on=weights|steps|products      default weights
/// in parentheses too, in any order; its format is fp32. Throws SpecError.
Arithmetic ParseArithmetic(std::string_view spec);

/// Reads the name of a format, such as posit(8,1). Throws SpecError.
Format ParseFormat(std::string_view name);

/// A format and the way of a tensor into it.
struct TensorFormat {
  Format format = kFp32;
  Rounding rounding = Rounding::kNearestEven;
  Scaling scaling;

  friend bool operator==(const TensorFormat&, const TensorFormat&) = default;
};
/// Reads FORMAT[+round=...][+scale=...], such as posit(8,2)+round=zero+scale=center. Throws
/// SpecError.
TensorFormat ParseTensorFormat(std::string_view text);
/// The inverse of ParseTensorFormat.
std::string Print(const TensorFormat& format);

/// The canonical spelling: options that equal their defaults are left out, parameters are named.
/// ParseArithmetic(Print(x)) == x for every x that can be parsed.
std::string Print(const Arithmetic& arithmetic);

/// The options that say the accumulator, such as "acc=fp16+chunk=64"; "" for the standard one.
std::string PrintOptions(const Accumulator& accumulator);

/// The significand multiplier of `arithmetic` as a float multiplier. Its model is told of dropped
/// bits (OperandKind) only where operands are truncated into one float format, so that mbm@bf16
/// sets each operand's lowest bit, as in ApproxTrain, and mbm@bf16+round=nearest does not; how many
/// bits a posit drops depends on its exponent, and its models are told of none. Throws as MakeModel
/// does, and Error if `arithmetic` is native or multiplies no significands.
FloatMultiplier MakeFloatMultiplier(const Arithmetic& arithmetic);

/// What that multiplier's model is given, of an arithmetic on floats or posits.
OperandKind SignificandsOf(const Arithmetic& arithmetic);

/// The integer multiplier of `arithmetic`. Throws as MakeModel does, and Error if it multiplies no
/// integers.
IntegerMultiplier MakeIntegerMultiplier(const Arithmetic& arithmetic);

/// Of an arithmetic on blocks: that of the products within a block, mitchell@e4m3 for
/// mitchell@mxfp8(e4m3) and mitchell@int8 for mitchell@mxint8.
Arithmetic ElementArithmetic(const Arithmetic& arithmetic);

}  // namespace mulberry
