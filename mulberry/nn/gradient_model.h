// Gradients of products of integers as sums of native products. Internal to nn.
//
// Where the derivative of M(a, b) in an operand is a short sum of products of functions of one
// operand each, Σ_r f_r(a)·g_r(b), the gradient of the operand A of a matrix product is
//   dA = Σ_r f_r(A) ∘ (dY · g_r(B)ᵀ),
// LibTorch's own product once for each term; so it is of convolutions. Straight-through and slopes
// have one term, whose function of the operand itself is 1. The table of differences is the exact
// product's, which has one, and the singular vectors of the rest.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <vector>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/nn/gradient_estimator.h"
#include "mulberry/nn/operand.h"

namespace mulberry {

/// A native product: the gradient of an operand, linear in the other one, of which `other` takes
/// the place. `other_at_zero` is what `other` is where the other operand is real 0, as in padding.
using NativeGradient = std::function<at::Tensor(const at::Tensor& other, float other_at_zero)>;

class GradientModel {
 public:
  /// Of an arithmetic on integers; models are cached for the life of the process. Throws as
  /// analysis/slopes.h, and UsageError where an operand is rounded stochastically, since the
  /// backward pass rounds it anew.
  static std::shared_ptr<const GradientModel> Of(const GradientEstimator& estimator,
                                                 const Arithmetic& arithmetic);

  /// The gradient of operand `of`, `self`, of a product whose other operand is `other`, both as
  /// RoundOperand gives them; `channel_dim` is that of the one that has channels.
  at::Tensor Gradient(OperandIndex of, const RoundedOperand& self, const RoundedOperand& other,
                      int64_t channel_dim, const NativeGradient& native) const;

  /// Native products that the gradient of an operand takes.
  size_t terms(OperandIndex of) const { return terms_[of].size(); }

  /// What the gradients are made of: the derivative in operand `of` at a pair of values.
  double Slope(OperandIndex of, int64_t first, int64_t second) const;

 private:
  // Tables of both functions by the operand's value, from the least on. One that is undefined is 1
  // of the operand itself, and the value of the other one.
  struct Term {
    at::Tensor of_self, of_other;
  };

  GradientModel(const GradientEstimator& estimator, const Arithmetic& arithmetic);

  PerOperand<IntegerFormat> formats_;
  PerOperand<std::vector<Term>> terms_;
};

/// Where the elements of an activation lie within the range that it is quantised by, half a step
/// beyond its ends included: 1, else 0, where its gradient ends.
at::Tensor WithinRange(const at::Tensor& activation, const RoundedOperand& rounded,
                       const IntegerFormat& format);

}  // namespace mulberry
