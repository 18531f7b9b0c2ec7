// Strategy "error model": LibTorch's own FP32 products, to which random relative errors are given
// (multipliers/error_model.h). That is done where tensors, layers and steps are known: nn/errors.h.
#include "mulberry/base/error.h"
#include "mulberry/plan/strategy.h"

namespace mulberry {
namespace {

class ErrorModelExecutor : public Executor {
 public:
  void Gemm(const GemmProblem&) const override {
    throw Error("the plan of an error model has no products of its own: call LibTorch's operator");
  }
};

}  // namespace

Offer OfferErrorModel(const Subject& subject) {
  if (!subject.errors) return Decline("the products are known, and not only their errors");
  const ErrorsOn on = subject.arithmetic.multiplier.errors->on;
  return {std::make_unique<ErrorModelExecutor>(),
          fmt::format("LibTorch's FP32 products, with a relative error of mean {:.3g} % and "
                      "standard deviation {:.3g} % for each {}",
                      100 * subject.errors->mean, 100 * subject.errors->sd,
                      on == ErrorsOn::kWeights ? "weight, the same throughout the run"
                      : on == ErrorsOn::kSteps ? "weight, another one in each step"
                                               : "product"),
          Exactness::kStatistical};
}

}  // namespace mulberry
