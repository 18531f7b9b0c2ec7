#include "mulberry/nn/matmul.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <c10/util/Exception.h>
#include <torch/csrc/autograd/custom_function.h>

#include <optional>
#include <utility>

#include "mulberry/nn/dispatch_key.h"
#include "mulberry/nn/error_product.h"
#include "mulberry/nn/gradient_model.h"
#include "mulberry/nn/operand.h"
#include "mulberry/nn/state.h"

namespace mulberry {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct MatmulCall : ProductCall {
  bool weight_on_left = false;

  Pass pass_of_left() const {
    return weight_on_left ? Pass::kWeightGradient : Pass::kInputGradient;
  }
  Pass pass_of_right() const {
    return weight_on_left ? Pass::kInputGradient : Pass::kWeightGradient;
  }
};

// LibTorch's own operator, for two or three dimensions.
at::Tensor Native(const at::Tensor& a, const at::Tensor& b) {
  return a.dim() == 3 ? at::bmm(a, b) : at::mm(a, b);
}

Operand MatrixOperand(const at::Tensor& batch, int64_t i) {
  const float* data = batch.data_ptr<float>() + (batch.dim() == 3 ? i * batch.stride(0) : 0);
  return StridedOperand(data, batch.size(-2), batch.size(-1), batch.stride(-2), batch.stride(-1));
}

at::Tensor Simulate(const at::Tensor& a, const at::Tensor& b, bool b_first,
                    const SimulatedPass& pass) {
  std::vector<int64_t> sizes = a.sizes().vec();
  sizes.back() = b.size(-1);
  const int64_t m = a.size(-2), n = b.size(-1);
  at::Tensor c = a.size(-1) == 0 ? at::zeros(sizes, a.options()) : at::empty(sizes, a.options());
  using enum OperandIndex;
  const RoundedOperand left = RoundOperand(a, b_first ? kSecond : kFirst, a.dim() - 2, pass);
  const RoundedOperand right = RoundOperand(b, b_first ? kFirst : kSecond, b.dim() - 1, pass);
  PassProduct{pass, left, right, c}.Run(a.dim() == 3 ? a.size(0) : 1, [&](int64_t i) {
    GemmProblem problem;
    problem.a = MatrixOperand(left.values, i);
    problem.b = MatrixOperand(right.values, i);
    problem.c.data = c.data_ptr<float>() + i * m * n;
    problem.c.row_stride = n;
    problem.c.inner = n;
    problem.b_first = b_first;
    return PassProblem{problem};
  });
  return c;
}

// In the input's gradient the weight is transposed.
at::Tensor WithErrors(const at::Tensor& a, const at::Tensor& b, Pass pass, const MatmulCall& call) {
  using enum WeightPlace;
  at::Tensor factors = call.weight_factors[static_cast<size_t>(pass)];
  if (factors.defined() && pass == Pass::kInputGradient) factors = factors.transpose(-2, -1);
  const WeightPlace of_operand = call.weight_on_left ? kA : kB;
  return ProductWithErrors({call, pass}, a, b, pass == Pass::kWeightGradient ? kResult : of_operand,
                           factors, Native);
}

at::Tensor RunPass(const at::Tensor& a, const at::Tensor& b, bool b_first, Pass pass,
                   const MatmulCall& call) {
  const Plan* plan = call.pass(pass).plan.get();
  at::Tensor c = !plan            ? Native(a, b)
                 : plan->errors() ? WithErrors(a, b, pass, call)
                                  : Simulate(a, b, b_first, {call, pass});
  call.Record(pass, c.numel() * a.size(-1));
  return c;
}

// Native gradients of the forward product `a · b` of integers, by an estimator.
class EstimatedGradients {
 public:
  EstimatedGradients(const MatmulCall& call, const at::Tensor& gradient, const at::Tensor& a,
                     const at::Tensor& b)
      : forward_{call, Pass::kForward},
        gradient_(gradient),
        a_(a),
        b_(b),
        left_index_(call.weight_on_left ? OperandIndex::kSecond : OperandIndex::kFirst),
        right_index_(call.weight_on_left ? OperandIndex::kFirst : OperandIndex::kSecond),
        left_(RoundOperand(a, left_index_, a.dim() - 2, forward_)),
        right_(RoundOperand(b, right_index_, b.dim() - 1, forward_)) {}

  at::Tensor OfLeft(const GradientModel& model) const {
    return Within(a_, left_, left_index_,
                  model.Gradient(left_index_, left_, right_, b_.dim() - 1,
                                 [&](const at::Tensor& other, float) {
                                   return Native(gradient_, other.transpose(-2, -1));
                                 }));
  }

