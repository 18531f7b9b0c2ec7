// The one wrapper that makes an integer multiplier of a functional model: where the sign goes.
//
// The rule for a of an n-bit format and b of an m-bit one:
//   both unsigned           a and b are the model's operands.
//   sign-magnitude          |a| and |b| are; the product gets the XOR of the signs, of which an
//                           unsigned operand has none. |-2^(n-1)| fits the model's n bits.
//   two's complement        the n-bit and m-bit encodings are; the low n+m bits of what the model
//                           returns are the product's encoding.
// The library's families are sign-magnitude, circuits that users bring two's complement.
// Not here: scales and zero points of quantised tensors (nn/), and sums (kernels/ref).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mulberry/formats/integer_format.h"
#include "mulberry/multipliers/multiplier.h"

namespace mulberry {

enum class SignHandling : uint8_t { kMagnitude, kTwosComplement };
std::string_view Name(SignHandling handling);  // "magnitude", "twos"

class IntegerMultiplier {
 public:
  /// `model` takes operands of the formats' bits. `handling` matters where either is signed.
  IntegerMultiplier(Model model, IntegerFormats formats, SignHandling handling);

  /// The product of two values of their formats.
  int64_t operator()(int32_t a, int32_t b) const;

  /// The products of n pairs, as by the operator; faster where the model is of arrays.
  void Multiply(const int32_t* a, const int32_t* b, int64_t* products, size_t n) const;

  const IntegerFormats& formats() const { return formats_; }
  /// Whether Multiply should be preferred (Model::of_arrays).
  bool of_arrays() const { return model_.of_arrays(); }

 private:
  bool takes_encodings() const {
    return formats_.any_signed() && handling_ == SignHandling::kTwosComplement;
  }
  /// What the model is given for a value, and the value of what it returns for a and b.
  uint32_t OperandOf(const IntegerFormat& format, int32_t value) const;
  int64_t ProductOf(int32_t a, int32_t b, uint64_t product) const;

  Model model_;
  IntegerFormats formats_;
  SignHandling handling_;
};

}  // namespace mulberry
