#include "mulberry/nn/round_tensor.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>

#include "mulberry/base/error.h"
#include "mulberry/kernels/round.h"

namespace mulberry {
namespace {

Extent FiniteExtentOf(const float* values, int64_t n, const Format& format,
                      const TensorName& what) {
  const Extent extent = ExtentOf(values, n);
  if (extent.finite) return extent;
  throw NotFiniteError("a tensor with infinite or NaN elements cannot be quantised to {}: {}",
                       Name(format), what());
}

// What the integers of a tensor with these n elements are to stand for.
Quantizer QuantizerOf(const IntegerFormat& format, const Scaling& scaling, const float* values,
                      int64_t n, const TensorName& what, const Range* range = nullptr) {
  const Extent extent = FiniteExtentOf(values, n, format, what);
  const Range fitted = range ? *range : Range{extent.smallest, extent.largest};
  RequireHeld(format, scaling, fitted, what);
  return FitQuantizer(format, scaling, fitted);
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

void RequireHeld(const IntegerFormat& format, const Scaling& scaling, const Range& range,
                 const TensorName& what) {
  if (format.is_signed || range.smallest >= 0.0f || scaling.kind == Scaling::Kind::kAffine) return;
  throw Error(
      "{} has no negative values, but a tensor that is to be quantised to it has: {}; "
      "scale=affine gives it a zero point, and a signed format, such as int{}, multiplies "
      "magnitudes and signs apart",
      Name(format), what(), format.bits);
}

RoundedTensor RoundInto(const TensorFormat& format, const at::Tensor& tensor, RandomStream stream,
                        const TensorName& what, const Range* range) {
  RoundedTensor rounded{at::empty_strided(tensor.sizes(), tensor.strides(), tensor.options())};
  const float* from = tensor.data_ptr<float>();
  float* to = rounded.values.data_ptr<float>();
  const int64_t size = tensor.numel();
  const auto quantise = [&](const Quantizer& quantizer) {
    rounded.scale = quantizer.step;
    rounded.zero = quantizer.zero;
    QuantizeArray(quantizer, format.rounding, from, to, size, stream);
  };
  const auto round_fixed = [&](const FixedFormat& fixed) {
    const auto integers = IntegersOf(fixed);
    integers ? quantise({*integers, fixed.epsilon()})
             : void(RoundArray(fixed, format.rounding, from, to, size, stream));
  };
  if (const auto* integers = std::get_if<IntegerFormat>(&format.format)) {
    quantise(QuantizerOf(*integers, format.scaling, from, size, what, range));
  } else if (const auto* fixed = std::get_if<FixedFormat>(&format.format)) {
    FiniteExtentOf(from, size, format.format, what);
    round_fixed(*fixed);
  } else if (const auto* dynamic = std::get_if<DynamicFixedFormat>(&format.format)) {
    const Extent extent = FiniteExtentOf(from, size, format.format, what);
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

RoundedChannels RoundChannels(const TensorFormat& format, const at::Tensor& tensor,
                              RandomStream stream, const TensorName& what) {
  const auto& integers = std::get<IntegerFormat>(format.format);
  RoundedChannels rounded{at::empty_like(tensor), {}, {}};
  const int64_t channels = tensor.size(0), size = channels > 0 ? tensor.numel() / channels : 0;
  for (int64_t i = 0; i < channels; ++i) {
    const float* from = tensor.data_ptr<float>() + i * size;
    const Quantizer quantizer = QuantizerOf(integers, format.scaling, from, size, what);
    rounded.scales.push_back(quantizer.step);
    rounded.zeros.push_back(quantizer.zero);
    QuantizeArray(quantizer, format.rounding, from, rounded.values.data_ptr<float>() + i * size,
                  size, stream, static_cast<uint64_t>(i * size));
  }
  return rounded;
}

at::Tensor RoundTensor(const TensorFormat& format, const at::Tensor& tensor, RandomStream stream,
                       const TensorName& what) {
  const bool dense = tensor.is_non_overlapping_and_dense();
  RoundedTensor rounded = RoundInto(format, dense ? tensor : tensor.contiguous(), stream, what);
  if (rounded.zero != 0) rounded.values.sub_(rounded.zero);
  if (rounded.scale != 1.0f) rounded.values.mul_(rounded.scale);
  return rounded.values;
}

}  // namespace mulberry