  at::Tensor OfRight(const GradientModel& model) const {
    return Within(b_, right_, right_index_,
                  model.Gradient(right_index_, right_, left_, a_.dim() - 2,
                                 [&](const at::Tensor& other, float) {
                                   return Native(other.transpose(-2, -1), gradient_);
                                 }));
  }

 private:
  // The gradient of an operand, which ends where a given range clips it.
  at::Tensor Within(const at::Tensor& operand, const RoundedOperand& rounded, OperandIndex index,
                    at::Tensor result) const {
    if (index == OperandIndex::kFirst && forward_.state().RangeOf(*forward_.call.layer)) {
      const IntegerFormats formats = forward_.plan().arithmetic().integer_formats();
      result.mul_(WithinRange(operand, rounded, formats.first));
    }
    return result;
  }

  const SimulatedPass forward_;
  const at::Tensor &gradient_, &a_, &b_;
  const OperandIndex left_index_, right_index_;
  const RoundedOperand left_, right_;
};

// The multiplier's first operand is the activation, for products without a weight the left matrix.
at::Tensor Forward(const at::Tensor& a, const at::Tensor& b, const MatmulCall& call) {
  return RunPass(a, b, call.weight_on_left, Pass::kForward, call);
}

struct MatmulFunction : torch::autograd::Function<MatmulFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& a, const at::Tensor& b,
                            c10::intrusive_ptr<MatmulCall> call) {
    // An estimator looks at both operands for either's gradient.
    const bool both = call->layer->gradients != nullptr;
    context->save_for_backward({both || b.requires_grad() ? a : at::Tensor(),
                                both || a.requires_grad() ? b : at::Tensor()});
    context->set_materialize_grads(false);
    at::Tensor c = Forward(a, b, *call);
    context->saved_data["call"] = c10::IValue::make_capsule(std::move(call));
    return c;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const at::Tensor& gradient = gradients[0];
    variable_list result(3);  // Of a, b and call.
    if (!gradient.defined()) return result;
    const c10::impl::ExcludeDispatchKeyGuard below_the_mode(kModeKey);
    const auto call =
        c10::static_intrusive_pointer_cast<MatmulCall>(context->saved_data["call"].toCapsule());
    RefuseDoubleBackward(*call->layer);
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &a = saved[0], &b = saved[1];
    std::optional<EstimatedGradients> estimated;  // The operands are rounded once for both.
    const auto estimate = [&](Pass pass) -> const EstimatedGradients& {
      call->Record(pass, gradient.numel() * a.size(-1));
      if (!estimated) estimated.emplace(*call, gradient, a, b);
      return *estimated;
    };
    // In both gradients the multiplier's first operand is the output's gradient.
    if (context->needs_input_grad(0)) {
      const Pass pass = call->pass_of_left();
      const GradientModel* model = call->gradients(pass);
      result[0] = model ? estimate(pass).OfLeft(*model)
                        : RunPass(gradient, b.transpose(-2, -1), false, pass, *call);
    }
    if (context->needs_input_grad(1)) {
      const Pass pass = call->pass_of_right();
      const GradientModel* model = call->gradients(pass);
      result[1] = model ? estimate(pass).OfRight(*model)
                        : RunPass(a.transpose(-2, -1), gradient, true, pass, *call);
    }
    return result;
  }
};

bool IsOrdinary(const at::Tensor& a, const at::Tensor& b, int64_t dims) {
  return HasPlainMemory(a) && HasPlainMemory(b) && a.dim() == dims && b.dim() == dims &&
         a.size(-1) == b.size(-2) && (dims == 2 || a.size(0) == b.size(0)) &&
         a.scalar_type() == b.scalar_type() && a.device() == b.device();
}

at::Tensor Product(const at::Tensor& a, const at::Tensor& b, int64_t dims) {
  const c10::impl::ExcludeDispatchKeyGuard below_the_mode(kModeKey);
  auto call = c10::make_intrusive<MatmulCall>();
  call->state = CurrentState();
  const Weight* weight = call->state->FindWeight(b);
  if (!weight) {
    weight = call->state->FindWeight(a);
    call->weight_on_left = weight != nullptr;
  }
  const bool ordinary = IsOrdinary(a, b, dims);
  std::string why = WhyNative(a);
  if (why.empty()) why = WhyNative(b);
  if (why.empty() && !ordinary) why = "LibTorch decides what these shapes mean";
  call->layer = call->state->FindLayer(weight, weight ? "linear" : "matmul", why);
  if (weight) {
    call->state->Observe(*call->layer, call->weight_on_left ? b : a);
    call->weight_factors =
        call->state->WeightFactors(*call->layer, *weight, call->weight_on_left ? a : b);
  }
  if (!ordinary) {
    at::Tensor c = dims == 3 ? at::bmm(a, b) : at::mm(a, b);
    call->Record(Pass::kForward, c.numel() * a.size(-1));
    return c;
  }
  return NeedsGraph(a, b) ? MatmulFunction::apply(a, b, call) : Forward(a, b, *call);
}

