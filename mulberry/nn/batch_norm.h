// Batch normalisation as a dispatcher kernel of the mode: LibTorch's own, between two rounding
// points. Internal to nn.
#pragma once

#include <ATen/core/Tensor.h>

#include "mulberry/nn/dispatch_key.h"

namespace mulberry {

/// aten::batch_norm, whose input and output pass through Approximate::Options::batch_norm_point
/// where there is one, each there and its gradient back.
at::Tensor BatchNorm(const at::Tensor& input, const TorchOptional<at::Tensor>& weight,
                     const TorchOptional<at::Tensor>& bias,
                     const TorchOptional<at::Tensor>& running_mean,
                     const TorchOptional<at::Tensor>& running_var, bool training, double momentum,
                     double eps, bool cudnn_enabled);

}  // namespace mulberry
