// Strategy "integer table": all products of integers of up to 8 bits, looked up one by one in
// cache.
#include <utility>

#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/plan/strategy.h"

namespace mulberry {
namespace {

/// Row i for the encoding i of the first operand, or of the second if `exchanged`.
std::vector<int32_t> Rows(const IntegerProducts& table, bool exchanged) {
  std::vector<int32_t> rows;
  for (uint32_t i = 0; i < table.rows(exchanged); ++i) {
    for (uint32_t j = 0; j < table.columns(exchanged); ++j) {
      rows.push_back(static_cast<int32_t>(table.at(i, j, exchanged)));
    }
  }
  return rows;
}

class IntegerTableExecutor : public Executor {
 public:
  explicit IntegerTableExecutor(const IntegerProducts& table)
      : products_(Rows(table, false)),
        b_first_(Rows(table, true)),
        multiplier_{table.first_bits, table.second_bits, products_.data(), b_first_.data(),
                    table.max_magnitude()} {}
  void Gemm(const GemmProblem& problem) const override { IntegerTableGemm(problem, multiplier_); }

 private:
  std::vector<int32_t> products_, b_first_;
  IntegerTableMultiplier multiplier_;
};

}  // namespace

Offer OfferIntegerTable(const Subject& subject) {
  if (const auto reason = NotSmallIntegers(subject)) return Decline(*reason);
  // A model's product has at most 2 · 8 bits, far below the kernel's limit of 2^23.
  return {std::make_unique<IntegerTableExecutor>(*subject.products),
          fmt::format("the table holds the model's product for all {} pairs of operands, and sums "
                      "of integers are exact",
                      subject.products->products.size()),
          Exactness::kBitwise};
}

}  // namespace mulberry
