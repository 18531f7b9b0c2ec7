// Strategy "closed form": the multiplier is a few instructions on the bits of a float, perhaps
// after some bits of its operands were cleared and one was set. It is recognised by its products,
// not only by its name, so that an imported table of Mitchell's products runs as fast as the family
// itself.
#include <algorithm>
#include <array>
#include <bit>
#include <string_view>
#include <utility>

#include "mulberry/plan/closed_form.h"

namespace mulberry {
namespace {

constexpr uint32_t kOne = 0x3f800000;

struct FormInfo {
  ClosedForm form;
  const char* statement;
  /// The families that are defined so, with or without masks. (On significands, which have their
  /// leading one at the top, what segments keep is a mask.)
  std::array<std::string_view, 5> families;
};

constexpr FormInfo kForms[] = {
    {ClosedForm::kExact,
     "one floating-point multiplication",
     {"exact", "drum", "letam", "ssm", "essm"}},
    {ClosedForm::kMitchell, "one integer addition of the mantissas", {"mitchell"}},
};

/// What the kernel computes for two significands.
float FormProduct(ClosedForm form, uint32_t first, uint32_t second) {
  if (form == ClosedForm::kMitchell) return std::bit_cast<float>(first + second - kOne);
  return std::bit_cast<float>(first) * std::bit_cast<float>(second);
}

/// The significands of m-bit mantissas as FP32 bits: up to 1024, all of them or evenly spaced ones
/// from the first to the last.
std::vector<uint32_t> SampleSignificands(int m) {
  const uint64_t last = (uint64_t{1} << m) - 1;
  const uint64_t count = std::min<uint64_t>(last + 1, 1024);
  std::vector<uint32_t> significands;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t mantissa = count == 1 ? 0 : i * last / (count - 1);
    significands.push_back(kOne | static_cast<uint32_t>(mantissa << (23 - m)));
  }
  return significands;
}

/// Masks of m-bit mantissas: the lowest d bits cleared, and the next one set or left alone.
std::vector<OperandMask> MasksOf(int m) {
  std::vector<OperandMask> masks;
  for (int d = 0; d <= m; ++d) {
    const uint32_t lowest_kept = uint32_t{1} << (23 - m + d);
    masks.push_back({~(lowest_kept - 1), 0});
    if (d < m) masks.push_back({~(lowest_kept - 1), lowest_kept});
  }
  masks[0].keep = ~uint32_t{0};  // d = 0, nothing set: no mask.
  return masks;
}

/// A form, the masks of its operands, and which of their mantissas' bits are left.
struct Candidate {
  const FormInfo* info;
  OperandMask first, second;
};

class Recogniser {
 public:
  explicit Recogniser(const Subject& subject)
      : multiplier_(*subject.multiplier),
        family_(subject.arithmetic.multiplier.family),
        m_(subject.arithmetic.mantissa_bits()),
        significands_(SampleSignificands(m_)) {}

  /// Up to 10 bits the sample is the whole space and is the proof. Beyond, the family's definition
  /// is the form itself, and the sample guards against a slip.
  bool complete() const { return m_ <= 10; }

  std::optional<Candidate> Find() const {
    const std::vector<OperandMask> masks = MasksOf(m_);
    for (const FormInfo& info : kForms) {
      const bool named = std::ranges::find(info.families, family_) != info.families.end();
      if (!complete() && !named) continue;
      for (const OperandMask& first : masks) {
        for (const OperandMask& second : masks) {
          const Candidate candidate{&info, first, second};
          if (Agrees(candidate)) return candidate;
        }
      }
    }
    return std::nullopt;
  }

 private:
  bool Agrees(const Candidate& candidate) const {
    const auto agrees = [&](uint32_t first, uint32_t second) {
      const auto mantissa = [&](uint32_t bits) { return (bits - kOne) >> (23 - m_); };
      return multiplier_.SignificandProduct(mantissa(first), mantissa(second)) ==
             FormProduct(candidate.info->form, candidate.first.Apply(first),
                         candidate.second.Apply(second));
    };
    // Pairs of neighbours first: they tell most candidates apart.
    for (size_t i = 1; i < significands_.size(); ++i) {
      if (!agrees(significands_[i], significands_[i - 1])) return false;
    }
    for (const uint32_t first : significands_) {
      for (const uint32_t second : significands_) {
        if (!agrees(first, second)) return false;
      }
    }
    return true;
  }

  const FloatMultiplier& multiplier_;
  const std::string& family_;
  const int m_;
  const std::vector<uint32_t> significands_;
};

/// Bits of a significand that the mask leaves to vary, and the leading one.
int BitsLeft(const OperandMask& mask, int m) {
  const uint32_t mantissa = ((uint32_t{1} << m) - 1) << (23 - m);
  const int cleared = std::popcount(mantissa & ~mask.keep);
  return 1 + m - cleared;
}

class ClosedFormExecutor : public Executor {
 public:
  explicit ClosedFormExecutor(ClosedFormMultiplier multiplier) : multiplier_(multiplier) {}
  void Gemm(const GemmProblem& problem) const override { ClosedFormGemm(problem, multiplier_); }

 private:
  ClosedFormMultiplier multiplier_;
};

std::string Describe(const OperandMask& mask) {
  if (mask == OperandMask{}) return "as it is";
  const int kept = 23 - std::countr_zero(mask.keep);
  return fmt::format("cut to {} mantissa bits{}", kept,
                     mask.set != 0 ? ", the lowest of them set" : "");
}

}  // namespace

std::optional<FoundForm> FindClosedForm(const Subject& subject) {
  const int m = subject.arithmetic.mantissa_bits();
  const Recogniser recogniser(subject);
  const auto found = recogniser.Find();
  if (!found) return std::nullopt;
  std::string reason = fmt::format("the product is {}", found->info->statement);
  if (found->first != OperandMask{} || found->second != OperandMask{}) {
    reason += fmt::format(", with the first operand {} and the second {}", Describe(found->first),
                          Describe(found->second));
  }
  reason += recogniser.complete()
                ? fmt::format("; equal to the model for all {} pairs of mantissas", 1 << 2 * m)
                : "; so the family is defined, and checked for 2^20 pairs of mantissas";
  // Products of n and m bits have n + m bits; Mitchell's have no more bits than the operands.
  const bool exact_products = found->info->form != ClosedForm::kExact ||
                              BitsLeft(found->first, m) + BitsLeft(found->second, m) <= 24;
  return FoundForm{
      {found->info->form, exact_products, subject.product(), found->first, found->second}, reason};
}

Offer OfferClosedForm(const Subject& subject) {
  if (const auto reason = NotSignificands(subject)) return Decline(*reason);
  const auto found = FindClosedForm(subject);
  if (!found) {
    return Decline(
        "its products are not those of a known closed form (exact, Mitchell, of operands some of "
        "whose low bits are cut or set)");
  }
  return {std::make_unique<ClosedFormExecutor>(found->multiplier), found->reason,
          Exactness::kBitwise};
}

}  // namespace mulberry
