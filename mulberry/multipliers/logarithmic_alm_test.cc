// ALM-SOA and ALM-LOA against their adders, written out bit by bit.
#include <gtest/gtest.h>

#include <bitset>

#include "mulberry/multipliers/error_figures.h"
#include "mulberry/multipliers/real_logarithm.h"
#include "mulberry/multipliers/test_pairs.h"

namespace mulberry {
namespace {

using Bits = std::bitset<32>;

/// A ripple-carry adder of full adders above bit m, with the low bits of the design and the AND of
/// the bits below carried in.
Bits RippleSum(const Bits& x, const Bits& y, int m, bool set_one) {
  Bits sum;
  bool carry = m > 0 && x[m - 1] && y[m - 1];
  for (int i = 0; i < m; ++i) sum[i] = set_one || x[i] || y[i];
  for (size_t i = m; i < sum.size(); ++i) {
    sum[i] = x[i] ^ y[i] ^ carry;
    carry = (x[i] && y[i]) || (x[i] && carry) || (y[i] && carry);
  }
  return sum;
}

uint64_t AlmOracle(uint64_t a, uint64_t b, int n, int m, bool set_one) {
  if (a == 0 || b == 0) return 0;
  const RealLogarithm p(a), q(b);
  const auto aligned = [n](double x) { return Bits(std::ldexp(x, n - 1)); };
  const Bits sum = RippleSum(aligned(p.x), aligned(q.x), m, set_one);
  const double fraction = std::ldexp(static_cast<double>(sum.to_ulong()), 1 - n);
  return static_cast<uint64_t>(RealAntilogarithm(p.k + q.k, fraction));
}

TEST(Alm, IsMitchellWithAnInexactAdder) {
  for (const int n : kTestWidths) {
    for (int m = 0; m<n; m += n> 8 ? 3 : 1) {
      for (const bool set_one : {true, false}) {
        ExpectIsDefinition({set_one ? "alm_soa" : "alm_loa", {m}, {}}, n,
                           [=](uint64_t a, uint64_t b) { return AlmOracle(a, b, n, m, set_one); });
      }
    }
  }
}

TEST(Alm, WithAnExactAdderIsMitchell) {
  const Model mitchell = MakeModel({"mitchell", {}, {}}, {.bits = 8});
  for (const char* family : {"alm_soa", "alm_loa"}) {
    ExpectIsDefinition({family, {0}, {}}, 8, mitchell);
  }
}

TEST(Alm, SetsOrOrsTheLowBits) {
  // 136 and 137 are 2^7·(1 + 8/128) and 2^7·(1 + 9/128).
  const OperandKind bits8{.bits = 8};
  EXPECT_EQ(MakeModel({"alm_soa", {3}, {}}, bits8)(136, 137), 128u * (128 + 16 + 7));
  EXPECT_EQ(MakeModel({"alm_loa", {3}, {}}, bits8)(136, 137), 128u * (128 + 16 + 1));
  // The OR of bits 3 loses a carry, which the AND of them restores: 16 + 8.
  EXPECT_EQ(MakeModel({"alm_loa", {4}, {}}, bits8)(136, 137), 128u * (128 + 16 + 9));
}

// Liu et al. 2018, pp. 3-4 (docs/multipliers.md), as forms in m.
TEST(Alm, AddersHaveThePublishedErrors) {
  for (int m = 1; m <= 8; ++m) {
    SCOPED_TRACE(m);
    const double low = std::ldexp(1.0, m);
    const auto figures = [m](const char* family) {
      return FiguresOfAdder(MakeModel({family, {m}, {}}, {.bits = 16}), 16, m);
    };
    const ErrorFigures loa = figures("alm_loa");
    EXPECT_DOUBLE_EQ(loa.ep / 100, 1 - std::pow(0.75, m));
    EXPECT_DOUBLE_EQ(loa.med, 3 * low / 16 - 0.125);
    EXPECT_EQ(loa.wce, low / 2);
    const ErrorFigures soa = figures("alm_soa");
    EXPECT_DOUBLE_EQ(soa.ep / 100, 1 - 1 / low);
    EXPECT_DOUBLE_EQ(soa.med, low / 3 - 1 / (3 * low));
    // Published as half of 2^m, but an adder that sets m bits makes 2^m - 1 of 0 + 0.
    EXPECT_EQ(soa.wce, low - 1);
  }
}

}  // namespace
}  // namespace mulberry
