#include "mulberry/nn/round_tensor.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>

#include "mulberry/base/error.h"
#include "mulberry/kernels/round.h"

namespace mulberry {
namespace {

Extent FiniteExtentOf(const at::Tensor& tensor, const Format& format, const TensorName& what) {
  const Extent extent = ExtentOf(tensor.data_ptr<float>(), tensor.numel());
  if (extent.finite) return extent;
  throw Error("a tensor with infinite or NaN elements cannot be quantised to {}: {}", Name(format),
              what());
}

// The real number that a step of the integers stands for in a tensor of that extent.
float StepOf(const IntegerFormat& format, const Scaling& scaling, const Extent& extent,
             const TensorName& what) {
  if (!format.is_signed && extent.smallest < 0.0f) {
    throw Error(
        "{} has no negative values, but a tensor that is to be quantised to it has: {}; a signed "
        "format, such as int{}, multiplies magnitudes and signs apart",
        Name(format), what(), format.bits);
  }
  if (scaling.kind == Scaling::Kind::kPower) return std::ldexp(1.0f, scaling.exponent);
  const float step = std::max(extent.largest, -extent.smallest) / static_cast<float>(format.max());
  return step > 0.0f ? step : 1.0f;
}

// The power of two that a tensor of floats or posits is divided by. One that is not finite shows
// it without a scale.
float PowerOf(const TensorFormat& tensor, const float* values, int64_t n) {
  double largest = 0, mean_log2 = 0;
  if (tensor.scaling.kind == Scaling::Kind::kMax) {
    const Extent extent = ExtentOf(values, n);
    if (!extent.finite) return 1.0f;
    largest = std::max(extent.largest, -extent.smallest);
  }
  if (tensor.scaling.kind == Scaling::Kind::kCenter) {
    const Magnitudes range = MagnitudesOf(tensor.format);
    mean_log2 = MeanLog2(values, n, range.smallest, range.largest);
  }
  return std::ldexp(1.0f, ScaleExponent(tensor.scaling, tensor.format, largest, mean_log2));
}

}  // namespace

RoundedTensor RoundInto(const TensorFormat& format, const at::Tensor& tensor, RandomStream stream,
                        const TensorName& what) {
  RoundedTensor rounded{at::empty_strided(tensor.sizes(), tensor.strides(), tensor.options())};
  const float* from = tensor.data_ptr<float>();
  float* to = rounded.values.data_ptr<float>();
  const int64_t size = tensor.numel();
  const auto quantise = [&](const IntegerFormat& integers) {
    QuantizeArray(integers, format.rounding, rounded.scale, from, to, size, stream);
  };
  const auto round_fixed = [&](const FixedFormat& fixed) {
    const auto integers = IntegersOf(fixed);
    if (integers) rounded.scale = fixed.epsilon();
    integers ? quantise(*integers)
             : void(RoundArray(fixed, format.rounding, from, to, size, stream));
  };
  if (const auto* integers = std::get_if<IntegerFormat>(&format.format)) {
    const Extent extent = FiniteExtentOf(tensor, format.format, what);
    rounded.scale = StepOf(*integers, format.scaling, extent, what);
    quantise(*integers);
  } else if (const auto* fixed = std::get_if<FixedFormat>(&format.format)) {
    FiniteExtentOf(tensor, format.format, what);
    round_fixed(*fixed);
  } else if (const auto* dynamic = std::get_if<DynamicFixedFormat>(&format.format)) {
    const Extent extent = FiniteExtentOf(tensor, format.format, what);
    round_fixed(FittedTo(*dynamic, extent.smallest, extent.largest));
  } else if (const auto* blocks = std::get_if<BlockFormat>(&format.format)) {
    RoundArray(*blocks, format.rounding, from, to, size, stream);
  } else {
    rounded.scale = PowerOf(format, from, size);
    if (rounded.scale != 1.0f) {
      at::mul_out(rounded.values, tensor, 1.0f / rounded.scale);
      from = to;
    }
    if (const auto* floats = std::get_if<FloatFormat>(&format.format)) {
      RoundArray(*floats, format.rounding, from, to, size, stream);
    } else {
      RoundArray(std::get<PositFormat>(format.format), format.rounding, from, to, size, stream);
    }
  }
  return rounded;
}

at::Tensor RoundTensor(const TensorFormat& format, const at::Tensor& tensor, RandomStream stream,
                       const TensorName& what) {
  const bool dense = tensor.is_non_overlapping_and_dense();
  RoundedTensor rounded = RoundInto(format, dense ? tensor : tensor.contiguous(), stream, what);
  if (rounded.scale != 1.0f) rounded.values.mul_(rounded.scale);
  return rounded.values;
}

}  // namespace mulberry
