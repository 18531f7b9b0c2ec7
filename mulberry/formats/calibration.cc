#include "mulberry/formats/calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr int kShares = 100;

Range Clipped(const ValueHistogram& histogram, double percentile) {
  const auto beyond = static_cast<double>(histogram.total()) * (1.0 - percentile / 100.0);
  const double lower = histogram.range().smallest;
  size_t first = 0, last = ValueHistogram::kBins;
  for (double below = 0; first < last; ++first) {
    below += static_cast<double>(histogram.count(first));
    if (below > beyond) break;
  }
  for (double above = 0; last > first + 1; --last) {
    above += static_cast<double>(histogram.count(last - 1));
    if (above > beyond) break;
  }
  const auto edge = [&](size_t bin) {
    return static_cast<float>(lower + histogram.width() * static_cast<double>(bin));
  };
  return {std::min(0.0f, edge(first)), std::max(0.0f, edge(last))};
}

double SquaredError(const ValueHistogram& histogram, const Quantizer& quantizer) {
  double sum = 0;
  for (size_t bin = 0; bin < ValueHistogram::kBins; ++bin) {
    if (histogram.count(bin) == 0) continue;
    const double value = histogram.middle(bin);
    const double q = Quantize(quantizer, Rounding::kNearestEven, static_cast<float>(value));
    const double error = value - double{quantizer.step} * (q - quantizer.zero);
    sum += error * error * static_cast<double>(histogram.count(bin));
  }
  return sum;
}

Range LeastSquares(const ValueHistogram& histogram, const IntegerFormat& format,
                   const Scaling& scaling) {
  const Range whole = histogram.range();
  Range best = whole;
  double least = INFINITY;
  for (int share = kShares; share > 0; --share) {
    const float factor = static_cast<float>(share) / kShares;
    const Range range{factor * whole.smallest, factor * whole.largest};
    const double error = SquaredError(histogram, FitQuantizer(format, scaling, range));
    if (error < least) {
      least = error;
      best = range;
    }
  }
  return best;
}

}  // namespace

Calibration ParseCalibration(std::string_view text) {
  using enum Calibration::Kind;
  constexpr std::string_view kPrefix = "percentile(";
  if (text == "min-max") return {kMinMax};
  if (text == "mse") return {kMse};
  if (text == "percentile") return {kPercentile};
  if (text.starts_with(kPrefix) && text.ends_with(")")) {
    const std::string_view number = text.substr(kPrefix.size(), text.size() - kPrefix.size() - 1);
    Calibration calibration{kPercentile};
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), calibration.percentile);
    const bool whole = error == std::errc() && end == number.data() + number.size();
    if (whole && calibration.percentile > 50 && calibration.percentile <= 100) return calibration;
    throw UsageError("'{}': '{}' is no percentile above 50 and at most 100", text, number);
  }
  throw UsageError("'{}' must be min-max, percentile, percentile(P) or mse", text);
}

std::string Print(const Calibration& calibration) {
  switch (calibration.kind) {
    case Calibration::Kind::kMinMax:
      return "min-max";
    case Calibration::Kind::kMse:
      return "mse";
    case Calibration::Kind::kPercentile:
      if (calibration.percentile == Calibration::kUsualPercentile) return "percentile";
      return fmt::format("percentile({})", calibration.percentile);
  }
  throw Error("Calibration has no kind {}", static_cast<int>(calibration.kind));
}

ValueHistogram::ValueHistogram(const Range& range)
    : range_(range),
      width_((double{range.largest} - range.smallest) / static_cast<double>(kBins)),
      counts_(kBins) {}

void ValueHistogram::Add(const float* values, int64_t n) {
  const auto per_value = static_cast<float>(width_ > 0 ? 1.0 / width_ : 0.0);
  constexpr auto kLast = static_cast<float>(kBins - 1);
  for (int64_t i = 0; i < n; ++i) {
    const float at = (values[i] - range_.smallest) * per_value;
    // In this order NaN becomes 0.
    ++counts_[static_cast<size_t>(std::max(0.0f, std::min(at, kLast)))];
  }
}

int64_t ValueHistogram::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), int64_t{0});
}

double ValueHistogram::middle(size_t bin) const {
  const double lower = range_.smallest + width_ * static_cast<double>(bin);
  if (lower <= 0 && lower + width_ > 0) return 0.0;
  return lower + width_ / 2;
}

Range CalibratedRange(const Calibration& calibration, const ValueHistogram& histogram,
                      const IntegerFormat& format, const Scaling& scaling) {
  using enum Calibration::Kind;
  if (histogram.total() == 0 || calibration.kind == kMinMax) return histogram.range();
  if (calibration.kind == kPercentile) return Clipped(histogram, calibration.percentile);
  return LeastSquares(histogram, format, scaling);
}

}  // namespace mulberry
