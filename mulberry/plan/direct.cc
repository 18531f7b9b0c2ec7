// Strategy "direct": the functional model, evaluated for every product. Serves everything, slowly.
#include "mulberry/plan/strategy.h"

namespace mulberry {
namespace {

class DirectExecutor : public Executor {
 public:
  explicit DirectExecutor(const Subject& subject) : subject_(subject) {}
  void Gemm(const GemmProblem& problem) const override {
    std::visit([&](const auto& accumulator) { Sum(problem, accumulator); },
               subject_.arithmetic.accumulator);
  }

 private:
  void Sum(const GemmProblem& problem, StandardAccumulator) const {
    subject_.integers ? SumIntegers(problem) : SumFloats(problem);
  }
  void Sum(const GemmProblem& problem, const FloatAccumulator& accumulator) const {
    SumFloats(problem, accumulator);
  }
  void Sum(const GemmProblem& problem, const WordAccumulator& accumulator) const {
    subject_.integers ? SumIntegers(problem, accumulator) : SumFloats(problem, accumulator);
  }
  void Sum(const GemmProblem& problem, ExactAccumulator) const {
    std::optional<PositFormat> posit;
    if (const PositFormat* format = subject_.arithmetic.posit_format()) posit = *format;
    subject_.of_arrays() ? ArrayGemm(problem, subject_.exact_array_product(), posit)
                         : ReferenceExactGemm(problem, subject_.exact_product(), posit);
  }

  template <typename... Other>
  void SumFloats(const GemmProblem& problem, const Other&... accumulator) const {
    subject_.of_arrays() ? ArrayGemm(problem, subject_.array_product(), accumulator...)
                         : ReferenceGemm(problem, subject_.product(), accumulator...);
  }
  template <typename... Other>
  void SumIntegers(const GemmProblem& problem, const Other&... accumulator) const {
    subject_.of_arrays()
        ? ArrayGemm(problem, subject_.integer_array_product(), accumulator...)
        : ReferenceIntegerGemm(problem, subject_.integer_product(), accumulator...);
  }

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
