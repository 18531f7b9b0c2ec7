// Matrix products as dispatcher kernels of the mode: linear, matmul, einsum, attention and
// recurrent layers come down to these operators. Internal to nn.
//
// A product of which one operand is a weight is a layer ("linear"); its gradients are the weight's
// and the other operand's. A product without a weight is "matmul": the gradient of its left operand
// counts as input gradient, that of its right operand as weight gradient.
#pragma once

#include <ATen/core/Scalar.h>
#include <ATen/core/Tensor.h>

#include <type_traits>

namespace mulberry {

at::Tensor Mm(const at::Tensor& a, const at::Tensor& b);
at::Tensor Bmm(const at::Tensor& a, const at::Tensor& b);
at::Tensor Mv(const at::Tensor& matrix, const at::Tensor& vector);
at::Tensor Dot(const at::Tensor& a, const at::Tensor& b);
at::Tensor Vdot(const at::Tensor& a, const at::Tensor& b);

/// beta · self + alpha · product, the sums in FP32. As in LibTorch, self is not read if beta is 0.
at::Tensor Addmm(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b,
                 const at::Scalar& beta, const at::Scalar& alpha);
at::Tensor Baddbmm(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b,
                   const at::Scalar& beta, const at::Scalar& alpha);
at::Tensor Addbmm(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b,
                  const at::Scalar& beta, const at::Scalar& alpha);
at::Tensor Addmv(const at::Tensor& self, const at::Tensor& matrix, const at::Tensor& vector,
                 const at::Scalar& beta, const at::Scalar& alpha);
/// Addmm followed by GELU or ReLU.
at::Tensor AddmmActivation(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b,
                           const at::Scalar& beta, const at::Scalar& alpha, bool use_gelu);

/// Puts a result into the out argument of an operator: resized as needed; throws c10::Error, as
/// LibTorch does, for another type of element or where a gradient would be lost.
at::Tensor& WriteOut(const at::Tensor& result, at::Tensor& out);

/// The out= and the in-place form of an operator.
template <auto kOperator>
struct VariantsOf;

template <typename Self, typename... Args, at::Tensor (*kOperator)(Self, Args...)>
struct VariantsOf<kOperator> {
  static at::Tensor& Out(Self self, Args... args, at::Tensor& out) {
    return WriteOut(kOperator(self, args...), out);
  }
  static at::Tensor& InPlace(at::Tensor& self, Args... args) {
    return self.copy_(kOperator(self, args...));
  }
};

}  // namespace mulberry
