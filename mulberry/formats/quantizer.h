// Real numbers as integers of a tensor: an integer q stands for step · (q - zero), the affine
// quantisation of Jacob et al., "Quantization and Training of Neural Networks for Efficient
// Integer-Arithmetic-Only Inference", CVPR 2018; symmetric where zero is 0. Not here: arrays
// (kernels/round.h), which tensors share a step (scaling.h).
#pragma once

#include <cstdint>

#include "mulberry/formats/integer_format.h"
#include "mulberry/formats/scaling.h"

namespace mulberry {

/// Of real numbers, 0 among them.
struct Range {
  float smallest = 0.0f;  ///< At most 0.
  float largest = 0.0f;   ///< At least 0.

  friend constexpr bool operator==(const Range&, const Range&) = default;
};

struct Quantizer {
  IntegerFormat format;
  float step = 1.0f;  ///< Positive.
  int32_t zero = 0;   ///< A value of the format. Real 0 is this integer exactly.

  friend constexpr bool operator==(const Quantizer&, const Quantizer&) = default;
};

/// For a tensor whose finite elements are in the range:
///   kMax     step = the largest magnitude / format.max()
///   kAffine  step = (largest - smallest) / (format.max() - format.min()), and zero the integer
///            nearest to format.min() - smallest / step, ties away from 0
///   kPower   step = 2^exponent
/// Steps are FP32's; that of a tensor of zeros, or too small for FP32, is 1. Where `smallest` is
/// negative and the format unsigned, kMax and kPower have no integers for what is negative.
Quantizer FitQuantizer(const IntegerFormat& format, const Scaling& scaling, const Range& range);

/// value / step in FP32, rounded to an integer, plus zero, clamped to the format's range;
/// infinities clamp too, and NaN becomes zero. `random` is read only by kStochastic.
float Quantize(const Quantizer& quantizer, Rounding rounding, float value, uint32_t random = 0);

}  // namespace mulberry
