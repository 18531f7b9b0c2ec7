#include "mulberry/analysis/error_metrics.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "mulberry/analysis/compensated_sum.h"
#include "mulberry/analysis/pairs.h"
#include "mulberry/base/error.h"

namespace mulberry {
namespace {

/// The largest of the magnitudes shown to it, the first of equals.
struct Largest {
  double magnitude = 0;
  int64_t a = 0;
  int64_t b = 0;
  int64_t error = 0;

  void Show(const Largest& next) {
    if (next.magnitude > magnitude) *this = next;
  }
};

/// Weighted sums over some pairs. Errors are below 2^53, so that they are exact as doubles.
struct Sums {
  int64_t pairs = 0;
  CompensatedSum weight;
  CompensatedSum wrong;  // Weight of pairs with an error.
  CompensatedSum distance, square, fourth_power;
  CompensatedSum nonzero;  // Weight of pairs with a nonzero product.
  CompensatedSum relative_distance, relative, relative_square;
  Largest error, relative_error;

  void Add(int64_t a, int64_t b, int64_t error_of_pair, double w) {
    const int64_t product = a * b;
    ++pairs;
    weight.Add(w);
    if (product != 0) nonzero.Add(w);
    if (error_of_pair == 0) return;
    const double e = static_cast<double>(error_of_pair);
    wrong.Add(w);
    distance.Add(w * std::abs(e));
    square.Add(w * (e * e));
    fourth_power.Add(w * (e * e) * (e * e));
    error.Show({std::abs(e), a, b, error_of_pair});
    if (product == 0) return;
    const double r = e / static_cast<double>(product);
    relative_distance.Add(w * std::abs(r));
    relative.Add(w * r);
    relative_square.Add(w * (r * r));
    relative_error.Show({std::abs(r), a, b, error_of_pair});
  }

  void Add(const Sums& next) {
    pairs += next.pairs;
    weight.Add(next.weight);
    wrong.Add(next.wrong);
    distance.Add(next.distance);
    square.Add(next.square);
    fourth_power.Add(next.fourth_power);
    nonzero.Add(next.nonzero);
    relative_distance.Add(next.relative_distance);
    relative.Add(next.relative);
    relative_square.Add(next.relative_square);
    error.Show(next.error);
    relative_error.Show(next.relative_error);
  }
};

/// A normal variable is within so many standard deviations of its mean with a probability of 95 %.
constexpr double k95Percent = 1.959963984540054;

Estimate Scaled(const Estimate& estimate, double factor) {
  return {estimate.value * factor, estimate.low * factor, estimate.high * factor};
}

/// Turns sums into means and, of a sample, their intervals.
struct Estimator {
  double weight;  // Of the pairs averaged over; of a sample their number.
  bool exhaustive;

  /// A mean of x from the sums of x and x². The interval is that of the central limit theorem.
  Estimate Mean(const CompensatedSum& sum, const CompensatedSum& square_sum) const {
    const double mean = sum.value() / weight;
    if (exhaustive) return {mean, mean, mean};
    const double variance = std::max(0.0, square_sum.value() / weight - mean * mean);
    const double half_width = k95Percent * std::sqrt(variance / weight);
    return {mean, mean - half_width, mean + half_width};
  }

  /// A probability. The interval is Wilson's, which is not empty where nothing or all was counted.
  Estimate Share(const CompensatedSum& counted) const {
    const double share = counted.value() / weight;
    if (exhaustive) return {share, share, share};
    const double z2 = k95Percent * k95Percent / weight;
    const double centre = (share + z2 / 2) / (1 + z2);
    const double half_width = std::sqrt(z2) * std::sqrt(share * (1 - share) + z2 / 4) / (1 + z2);
    return {share, std::max(0.0, centre - half_width), std::min(1.0, centre + half_width)};
  }
};

WorstCase At(const Largest& largest, double factor) {
  const int64_t exact = largest.a * largest.b;
  return {largest.magnitude * factor, largest.a, largest.b, exact, exact + largest.error};
}

void SetDistances(const Sums& sums, const ErrorSubject& subject, ErrorMetrics& metrics) {
  const double range = std::ldexp(1.0, subject.a_bits + subject.b_bits);
  const double max_product = static_cast<double>(subject.max_product());
  double scale = subject.unit();
  if (metrics.conventions.scale == ErrorScale::kPercentOfRange) scale = 100 / range;
  if (metrics.conventions.scale == ErrorScale::kPercentOfMaxProduct) scale = 100 / max_product;
  const bool of_range = metrics.conventions.nmed_divisor == NmedDivisor::kRange;

  const Estimator over_all{sums.weight.value(), metrics.exhaustive};
  const Estimate med = over_all.Mean(sums.distance, sums.square);
  metrics.med = Scaled(med, scale);
  metrics.nmed = Scaled(med, 1 / (of_range ? range : max_product));
  const double unit = subject.unit();
  metrics.mse = Scaled(over_all.Mean(sums.square, sums.fourth_power), unit * unit);
  metrics.wce = At(sums.error, scale);
  metrics.ep_pct = Scaled(over_all.Share(sums.wrong), 100);
}

void SetRelativeFigures(const Sums& sums, ErrorMetrics& metrics) {
  const bool all = metrics.conventions.zero_products == ZeroProducts::kCountedAsExact;
  const Estimator over{(all ? sums.weight : sums.nonzero).value(), metrics.exhaustive};
  metrics.mred_pct = Scaled(over.Mean(sums.relative_distance, sums.relative_square), 100);
  const Estimate bias = over.Mean(sums.relative, sums.relative_square);
  metrics.bias_pct = Scaled(bias, 100);
  const double variance = sums.relative_square.value() / over.weight - bias.value * bias.value;
  metrics.std_pct = 100 * std::sqrt(variance < 0 ? 0 : variance);  // NaN stays.
  metrics.wcre_pct = At(sums.relative_error, 100);
  if (over.weight == 0) metrics.wcre_pct.value = std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

ErrorMetrics MeasureErrors(const ErrorSubject& subject, const ErrorOptions& options) {
  CheckPairs(subject, options);
  ErrorMetrics metrics;
  metrics.conventions = options.conventions;
  metrics.distribution = Describe(options.distribution);
  metrics.exhaustive = IsExhaustive(subject, options);

  Sums sums;
  for (const Sums& block : ForPairs(subject, options, Sums{})) sums.Add(block);
  metrics.pairs = sums.pairs;
  SetDistances(sums, subject, metrics);
  SetRelativeFigures(sums, metrics);
  return metrics;
}

}  // namespace mulberry
