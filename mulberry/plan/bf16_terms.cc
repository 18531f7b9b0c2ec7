// Strategy "bf16 terms": the product of significands is a product of one-operand functions, or the
// exact product and one such product, so that the simulated matrix product is one of bf16 numbers.
// The products are exact; the order of their sums is the instruction's, so it serves only
// arithmetics that leave it open.
#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/plan/strategy.h"

namespace mulberry {
namespace {

constexpr int kMostMantissaBits = 7;
constexpr size_t kTableSize = 128;

/// Significand products as integers: times 2^kScale. FP32 products in [2^-8, 4] are.
constexpr int kScale = 31;

using Table = std::vector<uint16_t>;
using Values = std::vector<int64_t>;

/// Two tables, kTableSize values for each term.
struct Terms {
  Table first, second;
  int count = 0;
  int min_exponent = 255, max_exponent = 0;

  static float At(const Table& table, int term, uint32_t mantissa) {
    const uint32_t bits = table[kTableSize * static_cast<size_t>(term) + mantissa];
    return std::bit_cast<float>(bits << 16);
  }
};

/// Appends 2^log2 times the values, one for each mantissa; false if bf16 does not hold one.
bool Append(const Values& values, int log2, Table& table, Terms& terms) {
  table.resize(table.size() + kTableSize);
  uint16_t* to = &table[table.size() - kTableSize];
  for (const int64_t value : values) {
    const float number = std::ldexp(static_cast<float>(value), log2);
    const uint32_t bits = std::bit_cast<uint32_t>(number);
    if ((bits & 0xffff) != 0 || static_cast<int64_t>(static_cast<float>(value)) != value) {
      return false;
    }
    *to++ = static_cast<uint16_t>(bits >> 16);
    if (value == 0) continue;
    const int exponent = bits >> 23 & 0xff;
    terms.min_exponent = std::min(terms.min_exponent, exponent);
    terms.max_exponent = std::max(terms.max_exponent, exponent);
  }
  return true;
}

/// Whether the terms give every significand product. In double, which holds them and their sum.
bool Reproduces(const Terms& terms, const MantissaTable& table) {
  const uint32_t n = 1u << table.mantissa_bits;
  for (uint32_t i = 0; i < n; ++i) {
    for (uint32_t j = 0; j < n; ++j) {
      double product = 0;
      for (int t = 0; t < terms.count; ++t) {
        product += double{Terms::At(terms.first, t, i)} * double{Terms::At(terms.second, t, j)};
      }
      if (product != table.at(i, j)) return false;
    }
  }
  return true;
}

/// A table of integers, n rows of n, as u(i)·v(j), or nothing if it is no such product. The
/// smallest v whose multiples are rows of whole numbers.
std::optional<std::pair<Values, Values>> FactorsOf(const Values& table, int64_t n) {
  const auto nonzero = std::ranges::find_if(table, [](int64_t value) { return value != 0; });
  if (nonzero == table.end()) return std::nullopt;
  const int64_t at = nonzero - table.begin(), row = at / n, column = at % n;
  Values u, v(table.begin() + row * n, table.begin() + (row + 1) * n);
  int64_t divisor = 0;
  for (const int64_t value : v) divisor = std::gcd(divisor, value);
  for (int64_t& value : v) value /= divisor;
  for (int64_t i = 0; i < n; ++i) {
    u.push_back(table[static_cast<size_t>(i * n + column)] / v[static_cast<size_t>(column)]);
  }
  return std::pair{std::move(u), std::move(v)};
}

/// The product as one term, or the exact product and one term for the error.
std::optional<Terms> FindTerms(const MantissaTable& table, bool of_error) {
  const int m = table.mantissa_bits;
  const int64_t n = int64_t{1} << m;
  Values integers;
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      const double scaled =
          std::ldexp(table.at(static_cast<uint32_t>(i), static_cast<uint32_t>(j)), kScale);
      if (scaled != std::floor(scaled)) return std::nullopt;
      const int64_t exact = (n + i) * (n + j) << (kScale - 2 * m);
      integers.push_back(static_cast<int64_t>(scaled) - (of_error ? exact : 0));
    }
  }
  const auto factors = FactorsOf(integers, n);
  if (!factors) return std::nullopt;
  Terms terms;
  const auto& [u, v] = *factors;
  // v has small whole numbers; the scale is u's.
  if (!Append(u, -kScale, terms.first, terms) || !Append(v, 0, terms.second, terms)) {
    return std::nullopt;
  }
  if (of_error) {
    Values significands;
    for (int64_t i = 0; i < n; ++i) significands.push_back(n + i);
    Append(significands, -m, terms.first, terms);
    Append(significands, -m, terms.second, terms);
  }
  terms.count = of_error ? 2 : 1;
  if (!Reproduces(terms, table)) return std::nullopt;
  return terms;
}

class Bf16TermsExecutor : public Executor {
 public:
  Bf16TermsExecutor(const Subject& subject, Terms terms)
      : terms_(std::move(terms)), multiplier_{subject.table->mantissa_bits,
                                              terms_.count,
                                              terms_.first.data(),
                                              terms_.second.data(),
                                              terms_.min_exponent,
                                              terms_.max_exponent,
                                              subject.product()} {}
  void Gemm(const GemmProblem& problem) const override { Bf16TermsGemm(problem, multiplier_); }

 private:
  Terms terms_;
  Bf16TermsMultiplier multiplier_;
};

}  // namespace

Offer OfferBf16Terms(const Subject& subject) {
  if (const auto reason = NotSignificands(subject)) return Decline(*reason);
  if (subject.arithmetic.order != SumOrder::kAny) {
    return Decline("it sums in an order of its own, which the arithmetic must allow: order=any");
  }
  const int m = subject.arithmetic.mantissa_bits();
  if (m > kMostMantissaBits) {
    return Decline(fmt::format("bf16 does not hold {} mantissa bits", m));
  }
  if (!Bf16TermsSupported()) {
    return Decline("this processor does not multiply bf16 numbers (AVX512_BF16)");
  }
  std::optional<Terms> terms = FindTerms(*subject.table, false);
  if (!terms) terms = FindTerms(*subject.table, true);
  if (!terms) {
    return Decline(
        "neither its significand products nor their errors are a product of two bf16 numbers, one "
        "of each operand");
  }
  const std::string reason = fmt::format(
      "a product of significands is a sum of {} product{} of bf16 numbers, equal to the model for "
      "all {} pairs of mantissas; FP32 adds them in another order, which the arithmetic allows",
      terms->count, terms->count == 1 ? "" : "s", subject.table->products.size());
  return {std::make_unique<Bf16TermsExecutor>(subject, std::move(*terms)), reason,
          Exactness::kProductExact};
}

}  // namespace mulberry
