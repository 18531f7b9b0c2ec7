// How a tensor is scaled into a format: it is divided by a power of two (for integers, by any real
// step), rounded, and what is made of it is multiplied by that again. Not here: the rounding itself
// (rounding.h), the integers of a step and a zero point (quantizer.h), and the scales of blocks,
// which are part of their formats (block.h).
#pragma once

#include <cstdint>
#include <string>

#include "mulberry/formats/format.h"

namespace mulberry {

struct Scaling {
  enum class Kind : uint8_t {
    kNone,    ///< By 1.
    kMax,     ///< The tensor's largest magnitude becomes the format's largest value; of floats, the
              ///< largest power of two that keeps it within.
    kAffine,  ///< Of integers: the tensor's range becomes the format's, by a step and a zero point.
    kCenter,  ///< By 2^(c + exponent), c = round(mean(log2|x|)), |x| clipped to the format's range,
              ///< over the elements that are not zero.
    kPower,   ///< By 2^exponent.
  };
  /// Of kCenter, the layer-wise scaling of Lu et al., "Training Deep Neural Networks Using Posit
  /// Number System", SOCC 2019. Taken with their logarithm of the smallest posit, the many zeros
  /// that ReLU and pooling leave would put the center far below the values that matter.
  static constexpr int kUsualShift = 2;
  /// Bound of |exponent|.
  static constexpr int kMaxExponent = 60;

  Kind kind = Kind::kNone;
  int exponent = 0;
  /// Of kMax and kAffine of integers: not one for the tensor, but one for each channel, which are
  /// the rows or columns of the product that the operand is of.
  bool per_channel = false;

  friend constexpr bool operator==(const Scaling&, const Scaling&) = default;
};

/// What a format's tensors are scaled by unless told otherwise: of integers, whose values mean
/// nothing before, the largest magnitude; nothing else is scaled.
Scaling DefaultScaling(const Format& format);

/// Whether the format's tensors can be scaled so: fixed point and blocks have scales of their own,
/// and posits no largest value worth reaching.
bool CanScale(const Format& format, Scaling::Kind kind);

/// "none", "max", "max(channel)", "affine", "center" (with the usual shift), "center(3)",
/// "power(-4)".
std::string Name(const Scaling& scaling);

/// Of a tensor of floats or posits: the exponent of the power of two that `scaling` divides it by,
/// from its largest magnitude and the mean of log2 of its clipped magnitudes, each where it is
/// asked for. At most kMaxExponent in magnitude.
int ScaleExponent(const Scaling& scaling, const Format& format, double largest, double mean_log2);

/// The smallest positive and the largest value of floats or posits, to which magnitudes are clipped
/// for kCenter.
struct Magnitudes {
  float smallest, largest;
};
Magnitudes MagnitudesOf(const Format& format);

}  // namespace mulberry
