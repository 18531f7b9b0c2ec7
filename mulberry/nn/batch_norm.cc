#include "mulberry/nn/batch_norm.h"

#include <ATen/Functions.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

#include "mulberry/nn/rounding_point.h"
#include "mulberry/nn/state.h"

namespace mulberry {

at::Tensor BatchNorm(const at::Tensor& input, const TorchOptional<at::Tensor>& weight,
                     const TorchOptional<at::Tensor>& bias,
                     const TorchOptional<at::Tensor>& running_mean,
                     const TorchOptional<at::Tensor>& running_var, bool training, double momentum,
                     double eps, bool cudnn_enabled) {
  const c10::impl::ExcludeDispatchKeyGuard below_the_mode(kModeKey);
  const std::shared_ptr<const RoundingPoint> point = CurrentState()->batch_norm_point();
  const auto normalise = [&](const at::Tensor& x) {
    return at::batch_norm(x, weight, bias, running_mean, running_var, training, momentum, eps,
                          cudnn_enabled);
  };
  if (!point || !WhyNative(input).empty()) return normalise(input);
  return PassThrough(point, normalise(PassThrough(point, input)));
}

}  // namespace mulberry
