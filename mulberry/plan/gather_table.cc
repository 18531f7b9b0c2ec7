// Strategy "gather table": all products of significands, looked up one by one in cache.
#include <cmath>
#include <utility>

#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/plan/strategy.h"

namespace mulberry {
namespace {

/// The table with rows and columns exchanged.
std::vector<float> TransposedProducts(const MantissaTable& table) {
  const uint32_t n = 1u << table.mantissa_bits;
  std::vector<float> result(table.products.size());
  for (uint32_t i = 0; i < n; ++i) {
    for (uint32_t j = 0; j < n; ++j) result[j << table.mantissa_bits | i] = table.at(i, j);
  }
  return result;
}

class GatherTableExecutor : public Executor {
 public:
  GatherTableExecutor(const Subject& subject, int min_log2)
      : b_first_(TransposedProducts(*subject.table)) {
    multiplier_.mantissa_bits = subject.table->mantissa_bits;
    multiplier_.min_log2 = min_log2;
    multiplier_.products = subject.table->products.data();
    multiplier_.products_b_first = b_first_.data();
    multiplier_.product = subject.product();
  }
  void Gemm(const GemmProblem& problem) const override { GatherTableGemm(problem, multiplier_); }

 private:
  std::vector<float> b_first_;
  GatherTableMultiplier multiplier_;
};

}  // namespace

Offer OfferGatherTable(const Subject& subject) {
  if (const auto reason = NotSignificands(subject)) return Decline(*reason);
  if (!subject.table) {
    return Decline(fmt::format("{} mantissa bits make a table too large for the cache (at most {})",
                               subject.arithmetic.mantissa_bits(),
                               MantissaTable::kMaxMantissaBits));
  }
  float smallest = 4.0f;
  for (float product : subject.table->products) {
    if (product != 0.0f) smallest = std::min(smallest, product);
  }
  return {std::make_unique<GatherTableExecutor>(subject, std::ilogb(smallest)),
          fmt::format("the table holds the model's product for all {} pairs of mantissas, and the "
                      "scaling by powers of two is exact",
                      subject.table->products.size()),
          Exactness::kBitwise};
}

}  // namespace mulberry
