// What plot.h draws.
#include <algorithm>
#include <cmath>
#include <limits>

#include "mulberry/analysis/compensated_sum.h"
#include "mulberry/analysis/pairs.h"
#include "mulberry/analysis/plot.h"

namespace mulberry {
namespace {

constexpr int64_t kMaxCells = 256;
constexpr int64_t kMaxPairsPerCell = 64;
constexpr int kMaxBins = 120;

/// The quantity of one pair; NaN if it has none.
double Value(ErrorQuantity quantity, double unit, int64_t a, int64_t b, int64_t error) {
  const auto e = static_cast<double>(error);
  if (quantity == ErrorQuantity::kError) return e * unit;
  const int64_t product = a * b;
  if (product == 0) return std::numeric_limits<double>::quiet_NaN();
  return 100 * e / static_cast<double>(product);
}

/// The least and the greatest value, 0 included.
struct Extent {
  ErrorQuantity quantity;
  double unit;
  double least = 0;
  double greatest = 0;

  void Add(int64_t a, int64_t b, int64_t error, double) {
    const double value = Value(quantity, unit, a, b, error);
    if (std::isnan(value)) return;
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
};

/// Weights of the errors by bin; bin k is centred on k times the width.
struct Bins {
  ErrorQuantity quantity;
  double unit;
  double width;
  int first;
  CompensatedSum total;
  CompensatedSum exact;
  std::vector<CompensatedSum> weights;

  void Add(int64_t a, int64_t b, int64_t error, double weight) {
    const double value = Value(quantity, unit, a, b, error);
    if (std::isnan(value)) return;
    total.Add(weight);
    if (error == 0) {
      exact.Add(weight);
      return;
    }
    const int bin = static_cast<int>(std::floor(value / width + 0.5)) - first;
    weights[static_cast<size_t>(std::clamp(bin, 0, static_cast<int>(weights.size()) - 1))].Add(
        weight);
  }
};

/// A width of 1, 2 or 5 times a power of ten that needs few bins; of whole units for errors.
double BinWidth(double extent, double unit) {
  const double least = extent / (kMaxBins - 2);
  if (least <= unit) return unit;
  double power = unit * std::pow(10.0, std::floor(std::log10(least / unit)));
  for (const int factor : {1, 2, 5}) {
    if (power * factor >= least) return power * factor;
  }
  return power * 10;
}

}  // namespace

ErrorMap MakeErrorMap(const ErrorSubject& subject, ErrorQuantity quantity) {
  CheckSubject(subject);
  const OperandRange a_range = subject.a_range(), b_range = subject.b_range();
  // Numbers of values are powers of two, so that cells are all of one size.
  const int64_t a_cells = std::min(kMaxCells, a_range.count);
  const int64_t b_cells = std::min(kMaxCells, b_range.count);
  const int64_t a_values = a_range.count / a_cells, b_values = b_range.count / b_cells;

  ErrorMap map{static_cast<int>(a_cells), static_cast<int>(b_cells), {}};
  map.means.resize(static_cast<size_t>(a_cells * b_cells));
  map.sampled = a_values * b_values > kMaxPairsPerCell;
  map.pairs_per_cell = map.sampled ? kMaxPairsPerCell : a_values * b_values;
  ParallelFor(b_cells, [&](int64_t row) {
    for (int64_t column = 0; column < a_cells; ++column) {
      const int64_t cell = row * a_cells + column;
      const RandomStream random{0, static_cast<uint64_t>(cell)};
      CompensatedSum sum;
      int64_t count = 0;
      for (int64_t k = 0; k < map.pairs_per_cell; ++k) {
        int64_t i = k / b_values, j = k % b_values;
        if (map.sampled) {
          i = random.At(static_cast<uint64_t>(2 * k)) % a_values;
          j = random.At(static_cast<uint64_t>(2 * k + 1)) % b_values;
        }
        const int64_t a = a_range.lowest + column * a_values + i;
        const int64_t b = b_range.lowest + row * b_values + j;
        const double value = Value(quantity, subject.unit(), a, b, subject.error(a, b));
        if (std::isnan(value)) continue;
        sum.Add(value);
        ++count;
      }
      map.means[static_cast<size_t>(cell)] = sum.value() / static_cast<double>(count);
    }
  });
  return map;
}

ErrorHistogram MakeErrorHistogram(const ErrorSubject& subject, const ErrorOptions& options,
                                  ErrorQuantity quantity) {
  CheckPairs(subject, options);
  const double unit = subject.unit();
  Extent extent{quantity, unit};
  for (const Extent& block : ForPairs(subject, options, extent)) {
    extent.least = std::min(extent.least, block.least);
    extent.greatest = std::max(extent.greatest, block.greatest);
  }

  const double finest = quantity == ErrorQuantity::kError ? unit : 1e-6;
  Bins bins{quantity, unit, BinWidth(extent.greatest - extent.least, finest), 0, {}, {}, {}};
  bins.first = static_cast<int>(std::floor(extent.least / bins.width + 0.5));
  const int last = static_cast<int>(std::floor(extent.greatest / bins.width + 0.5));
  bins.weights.resize(static_cast<size_t>(last - bins.first + 1));
  Bins sums = bins;
  for (const Bins& block : ForPairs(subject, options, bins)) {
    sums.total.Add(block.total);
    sums.exact.Add(block.exact);
    for (size_t k = 0; k < sums.weights.size(); ++k) sums.weights[k].Add(block.weights[k]);
  }

  ErrorHistogram histogram;
  histogram.exact_pct = 100 * sums.exact.value() / sums.total.value();
  histogram.bin_width = bins.width;
  histogram.first_centre = bins.first * bins.width;
  if (extent.least == extent.greatest) return histogram;
  for (const CompensatedSum& weight : sums.weights) {
    histogram.shares_pct.push_back(100 * weight.value() / sums.total.value());
  }
  return histogram;
}

}  // namespace mulberry
