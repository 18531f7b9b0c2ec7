// Strategy "integer register table": all products of integers of up to 8 bits as byte planes,
// looked up by byte permutes.
#include <utility>

#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/plan/strategy.h"

namespace mulberry {
namespace {

/// The kernel's layout (kernels/cpu/gemm.h): for each row 256 low bytes, then 256 high ones.
std::vector<uint8_t> Planes(const IntegerProducts& table, bool exchanged) {
  std::vector<uint8_t> planes(512 * table.rows(exchanged));
  for (uint32_t i = 0; i < table.rows(exchanged); ++i) {
    for (uint32_t j = 0; j < table.columns(exchanged); ++j) {
      const auto code = static_cast<uint32_t>(table.at(i, j, exchanged) - table.smallest);
      planes[512 * i + j] = static_cast<uint8_t>(code);
      planes[512 * i + 256 + j] = static_cast<uint8_t>(code >> 8);
    }
  }
  return planes;
}

class IntegerRegisterTableExecutor : public Executor {
 public:
  explicit IntegerRegisterTableExecutor(const IntegerProducts& table)
      : planes_(Planes(table, false)),
        b_first_(Planes(table, true)),
        multiplier_{table.first_bits,
                    table.second_bits,
                    planes_.data(),
                    b_first_.data(),
                    static_cast<int32_t>(table.smallest),
                    table.max_magnitude()} {}
  void Gemm(const GemmProblem& problem) const override {
    IntegerRegisterTableGemm(problem, multiplier_);
  }

 private:
  std::vector<uint8_t> planes_, b_first_;
  IntegerRegisterTableMultiplier multiplier_;
};

}  // namespace

Offer OfferIntegerRegisterTable(const Subject& subject) {
  if (const auto reason = NotSmallIntegers(subject)) return Decline(*reason);
  if (!IntegerRegisterTableSupported()) return Decline("this processor has no AVX-512 VBMI");
  const IntegerProducts& table = *subject.products;
  if (table.largest - table.smallest >= 1 << 16) {
    return Decline(fmt::format("its products, from {} to {}, do not fit two byte planes",
                               table.smallest, table.largest));
  }
  return {std::make_unique<IntegerRegisterTableExecutor>(table),
          fmt::format("two byte planes hold the model's product for all {} pairs of operands, and "
                      "sums of integers are exact",
                      table.products.size()),
          Exactness::kBitwise};
}

}  // namespace mulberry
