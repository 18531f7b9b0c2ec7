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

  const IntegerFormat& format() const { return format_; }

 private:
  Model model_;
  IntegerFormat format_;
  SignHandling handling_;
};

}  // namespace mulberry
