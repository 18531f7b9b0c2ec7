// Strategy "register table": products of significands as codes of 16 bits, looked up by permutes of
// bytes or words.
#include <bit>
#include <utility>

#include "mulberry/base/aligned.h"
#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/plan/strategy.h"

namespace mulberry {
namespace {

constexpr uint32_t kOneBits = 0x3f800000;

/// The 16-bit code of a product (kernels/cpu/gemm.h), or nothing where it does not fit.
std::optional<uint32_t> Code(float product) {
  const uint32_t bits = std::bit_cast<uint32_t>(product);
  if (bits < kOneBits || bits - kOneBits >= 1u << 24 || (bits & 0xff) != 0) return std::nullopt;
  return (bits - kOneBits) >> 8;
}

/// All codes, and both their bytes, in the kernel's layout.
class Planes {
 public:
  Planes(const MantissaTable& table, bool exchanged)
      : high_(Size(table)), low_(Size(table)), words_(Size(table)) {
    const int m = table.mantissa_bits;
    const uint32_t n = 1u << m;
    std::fill_n(high_.data(), high_.size(), uint8_t{0});
    std::fill_n(low_.data(), low_.size(), uint8_t{0});
    std::fill_n(words_.data(), words_.size(), uint16_t{0});
    for (uint32_t i = 0; i < n; ++i) {
      for (uint32_t j = 0; j < n; ++j) {
        const uint32_t code = *Code(exchanged ? table.at(j, i) : table.at(i, j));
        high_[i * RowCodes(m) + j] = static_cast<uint8_t>(code >> 8);
        low_[i * RowCodes(m) + j] = static_cast<uint8_t>(code);
        words_[i * RowCodes(m) + j] = static_cast<uint16_t>(code);
        needs_low_ |= (code & 0xff) != 0;
      }
    }
  }
  RegisterTableMultiplier::Planes planes() const {
    return {high_.data(), needs_low_ ? low_.data() : nullptr, words_.data()};
  }

 private:
  static size_t RowCodes(int m) { return m == 8 ? 256 : 128; }
  static size_t Size(const MantissaTable& table) {
    return RowCodes(table.mantissa_bits) << table.mantissa_bits;
  }
  AlignedBuffer<uint8_t> high_, low_;
  AlignedBuffer<uint16_t> words_;
  bool needs_low_ = false;
};

class RegisterTableExecutor : public Executor {
 public:
  explicit RegisterTableExecutor(const Subject& subject)
      : planes_(*subject.table, false), b_first_(*subject.table, true) {
    multiplier_.mantissa_bits = subject.table->mantissa_bits;
    multiplier_.planes = planes_.planes();
    multiplier_.planes_b_first = b_first_.planes();
    multiplier_.product = subject.product();
  }
  void Gemm(const GemmProblem& problem) const override { RegisterTableGemm(problem, multiplier_); }
  bool two_planes() const { return multiplier_.planes.low != nullptr; }

 private:
  Planes planes_, b_first_;
  RegisterTableMultiplier multiplier_;
};

}  // namespace

Offer OfferRegisterTable(const Subject& subject) {
  if (const auto reason = NotSignificands(subject)) return Decline(*reason);
  if (!subject.table) {
    return Decline(fmt::format("{} mantissa bits make a row too large for registers (at most {})",
                               subject.arithmetic.mantissa_bits(),
                               MantissaTable::kMaxMantissaBits));
  }
  if (!RegisterTableSupported(subject.table->mantissa_bits)) {
    return Decline(
        "this processor cannot look up many products at once (AVX2 for 7 mantissa bits, "
        "AVX-512 for 8)");
  }
  const MantissaTable& table = *subject.table;
  for (size_t i = 0; i < table.products.size(); ++i) {
    if (Code(table.products[i])) continue;
    return Decline(fmt::format(
        "the product of mantissas {} and {} is {}: outside [1, 4) or longer than 15 mantissa bits",
        i >> table.mantissa_bits, i & ((size_t{1} << table.mantissa_bits) - 1), table.products[i]));
  }
  auto executor = std::make_unique<RegisterTableExecutor>(subject);
  const std::string reason = fmt::format(
      "codes of {} hold the model's product for all {} pairs of mantissas, and the scaling by "
      "powers "
      "of two is exact",
      executor->two_planes() ? "16 bits" : "one byte", table.products.size());
  return {std::move(executor), reason, Exactness::kBitwise};
}

}  // namespace mulberry
