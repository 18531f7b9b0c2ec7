// Strategy "closed form": the multiplier is a few instructions on the bits of a float. It is
// recognised by its products, not only by its name, so that an imported table of Mitchell's
// products runs as fast as the family itself.
#include <bit>
#include <utility>

#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/plan/strategy.h"

namespace mulberry {
namespace {

struct FormInfo {
  ClosedForm form;
  const char* family;
  const char* statement;
};

constexpr FormInfo kForms[] = {
    {ClosedForm::kExact, "exact", "one floating-point multiplication"},
    {ClosedForm::kMitchell, "mitchell", "one integer addition of the mantissas"},
};

/// What the kernel computes for two significands of m mantissa bits.
float FormProduct(ClosedForm form, uint32_t i, uint32_t j, int m) {
  constexpr uint32_t kOne = 0x3f800000;
  const uint32_t x = i << (23 - m), y = j << (23 - m);
  if (form == ClosedForm::kMitchell) return std::bit_cast<float>(kOne + x + y);
  return std::bit_cast<float>(kOne | x) * std::bit_cast<float>(kOne | y);
}

/// Up to 1024 mantissas of m bits: all of them, or evenly spaced ones from the first to the last.
std::vector<uint32_t> SampleMantissas(int m) {
  const uint64_t last = (uint64_t{1} << m) - 1;
  const uint64_t count = std::min<uint64_t>(last + 1, 1024);
  std::vector<uint32_t> mantissas;
  for (uint64_t i = 0; i < count; ++i) {
    mantissas.push_back(static_cast<uint32_t>(count == 1 ? 0 : i * last / (count - 1)));
  }
  return mantissas;
}

bool Agrees(const Subject& subject, ClosedForm form) {
  const int m = subject.arithmetic.float_format().mantissa_bits;
  const std::vector<uint32_t> mantissas = SampleMantissas(m);
  for (uint32_t i : mantissas) {
    for (uint32_t j : mantissas) {
      if (subject.multiplier->SignificandProduct(i, j) != FormProduct(form, i, j, m)) return false;
    }
  }
  return true;
}

class ClosedFormExecutor : public Executor {
 public:
  explicit ClosedFormExecutor(ClosedFormMultiplier multiplier) : multiplier_(multiplier) {}
  void Gemm(const GemmProblem& problem) const override { ClosedFormGemm(problem, multiplier_); }

 private:
  ClosedFormMultiplier multiplier_;
};

}  // namespace

Offer OfferClosedForm(const Subject& subject) {
  if (const auto reason = NotFloats(subject)) return Decline(*reason);
  const int m = subject.arithmetic.float_format().mantissa_bits;
  // Up to 10 bits the sample is the whole space and is the proof. Beyond, the family's definition
  // is the form itself, and the sample guards against a slip.
  const bool complete = m <= 10;
  for (const FormInfo& info : kForms) {
    const bool named = subject.arithmetic.multiplier.family == info.family;
    if ((!complete && !named) || !Agrees(subject, info.form)) continue;
    const std::string reason = fmt::format(
        "the product is {}; {}", info.statement,
        complete
            ? fmt::format("equal to the model for all {} pairs of mantissas", 1 << 2 * m)
            : fmt::format("so the family is defined, and checked for 2^20 pairs of mantissas"));
    // Products of m + 1 bits have 2m + 2 bits; Mitchell's have no more bits than the operands.
    const bool exact_products = info.form != ClosedForm::kExact || 2 * m + 2 <= 24;
    return {std::make_unique<ClosedFormExecutor>(
                ClosedFormMultiplier{info.form, exact_products, subject.product()}),
            reason, Exactness::kBitwise};
  }
  return Decline("its products are not those of a known closed form (exact, Mitchell)");
}

}  // namespace mulberry
