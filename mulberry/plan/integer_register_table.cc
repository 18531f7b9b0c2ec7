// Strategy "integer register table": all products of integers of up to 8 bits as codes of 16 bits,
// looked up by permutes of bytes or words.
#include <utility>

#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/plan/strategy.h"

namespace mulberry {
namespace {

/// All products in both of the kernel's layouts (kernels/cpu/gemm.h).
class Tables {
 public:
  Tables(const IntegerProducts& table, bool exchanged)
      : bytes_(512 * table.rows(exchanged)), words_(256 * table.rows(exchanged)) {
    for (uint32_t i = 0; i < table.rows(exchanged); ++i) {
      for (uint32_t j = 0; j < table.columns(exchanged); ++j) {
        const auto code = static_cast<uint16_t>(table.at(i, j, exchanged) - table.smallest);
        bytes_[512 * i + j] = static_cast<uint8_t>(code);
        bytes_[512 * i + 256 + j] = static_cast<uint8_t>(code >> 8);
        words_[256 * i + j] = code;
      }
    }
  }
  IntegerRegisterTableMultiplier::Tables tables() const { return {bytes_.data(), words_.data()}; }

 private:
  std::vector<uint8_t> bytes_;
  std::vector<uint16_t> words_;
};

class IntegerRegisterTableExecutor : public Executor {
 public:
  explicit IntegerRegisterTableExecutor(const IntegerProducts& table)
      : tables_(table, false),
        b_first_(table, true),
        multiplier_{table.first_bits,
                    table.second_bits,
                    tables_.tables(),
                    b_first_.tables(),
                    static_cast<int32_t>(table.smallest),
                    table.max_magnitude()} {}
  void Gemm(const GemmProblem& problem) const override {
    IntegerRegisterTableGemm(problem, multiplier_);
  }

 private:
  Tables tables_, b_first_;
  IntegerRegisterTableMultiplier multiplier_;
};

}  // namespace

Offer OfferIntegerRegisterTable(const Subject& subject) {
  if (const auto reason = NotSmallIntegers(subject)) return Decline(*reason);
  if (!IntegerRegisterTableSupported()) {
    return Decline("this processor has no permutes over two registers (AVX-512)");
  }
  const IntegerProducts& table = *subject.products;
  if (table.largest - table.smallest >= 1 << 16) {
    return Decline(fmt::format("its products, from {} to {}, do not fit codes of 16 bits",
                               table.smallest, table.largest));
  }
  return {std::make_unique<IntegerRegisterTableExecutor>(table),
          fmt::format("codes of 16 bits hold the model's product for all {} pairs of operands, and "
                      "sums of integers are exact",
                      table.products.size()),
          Exactness::kBitwise};
}

}  // namespace mulberry
