// Error figures of a model, for comparing them in tests with those that are published. Test code;
// users have analysis/.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

#include "mulberry/multipliers/multiplier.h"

namespace mulberry {

/// Of absolute errors D = |product - exact| and, in per cent, of relative errors
/// E = (product - exact) / exact, over pairs of operands that are uniform and independent. What is
/// relative leaves out pairs with a zero, but for `..._of_all`, which count them as exact.
struct ErrorFigures {
  double mred = 0, mred_of_all = 0;  ///< Mean of |E|.
  double bias = 0, bias_of_all = 0;  ///< Mean of E.
  double deviation = 0;              ///< Standard deviation of E.
  double lowest = 0, highest = 0;    ///< Of E.
  double med = 0, mse = 0, wce = 0;  ///< Mean of D, mean of its square, largest.
  double ep = 0;                     ///< Pairs whose product is not exact, in per cent.
  double within_2 = 0;               ///< Pairs with |E| < 2 %, in per cent.
  /// Standard errors where the pairs are a sample, else 0.
  double mred_error = 0, bias_error = 0, deviation_error = 0, med_error = 0, ep_error = 0,
         within_2_error = 0;
};

class ErrorTally {
 public:
  void Add(uint64_t exact, uint64_t product) {
    const double d = static_cast<double>(product) - static_cast<double>(exact);
    ++pairs_;
    wrong_ += d != 0;
    med_ += std::abs(d);
    mse_ += d * d;
    wce_ = std::max(wce_, std::abs(d));
    if (exact == 0) return;
    const double e = 100 * d / static_cast<double>(exact);
    ++nonzero_;
    sum_ += e;
    magnitudes_ += std::abs(e);
    within_2_ += std::abs(e) < 2;
    squares_ += e * e;
    fourths_ += e * e * e * e;
    AddExtreme(exact, product);
  }

  /// Counts the pair, whose exact product is not zero, among the extremes only.
  void AddExtreme(uint64_t exact, uint64_t product) {
    const double d = static_cast<double>(product) - static_cast<double>(exact);
    const double e = 100 * d / static_cast<double>(exact);
    wce_ = std::max(wce_, std::abs(d));
    lowest_ = std::min(lowest_, e);
    highest_ = std::max(highest_, e);
  }

  ErrorFigures Figures(bool sample) const {
    const double n = nonzero_, all = pairs_;
    ErrorFigures f;
    f.mred = magnitudes_ / n;
    f.mred_of_all = magnitudes_ / all;
    f.bias = sum_ / n;
    f.bias_of_all = sum_ / all;
    const double variance = squares_ / n - f.bias * f.bias;
    f.deviation = std::sqrt(variance);
    f.lowest = lowest_;
    f.highest = highest_;
    f.med = med_ / all;
    f.mse = mse_ / all;
    f.wce = wce_;
    f.ep = 100 * wrong_ / all;
    f.within_2 = 100 * within_2_ / n;
    if (!sample) return f;
    f.mred_error = std::sqrt((squares_ / n - f.mred * f.mred) / n);
    f.bias_error = f.deviation / std::sqrt(n);
    // The mean is small beside the deviation; the fourth moment about it is nearly that about zero.
    f.deviation_error = std::sqrt((fourths_ / n - variance * variance) / n) / (2 * f.deviation);
    f.med_error = std::sqrt((f.mse - f.med * f.med) / all);
    f.ep_error = std::sqrt(f.ep * (100 - f.ep) / all);
    f.within_2_error = std::sqrt(f.within_2 * (100 - f.within_2) / n);
    return f;
  }

 private:
  double pairs_ = 0, nonzero_ = 0, wrong_ = 0, within_2_ = 0;
  double sum_ = 0, magnitudes_ = 0, squares_ = 0, fourths_ = 0;
  double med_ = 0, mse_ = 0, wce_ = 0, lowest_ = 0, highest_ = 0;
};

/// Over all pairs of n-bit operands.
inline ErrorFigures FiguresOfAllPairs(const Model& model, int n) {
  ErrorTally tally;
  for (uint64_t a = 0; a < uint64_t{1} << n; ++a) {
    for (uint64_t b = 0; b < uint64_t{1} << n; ++b) tally.Add(a * b, model(a, b));
  }
  return tally.Figures(false);
}

/// Of the adder that alm_soa(m=) and alm_loa(m=) have for fractions, over all pairs of m-bit low
/// parts, m <= n - 2. On n-bit operands 2^(n-1) + x and 2^(n-1) + y, x and y below 2^m, nothing
/// carries into the exponent, and the product is 2^(n-1)·(2^(n-1) + s) with s what the adder makes
/// of x + y.
inline ErrorFigures FiguresOfAdder(const Model& model, int n, int m) {
  const uint64_t one = uint64_t{1} << (n - 1);
  ErrorTally tally;
  for (uint64_t x = 0; x < uint64_t{1} << m; ++x) {
    for (uint64_t y = 0; y < uint64_t{1} << m; ++y) {
      tally.Add(x + y, model(one + x, one + y) / one - one);
    }
  }
  return tally.Figures(false);
}

/// Over 2^22 random pairs of 16-bit operands, the same every time. The extremes, WCE among them,
/// are looked for, besides, where models have them: at the ends of the intervals over which an
/// operand's first 10 bits are the same.
inline ErrorFigures FiguresOf16BitSample(const Model& model) {
  ErrorTally tally;
  std::mt19937_64 random(16);
  for (int i = 0; i < 1 << 22; ++i) {
    const uint64_t bits = random(), a = bits & 0xffff, b = bits >> 16 & 0xffff;
    tally.Add(a * b, model(a, b));
  }
  for (uint64_t a = 0x8000; a <= 0xffff; a += a % 64 == 0 ? 63 : 1) {
    for (uint64_t b = 0x8000; b <= 0xffff; b += b % 64 == 0 ? 63 : 1) {
      tally.AddExtreme(a * b, model(a, b));
    }
  }
  return tally.Figures(true);
}

}  // namespace mulberry
