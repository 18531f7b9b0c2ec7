// Ranges of activations that are fixed before a quantised network runs, from a sample of what they
// will be: post-training quantisation's calibration. Not here: the integers of a range
// (quantizer.h), and recording the sample (train/quantization.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mulberry/formats/quantizer.h"

namespace mulberry {

/// How a range is chosen.
struct Calibration {
  enum class Kind : uint8_t {
    kMinMax,      ///< The sample's own.
    kPercentile,  ///< Clipped at either end: from the value that `percentile` % of the sample do
                  ///< not fall below to the one that they do not exceed.
    kMse,         ///< Of a hundred shares of the sample's range, the one with the least mean
                  ///< squared error of the sample rounded to nearest. For formats whose steps are
                  ///< wider than the histogram's bins: of at most 12 bits.
  };
  static constexpr double kUsualPercentile = 99.9;

  Kind kind = Kind::kMinMax;
  double percentile = kUsualPercentile;  ///< Above 50, at most 100.

  friend bool operator==(const Calibration&, const Calibration&) = default;
};

/// Reads "min-max", "percentile", "percentile(99.99)" or "mse". Throws UsageError.
Calibration ParseCalibration(std::string_view text);
/// The inverse.
std::string Print(const Calibration& calibration);

/// How often values fell into equal bins of a range.
class ValueHistogram {
 public:
  static constexpr size_t kBins = 4096;

  explicit ValueHistogram(const Range& range);

  /// Values beyond the range, and NaN, count in the bin at its nearer, or lower, end.
  void Add(const float* values, int64_t n);

  const Range& range() const { return range_; }
  int64_t total() const;
  int64_t count(size_t bin) const { return counts_[bin]; }
  /// The middle of a bin. That of the bin with 0 in it is 0, where zeros of ReLU are.
  double middle(size_t bin) const;
  double width() const { return width_; }

 private:
  Range range_;
  double width_;
  std::vector<int64_t> counts_;
};

/// The range for values of the histogram in `format`, scaled by kMax or kAffine. Of an empty one
/// its own.
Range CalibratedRange(const Calibration& calibration, const ValueHistogram& histogram,
                      const IntegerFormat& format, const Scaling& scaling);

}  // namespace mulberry
