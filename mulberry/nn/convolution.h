// Convolutions, ordinary and transposed, as dispatcher kernels of the mode: all of LibTorch's
// convNd and conv_transposeNd come down to these operators. Internal to nn.
//
// One and two spatial dimensions are simulated, with any stride, padding, dilation, groups and
// output padding; three stay native. The products and their order of summation:
//   forward          y(oc; img,oy,ox)  = sum over (ic,ky,kx)     of x · w
//   input gradient   dx(ic; img,iy,ix) = sum over (oc,ky,kx)     of dy · w
//   weight gradient  dw(oc; ic,ky,kx)  = sum over (img,oy,ox)    of dy · x
// A transposed convolution is the ordinary one with x and y in each other's place.
#pragma once

#include <ATen/core/Tensor.h>

#include "mulberry/nn/dispatch_key.h"

namespace mulberry {

/// aten::convolution.
at::Tensor Convolution(const at::Tensor& input, const at::Tensor& weight,
                       const TorchOptional<at::Tensor>& bias, at::IntArrayRef stride,
                       at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
                       at::IntArrayRef output_padding, int64_t groups);

/// aten::_convolution, which traced modules contain; the flags choose among native kernels.
at::Tensor ConvolutionWithFlags(const at::Tensor& input, const at::Tensor& weight,
                                const TorchOptional<at::Tensor>& bias, at::IntArrayRef stride,
                                at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
                                at::IntArrayRef output_padding, int64_t groups, bool benchmark,
                                bool deterministic, bool cudnn_enabled, bool allow_tf32);

/// aten::_convolution.deprecated.
at::Tensor ConvolutionDeprecated(const at::Tensor& input, const at::Tensor& weight,
                                 const TorchOptional<at::Tensor>& bias, at::IntArrayRef stride,
                                 at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
                                 at::IntArrayRef output_padding, int64_t groups, bool benchmark,
                                 bool deterministic, bool cudnn_enabled);

/// aten::conv_tbc: time × batch × channels.
at::Tensor ConvolutionTbc(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias,
                          int64_t padding);

}  // namespace mulberry
