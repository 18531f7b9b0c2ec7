// A tensor in a number format: scaled, rounded, and scaled back. What tensors go through that are
// kept in a format, and, before they are scaled back, the operands of products (operand.h).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/base/error.h"
#include "mulberry/base/random.h"
#include "mulberry/formats/quantizer.h"

namespace mulberry {

/// A tensor's name for messages, which is asked for where one is written.
using TensorName = std::function<std::string()>;

/// A tensor that was to become integers has infinities or NaNs.
class NotFiniteError : public Error {
 public:
  using Error::Error;
};

/// Throws Error if values of the range, negative ones, have no integers in the format so scaled.
void RequireHeld(const IntegerFormat& format, const Scaling& scaling, const Range& range,
                 const TensorName& what);

/// A tensor in a format: what it stands for is scale · (values - zero).
struct RoundedTensor {
  at::Tensor values;
  float scale = 1.0f;
  int32_t zero = 0;  ///< Of integers.
};

/// `tensor` (float, on the CPU, dense in memory) scaled and rounded into the format, with the same
/// sizes and strides. Element i in memory order takes the i-th number of `stream`. Integers, and
/// fixed point that is multiplied as integers, are integers, and the scale is what a step of them
/// is worth: of integers that of FitQuantizer, of fixed point eps. Blocks are consecutive elements
/// in memory order. Integers whose scaling asks for the tensor's range take `range` instead where
/// it is given; what lies beyond becomes the nearer of its ends. Throws NotFiniteError for
/// infinities and NaNs in integers and fixed point, and Error as RequireHeld does for the range;
/// `what` names the tensor in messages.
RoundedTensor RoundInto(const TensorFormat& format, const at::Tensor& tensor, RandomStream stream,
                        const TensorName& what, const Range* range = nullptr);

/// The same of integers for each slice of dimension 0 by itself, of a tensor that is contiguous.
struct RoundedChannels {
  at::Tensor values;
  std::vector<float> scales;
  std::vector<int32_t> zeros;
};
RoundedChannels RoundChannels(const TensorFormat& format, const at::Tensor& tensor,
                              RandomStream stream, const TensorName& what);

/// What the tensor becomes: scale · (values - zero), of any layout.
at::Tensor RoundTensor(const TensorFormat& format, const at::Tensor& tensor, RandomStream stream,
                       const TensorName& what);

}  // namespace mulberry
