#include "mulberry/nn/error_product.h"

#include "mulberry/base/error.h"
#include "mulberry/nn/weight_errors.h"

namespace mulberry {
namespace {

// A sum of products p, each with an error of its own, is Σ p·(1 + e) for independent e of mean m
// and standard deviation s. Its mean is (1 + m)·Σ p, its variance s²·Σ p², and if e is normal so is
// the sum: it is drawn from this distribution with one random number z for each output,
//   (1 + m)·Σ p + s·sqrt(Σ p²)·z,
// for which two native products do, the second of the operands' squares. Measured errors are taken
// by their mean and standard deviation, which by the central limit theorem tell the sum of many.
at::Tensor WithErrorsOfProducts(const SimulatedPass& pass, const at::Tensor& a, const at::Tensor& b,
                                const NativeProduct& product) {
  const auto& [mean, sd, values] = *pass.plan().errors();
  at::Tensor sum = product(a, b);
  // Some algorithms of convolution subtract, and so may leave less than zero of squares.
  at::Tensor deviation = product(a.square(), b.square()).clamp_min_(0).sqrt_();
  const at::Tensor z = DrawErrors({.mean = 0, .sd = 1}, pass.state().NextStream(), sum.sizes());
  return sum.mul_(1 + mean).addcmul_(deviation, z, sd);
}

}  // namespace

at::Tensor ProductWithErrors(const SimulatedPass& pass, const at::Tensor& a, const at::Tensor& b,
                             WeightPlace place, const at::Tensor& factors,
                             const NativeProduct& product) {
  if (pass.plan().arithmetic().multiplier.errors->on == ErrorsOn::kProducts) {
    return WithErrorsOfProducts(pass, a, b, product);
  }
  switch (place) {
    case WeightPlace::kA:
      return product(a * factors, b);
    case WeightPlace::kB:
      return product(a, b * factors);
    case WeightPlace::kResult:
      return product(a, b).mul_(factors);
  }
  throw Error("WeightPlace has no value {}", static_cast<int>(place));
}

}  // namespace mulberry
