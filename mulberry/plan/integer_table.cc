// Strategy "integer table": all products of integers of up to 8 bits, looked up one by one in
// cache.
#include <utility>

#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/plan/strategy.h"

namespace mulberry {
namespace {

constexpr int kMaxBits = 8;

/// All products, row i for the encoding i of the first operand, or of the second if `exchanged`.
std::vector<int32_t> AllProducts(const IntegerMultiplier& multiplier, bool exchanged) {
  const IntegerFormat format = multiplier.format();
  std::vector<int32_t> products(size_t{1} << 2 * format.bits);
  for (int32_t a = format.min(); a <= format.max(); ++a) {
    for (int32_t b = format.min(); b <= format.max(); ++b) {
      const uint32_t i = EncodeInteger(format, exchanged ? b : a);
      const uint32_t j = EncodeInteger(format, exchanged ? a : b);
      products[i << format.bits | j] = static_cast<int32_t>(multiplier(a, b));
    }
  }
  return products;
}

class IntegerTableExecutor : public Executor {
 public:
  explicit IntegerTableExecutor(const IntegerMultiplier& multiplier)
      : products_(AllProducts(multiplier, false)),
        b_first_(AllProducts(multiplier, true)),
        multiplier_{multiplier.format().bits, products_.data(), b_first_.data()} {}
  void Gemm(const GemmProblem& problem) const override { IntegerTableGemm(problem, multiplier_); }

 private:
  std::vector<int32_t> products_, b_first_;
  IntegerTableMultiplier multiplier_;
};

}  // namespace

Offer OfferIntegerTable(const Subject& subject) {
  if (!subject.integers) return Decline("it is for integers");
  const int bits = subject.integers->format().bits;
  if (bits > kMaxBits) {
    return Decline(
        fmt::format("{} bits make a table too large for the cache (at most {})", bits, kMaxBits));
  }
  // A model's product has at most 2n <= 16 bits, far below the kernel's limit of 2^23.
  return {std::make_unique<IntegerTableExecutor>(*subject.integers),
          fmt::format("the table holds the model's product for all {} pairs of operands, and sums "
                      "of integers are exact",
                      1 << 2 * bits),
          Exactness::kBitwise};
}

}  // namespace mulberry
