// The one wrapper that makes an integer multiplier of a functional model: where the sign goes.
//
// The rule for a and b of an n-bit format:
//   unsigned                a and b are the model's operands.
//   signed, sign-magnitude  |a| and |b| are; the product gets the XOR of the signs. |-2^(n-1)| fits
//                           the model's n bits.
//   signed, two's complement  the n-bit encodings are; the low 2n bits of what the model returns
//                           are the product's encoding.
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
  /// `model` takes operands of format.bits bits. `handling` matters for signed formats only.
  IntegerMultiplier(Model model, IntegerFormat format, SignHandling handling);

  /// The product of two values of the format.
  int64_t operator()(int32_t a, int32_t b) const;

  /// The products of n pairs, as by the operator; faster where the model is of arrays.
  void Multiply(const int32_t* a, const int32_t* b, int64_t* products, size_t n) const;

  const IntegerFormat& format() const { return format_; }
  /// Whether Multiply should be preferred (Model::of_arrays).
  bool of_arrays() const { return model_.of_arrays(); }

 private:
  bool takes_encodings() const {
    return format_.is_signed && handling_ == SignHandling::kTwosComplement;
  }
  /// What the model is given for a value, and the value of what it returns for a and b.
  uint32_t OperandOf(int32_t value) const;
  int64_t ProductOf(int32_t a, int32_t b, uint64_t product) const;

  Model model_;
  IntegerFormat format_;
  SignHandling handling_;
};

}  // namespace mulberry
