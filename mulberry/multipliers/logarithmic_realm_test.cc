// REALM against its formula in real numbers, with corrections from integrals that are solved by
// hand in one variable.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "mulberry/multipliers/real_logarithm.h"
#include "mulberry/multipliers/test_pairs.h"

namespace mulberry {
namespace {

/// The integral over y in [from, to] of Mitchell's relative error. That error is
/// -xy / ((1 + x)(1 + y)) if x + y < 1, else -(1 - x)(1 - y) / ((1 + x)(1 + y)).
double IntegralOfError(double x, double from, double to) {
  const double carry = std::min(std::max(1 - x, from), to);
  const auto below = [x](double y) { return -x / (1 + x) * (y - std::log1p(y)); };
  const auto above = [x](double y) { return -(1 - x) / (1 + x) * (2 * std::log1p(y) - y); };
  return below(carry) - below(from) + above(to) - above(carry);
}

/// s(i, j) in 64ths.
int CorrectionOracle(int i, int j, int m) {
  constexpr int kSteps = 500;
  double error = 0, change = 0;
  const double from = static_cast<double>(j) / m, to = (j + 1.0) / m;
  for (int step = 0; step < kSteps; ++step) {
    const double x = (i + (step + 0.5) / kSteps) / m;
    error += IntegralOfError(x, from, to);
    change += (std::log1p(to) - std::log1p(from)) / (1 + x);
  }
  return static_cast<int>(std::floor(-64 * error / change + 0.5));
}

std::vector<int> CorrectionOracles(int m) {
  std::vector<int> corrections;
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < m; ++j) corrections.push_back(CorrectionOracle(i, j, m));
  }
  return corrections;
}

TEST(RealmCorrections, HaveTheSymmetriesOfTheError) {
  EXPECT_EQ(CorrectionOracles(4),
            (std::vector<int>{1, 3, 5, 4, 3, 9, 12, 5, 5, 12, 9, 3, 4, 5, 3, 1}));
}

/// The real product, of fractions that keep `kept` bits, with their lowest bit set if `set`.
class RealmOracle {
 public:
  RealmOracle(int m, int n, int kept, bool set)
      : corrections_(CorrectionOracles(m)), m_(m), n_(n), kept_(kept), set_(set) {}

  uint64_t operator()(uint64_t a, uint64_t b) const {
    if (a == 0 || b == 0) return 0;
    const RealLogarithm p(a), q(b);
    const int i = static_cast<int>(p.x * m_), j = static_cast<int>(q.x * m_);
    const double s = corrections_[static_cast<size_t>(i * m_ + j)] / 64.0;
    const double sum = Shortened(p.x, kept_, set_) + Shortened(q.x, kept_, set_);
    return static_cast<uint64_t>(RealCorrectedAntilogarithm(p.k + q.k, sum, s, n_));
  }

 private:
  std::vector<int> corrections_;
  int m_, n_, kept_;
  bool set_;
};

TEST(Realm, IsItsFormula) {
  for (const int n : kTestWidths) {
    for (const int m : {4, 8, 16}) {
      for (const int t : {0, 1, 4, n - 7}) {
        if (t > 0 && t > n - 7) continue;
        const RealmOracle oracle(m, n, n - 1 - t, t > 0);
        ExpectIsDefinition({"realm", {m, std::max(t, 0)}, {}}, n, oracle);
      }
    }
  }
}

TEST(Realm, SetsTheLowestBitOfTruncatedSignificands) {
  for (const int m : {4, 8, 16}) {
    const Model truncated = MakeModel({"realm", {m, 0}, {}}, {8, true, 16});
    const Model rounded = MakeModel({"realm", {m, 0}, {}}, {8, true, 0});
    const RealmOracle set(m, 8, 7, true), not_set(m, 8, 7, false);
    for (uint64_t a = 128; a < 256; ++a) {
      for (uint64_t b = 128; b < 256; ++b) {
        ASSERT_EQ(truncated(a, b), set(a, b)) << m << " " << a << " " << b;
        ASSERT_EQ(rounded(a, b), not_set(a, b)) << m << " " << a << " " << b;
      }
    }
  }
}

TEST(Realm, DroppingMoreBitsOfAWiderSignificandIsTheNarrowerOne) {
  const Model wide = MakeModel({"realm", {16, 16}, {}}, {24, true, 0});
  const Model narrow = MakeModel({"realm", {16, 0}, {}}, {8, true, 16});
  std::mt19937_64 random(5);
  for (int i = 0; i < 100'000; ++i) {
    const uint64_t a = 0x800000 | (random() & 0x7fffff), b = 0x800000 | (random() & 0x7fffff);
    ASSERT_EQ(wide(a, b), narrow(a >> 16, b >> 16) << 32) << a << " " << b;
  }
}

TEST(Realm, LeavesTheCorrectionOutWhereTheProductWouldNotFit) {
  // realm(m=4) corrects the last segment by 1/64: 2^31·(2 - 2^-14 + 2^-7) would need 33 bits.
  EXPECT_EQ(MakeModel({"realm", {4, 0}, {}}, {.bits = 16})(65535, 65535), 0xfffe0000u);
}

}  // namespace
}  // namespace mulberry
