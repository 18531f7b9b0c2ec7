// Fixed-point formats fixed(il,fl): a sign bit, il integer bits and fl fraction bits. Their values
// are the multiples of eps = 2^-fl from -2^il to 2^il - eps; what lies beyond saturates. Either
// length may be negative: dynamic fixed point moves the point of a tensor to where its values are.
//
// FP32 carries the values. Where il + fl exceeds its 24 bits, the values are those of the multiples
// that FP32 has, as they are in the published simulation, whose tensors are FP32 too.
// Source: Na, Mukhopadhyay, "Speeding up Convolutional Neural Network Training with Dynamic
// Precision Scaling and Flexible Multiplier-Accumulator", ISLPED 2016, and the authors' Caffe.
// Not here: who moves the point while training runs (train/precision_scaling.h).
#pragma once

#include <cstdint>
#include <string>

#include "mulberry/formats/rounding.h"

namespace mulberry {

struct FixedFormat {
  static constexpr int kMaxLength = 31;
  /// Bound of |il| and |fl|. An FP32 subnormal is then less than 2^-32 of eps, which no rounding
  /// sees, and so eps and the bounds are normal.
  static constexpr int kMaxExponent = 94;

  int integer_bits = 4;
  int fraction_bits = 11;

  /// Bits without the sign, 1 to kMaxLength.
  constexpr int length() const { return integer_bits + fraction_bits; }
  /// The gap between neighbouring values, 2^-fl.
  float epsilon() const;
  /// -2^il.
  float min() const;
  /// The largest value that FP32 has: 2^il - eps, or for lengths above 24 FP32's neighbour of 2^il.
  float max() const;

  friend constexpr bool operator==(const FixedFormat&, const FixedFormat&) = default;
};

/// fixed(il,fl). Throws UsageError unless 1 <= il + fl <= 31 and |il|, |fl| <= 94.
FixedFormat MakeFixedFormat(int integer_bits, int fraction_bits);

/// "fixed(4,11)".
std::string Name(const FixedFormat& format);

/// `value` rounded to a multiple of eps and clamped to the range; infinities clamp too, and NaN
/// becomes 0. Zero is +0. `random` is read only by kStochastic, as for floats (rounding.h).
float Round(const FixedFormat& format, Rounding rounding, float value, uint32_t random = 0);

/// Whether `value` overflows: before any rounding it is at or past a bound, at most -2^il or at
/// least 2^il - eps, infinities included. Equality counts, as in the authors' simulation; what does
/// not overflow rounds without being clamped. NaN does not overflow.
bool Overflows(const FixedFormat& format, float value);

/// dfx(n): fixed point of n bits, the sign included, whose point belongs to each tensor and is
/// where the tensor's values are.
struct DynamicFixedFormat {
  static constexpr int kMinBits = 2, kMaxBits = FixedFormat::kMaxLength + 1;

  int bits = 16;

  friend constexpr bool operator==(const DynamicFixedFormat&, const DynamicFixedFormat&) = default;
};

/// dfx(n). Throws UsageError unless 2 <= bits <= 32.
DynamicFixedFormat MakeDynamicFixedFormat(int bits);

/// "dfx(16)".
std::string Name(const DynamicFixedFormat& format);

/// The fixed-point format of that length in which a tensor between the finite `smallest` and
/// `largest` does not overflow, with as few integer bits as that allows; of a tensor of zeros, and
/// at the ends of FixedFormat's range, the nearest there is.
FixedFormat FittedTo(const DynamicFixedFormat& format, float smallest, float largest);

}  // namespace mulberry
