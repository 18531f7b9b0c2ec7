// Strategy "rounded sums": sums that are rounded into a narrow float format after every addition,
// of products by a closed form or from the table of significands in cache.
#include <utility>

#include "mulberry/plan/closed_form.h"
#include "mulberry/plan/gather_table.h"

namespace mulberry {
namespace {

class FormExecutor : public Executor {
 public:
  FormExecutor(const RoundedSums& sums, ClosedFormMultiplier multiplier)
      : sums_(sums), multiplier_(std::move(multiplier)) {}
  void Gemm(const GemmProblem& problem) const override {
    RoundedSumsGemm(problem, sums_, multiplier_);
  }

 private:
  RoundedSums sums_;
  ClosedFormMultiplier multiplier_;
};

class TableExecutor : public Executor {
 public:
  TableExecutor(const RoundedSums& sums, const Subject& subject) : sums_(sums), table_(subject) {}
  void Gemm(const GemmProblem& problem) const override {
    RoundedSumsGemm(problem, sums_, table_.multiplier());
  }

 private:
  RoundedSums sums_;
  GatherTable table_;
};

/// Why the kernel does not sum so, or nothing.
std::optional<std::string> NotRounded(const Accumulator& accumulator) {
  const auto* floats = std::get_if<FloatAccumulator>(&accumulator);
  if (!floats) return "it rounds sums into a float format, which the accumulator is not";
  const int bits = floats->format.mantissa_bits;
  if (bits < 1 || bits > RoundedSums::kMostMantissaBits) {
    return fmt::format("it rounds sums to 1 to {} mantissa bits, and the accumulator has {}",
                       RoundedSums::kMostMantissaBits, bits);
  }
  if (floats->chunk > 0 && RoundedSums::kChunkMultiple % floats->chunk != 0) {
    return fmt::format("its chunks divide {} products, and the accumulator's are of {}",
                       RoundedSums::kChunkMultiple, floats->chunk);
  }
  return std::nullopt;
}

}  // namespace

Offer OfferRoundedSums(const Subject& subject) {
  if (const auto reason = NotSignificands(subject)) return Decline(*reason);
  const Accumulator& accumulator = subject.arithmetic.accumulator;
  if (const auto reason = NotRounded(accumulator)) return Decline(*reason);
  const RoundedSums sums{std::get<FloatAccumulator>(accumulator)};
  const std::string rounded = fmt::format(
      "; sums with their errors, odd where they are not exact, are rounded into {} as the exact "
      "sums are",
      Name(accumulator));
  if (const auto form = FindClosedForm(subject)) {
    return {std::make_unique<FormExecutor>(sums, form->multiplier), form->reason + rounded,
            Exactness::kBitwise};
  }
  if (const auto reason = NotTabled(subject)) {
    return Decline("its products are of no closed form, and " + *reason);
  }
  return {std::make_unique<TableExecutor>(sums, subject),
          fmt::format("the table holds the model's product for all {} pairs of mantissas",
                      subject.table->products.size()) +
              rounded,
          Exactness::kBitwise};
}

}  // namespace mulberry
