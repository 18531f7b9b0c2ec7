// The autograd function of a rounding point. See rounding_point.h.
#include "mulberry/nn/rounding_point.h"

#include <ATen/core/grad_mode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class_detail.h>

#include <utility>

#include "mulberry/base/error.h"
#include "mulberry/nn/dispatch_key.h"
#include "mulberry/nn/state.h"

namespace mulberry {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct PointCall : torch::CustomClassHolder {
  std::shared_ptr<const RoundingPoint> point;
};

struct PointFunction : torch::autograd::Function<PointFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& tensor,
                            c10::intrusive_ptr<PointCall> call) {
    context->set_materialize_grads(false);
    at::Tensor result = call->point->forward(tensor);
    // Autograd takes a returned argument for an operator that did nothing.
    if (result.is_same(tensor)) result = tensor.detach();
    context->saved_data["call"] = c10::IValue::make_capsule(std::move(call));
    return result;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    variable_list result(2);  // Of tensor and call.
    if (!gradients[0].defined()) return result;
    const c10::impl::ExcludeDispatchKeyGuard below_the_mode(kModeKey);
    if (at::GradMode::is_enabled()) {
      throw Error("a rounding point has no second derivative; call backward without create_graph");
    }
    const auto call =
        c10::static_intrusive_pointer_cast<PointCall>(context->saved_data["call"].toCapsule());
    result[0] = call->point->backward(gradients[0]);
    return result;
  }
};

}  // namespace

at::Tensor PassThrough(const std::shared_ptr<const RoundingPoint>& point,
                       const at::Tensor& tensor) {
  const c10::impl::ExcludeDispatchKeyGuard below_the_mode(kModeKey);
  if (!NeedsGraph(tensor, tensor)) {
    const at::NoGradGuard no_graph;
    return point->forward(tensor);
  }
  auto call = c10::make_intrusive<PointCall>();
  call->point = point;
  return PointFunction::apply(tensor, call);
}

}  // namespace mulberry
