// Strategy "direct": the functional model, evaluated for every product. Serves everything, slowly.
#include "mulberry/plan/strategy.h"

namespace mulberry {
namespace {

class DirectExecutor : public Executor {
 public:
  explicit DirectExecutor(const Subject& subject) : subject_(subject) {}
  void Gemm(const GemmProblem& problem) const override {
    if (subject_.of_arrays()) {
      subject_.integers ? ArrayGemm(problem, subject_.integer_array_product())
                        : ArrayGemm(problem, subject_.array_product());
    } else if (subject_.integers) {
      ReferenceIntegerGemm(problem, subject_.integer_product());
    } else {
      ReferenceGemm(problem, subject_.product());
    }
  }

 private:
  const Subject& subject_;
};

}  // namespace

Offer OfferDirect(const Subject& subject) {
  if (subject.arithmetic.native) return Decline("nothing is to be simulated");
  return {std::make_unique<DirectExecutor>(subject),
          subject.of_arrays()
              ? "the user's circuit is evaluated for every product, in batches, and "
                "the products are added in the reference's order"
              : "the reference itself: the functional model is evaluated for every "
                "product",
          Exactness::kBitwise};
}

}  // namespace mulberry
