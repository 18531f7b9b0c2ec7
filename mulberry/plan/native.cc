// Strategy "native": LibTorch's own FP32, which is not simulated at all.
#include "mulberry/base/error.h"
#include "mulberry/plan/strategy.h"

namespace mulberry {
namespace {

class NativeExecutor : public Executor {
 public:
  void Gemm(const GemmProblem&) const override {
    throw Error("the native plan of `fp32` has no simulated product: call LibTorch's operator");
  }
};

}  // namespace

Offer OfferNative(const Subject& subject) {
  if (!subject.arithmetic.native) {
    return Decline("LibTorch sums in another order and fuses products with sums");
  }
  return {std::make_unique<NativeExecutor>(),
          "the specification asks for LibTorch's own FP32, nothing is simulated",
          Exactness::kNative};
}

}  // namespace mulberry
