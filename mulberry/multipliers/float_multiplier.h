// The one wrapper that makes a multiplier of floats or posits of a significand multiplier. Sign,
// exponent, normalisation, rounding and the special values are handled here, once, for every model.
//
// The rule, for a and b in the format (docs/numerics.md has it line by line):
//   1. NaN if a or b is NaN, or one is zero and the other infinite. The NaN is 0x7fc00000.
//   2. Infinity with the XOR of the signs if a or b is infinite.
//   3. Zero with the XOR of the signs if a or b is zero. Here and in line 1 a magnitude below
//      2^-126, which only formats with 8 exponent bits have, is read as zero, as the bf16 units of
//      CPUs and TPUs do; the subnormals of narrower formats are ordinary numbers, normalised.
//   4. Else a = ±sa·2^(ea-m), b = ±sb·2^(eb-m) with integers 2^m <= sa, sb < 2^(m+1), and the
//      product is ±P·2^(ea+eb-2m), P = model(sa, sb), its significand rounded as ResultRounding
//      says.
//   5. A product of 2^128 or more is infinite, one below 2^-126 (after the rounding) is zero, both
//      with the XOR of the signs. The result keeps FP32's exponent range whatever the format.
//
// Posits are such values too, with a significand of the most mantissa bits that any of them has and
// NaN for NaR. Only where their product is to be a posit, as ResultRounding says of the operand's
// format, is it rounded in another way: ±P·2^(ea+eb-2m) by RoundToPosit, which depends on the
// exponent and leaves no infinity and no zero but that of a zero operand or P, which is +0.
//
// Not here: rounding operands into the format (formats/rounding.h) and sums (kernels/ref).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "mulberry/formats/accumulator.h"
#include "mulberry/formats/posit.h"
#include "mulberry/multipliers/multiplier.h"

namespace mulberry {

class FloatMultiplier {
 public:
  /// A multiplier of floats with `mantissa_bits` (0 to 23), whose model takes significands of
  /// mantissa_bits + 1 bits.
  FloatMultiplier(Model model, int mantissa_bits, ResultRounding result);
  /// A multiplier of posits, of a format that FP32 carries.
  FloatMultiplier(Model model, const PositFormat& format, ResultRounding result);

  /// The product of two values of the format. Mantissa bits beyond the format's are ignored.
  float operator()(float a, float b) const;

  /// The products of n pairs, as by the operator; faster where the model is of arrays.
  void Multiply(const float* a, const float* b, float* products, size_t n) const;

  /// The product before it is rounded, of any size: ±P·2^(ea+eb-2m) where lines 1 to 3 leave one.
  /// Where the result is not full, of the rounded product.
  ExactProduct Exact(float a, float b) const;
  /// Those of n pairs.
  void MultiplyExact(const float* a, const float* b, ExactProduct* products, size_t n) const;

  /// Rounded value of model(2^m + i, 2^m + j)·2^-2m for mantissas i, j < 2^m: the product of
  /// significands in [1, 2). Exact models give [1, 4); any model gives a value in [0, 4]. Throws
  /// Error if the rounding depends on the exponent.
  float SignificandProduct(uint32_t i, uint32_t j) const;

  int mantissa_bits() const { return mantissa_bits_; }
  /// Whether products are more than a function of the significands, scaled: where they are rounded
  /// into posits.
  bool rounds_by_exponent() const { return posit_result_.has_value(); }
  /// Whether Multiply should be preferred (Model::of_arrays).
  bool of_arrays() const { return model_.of_arrays(); }

 private:
  /// The rounded value of what the model returns.
  float Rounded(uint64_t product) const;
  /// The product where no significands are multiplied: lines 1 to 3 of the rule.
  std::optional<float> SpecialProduct(float a, float b) const;
  /// What the model returned, scaled and signed, of the operands whose significands it is of; and
  /// that rounded.
  UnpackedReal Scaled(uint64_t product, float a, float b) const;
  float Finished(uint64_t product, float a, float b) const;
  ExactProduct FinishedExact(uint64_t product, float a, float b) const;
  /// products[i] = special(s) of what SpecialProduct says, or finish(P, a[i], b[i]).
  template <typename Product, typename Special, typename Finish>
  void MultiplyEach(const float* a, const float* b, Product* products, size_t n, Special special,
                    Finish finish) const;

  Model model_;
  int mantissa_bits_;
  ResultRounding result_;
  std::optional<PositFormat> posit_result_;
};

}  // namespace mulberry
