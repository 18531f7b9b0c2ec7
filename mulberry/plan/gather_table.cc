// Strategy "gather table": all products of significands, looked up one by one in cache.
#include "mulberry/plan/gather_table.h"

#include <cmath>

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
  explicit GatherTableExecutor(const Subject& subject) : table_(subject) {}
  void Gemm(const GemmProblem& problem) const override {
    GatherTableGemm(problem, table_.multiplier());
  }

 private:
  GatherTable table_;
};

/// The exponent of the smallest product other than 0.
int SmallestExponent(const MantissaTable& table) {
  float smallest = 4.0f;
  for (const float product : table.products) {
    if (product != 0.0f) smallest = std::min(smallest, product);
  }
  return std::ilogb(smallest);
}

}  // namespace

GatherTable::GatherTable(const Subject& subject) : b_first_(TransposedProducts(*subject.table)) {
  multiplier_.mantissa_bits = subject.table->mantissa_bits;
  multiplier_.min_log2 = SmallestExponent(*subject.table);
  multiplier_.products = subject.table->products.data();
  multiplier_.products_b_first = b_first_.data();
  multiplier_.product = subject.product();
}

std::optional<std::string> NotTabled(const Subject& subject) {
  if (subject.table) return std::nullopt;
  return fmt::format("{} mantissa bits make a table too large for the cache (at most {})",
                     subject.arithmetic.mantissa_bits(), MantissaTable::kMaxMantissaBits);
}

Offer OfferGatherTable(const Subject& subject) {
  if (const auto reason = NotSignificands(subject)) return Decline(*reason);
  if (const auto reason = NotTabled(subject)) return Decline(*reason);
  return {std::make_unique<GatherTableExecutor>(subject),
          fmt::format("the table holds the model's product for all {} pairs of mantissas, and the "
                      "scaling by powers of two is exact",
                      subject.table->products.size()),
          Exactness::kBitwise};
}

}  // namespace mulberry