at::Tensor Combine(const at::Tensor& self, const at::Tensor& product, const at::Scalar& beta,
                   const at::Scalar& alpha) {
  const c10::impl::ExcludeDispatchKeyGuard below_the_mode(kModeKey);
  TORCH_CHECK(self.scalar_type() == product.scalar_type(), "the added tensor is of type ",
              self.scalar_type(), ", but the matrix product of type ", product.scalar_type());
  const at::Tensor added = self.expand(product.sizes());
  const at::Tensor scaled = alpha.equal(1) ? product : product * alpha;
  return beta.equal(0) ? scaled : at::add(scaled, added, beta);
}

// What an operator made of the product of a and b, of which one may be a layer's weight: through
// that layer's rounding point.
at::Tensor AtRoundingPoint(const at::Tensor& a, const at::Tensor& b, const at::Tensor& output) {
  const std::shared_ptr<ModeState> state = CurrentState();
  if (!state->has_rounding_points()) return output;
  const Weight* weight = state->FindWeight(b);
  return state->AtRoundingPoint(weight ? weight : state->FindWeight(a), output);
}

at::Tensor MatrixByVector(const at::Tensor& matrix, const at::Tensor& vector) {
  return Product(matrix, vector.unsqueeze(1), 2).squeeze(1);
}

}  // namespace

at::Tensor Mm(const at::Tensor& a, const at::Tensor& b) {
  return AtRoundingPoint(a, b, Product(a, b, 2));
}

at::Tensor Bmm(const at::Tensor& a, const at::Tensor& b) {
  return AtRoundingPoint(a, b, Product(a, b, 3));
}

at::Tensor Mv(const at::Tensor& matrix, const at::Tensor& vector) {
  return AtRoundingPoint(matrix, vector, MatrixByVector(matrix, vector));
}

at::Tensor Dot(const at::Tensor& a, const at::Tensor& b) {
  return Mm(a.unsqueeze(0), b.unsqueeze(1)).reshape({});
}

at::Tensor Vdot(const at::Tensor& a, const at::Tensor& b) {
  return Dot(a.conj(), b);
}

at::Tensor Addmm(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b,
                 const at::Scalar& beta, const at::Scalar& alpha) {
  return AtRoundingPoint(a, b, Combine(self, Product(a, b, 2), beta, alpha));
}

at::Tensor Baddbmm(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b,
                   const at::Scalar& beta, const at::Scalar& alpha) {
  return AtRoundingPoint(a, b, Combine(self, Product(a, b, 3), beta, alpha));
}

at::Tensor Addbmm(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b,
                  const at::Scalar& beta, const at::Scalar& alpha) {
  return AtRoundingPoint(a, b, Combine(self, Product(a, b, 3).sum(0), beta, alpha));
}

at::Tensor Addmv(const at::Tensor& self, const at::Tensor& matrix, const at::Tensor& vector,
                 const at::Scalar& beta, const at::Scalar& alpha) {
  return AtRoundingPoint(matrix, vector,
                         Combine(self, MatrixByVector(matrix, vector), beta, alpha));
}

at::Tensor AddmmActivation(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b,
                           const at::Scalar& beta, const at::Scalar& alpha, bool use_gelu) {
  const at::Tensor sum = Addmm(self, a, b, beta, alpha);
  return use_gelu ? at::gelu(sum) : at::relu(sum);
}

at::Tensor& WriteOut(const at::Tensor& result, at::Tensor& out) {
  TORCH_CHECK(!at::GradMode::is_enabled() || !(result.requires_grad() || out.requires_grad()),
              "functions with out=... arguments do not support automatic differentiation, but one "
              "of the arguments requires grad");
  TORCH_CHECK(out.scalar_type() == result.scalar_type(), "expected out tensor to have dtype ",
              result.scalar_type(), ", but got ", out.scalar_type(), " instead");
  if (out.sizes() != result.sizes()) out.resize_(result.sizes());
  return out.copy_(result);
}

}  // namespace mulberry
