#include "mulberry/formats/calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

using enum Calibration::Kind;
constexpr IntegerFormat kUint8{8, false}, kInt8{8, true};
constexpr Scaling kMax{Scaling::Kind::kMax}, kAffine{Scaling::Kind::kAffine};

// 0, 1, ..., n - 1.
std::vector<float> Ramp(int n) {
  std::vector<float> values;
  for (int i = 0; i < n; ++i) values.push_back(static_cast<float>(i));
  return values;
}

ValueHistogram HistogramOf(const std::vector<float>& values, const Range& range) {
  ValueHistogram histogram(range);
  histogram.Add(values.data(), static_cast<int64_t>(values.size()));
  return histogram;
}

TEST(Calibration, IsReadAndPrinted) {
  for (const char* text :
       {"min-max", "percentile", "percentile(99.99)", "percentile(100)", "mse"}) {
    EXPECT_EQ(Print(ParseCalibration(text)), text);
  }
  EXPECT_EQ(Print(ParseCalibration("percentile(99.9)")), "percentile");
  for (const char* text : {"", "max", "percentile(50)", "percentile(101)", "percentile()",
                           "percentile(9x)", "percentile(nan)", "mse(2)"}) {
    EXPECT_THROW(ParseCalibration(text), UsageError) << text;
  }
}

TEST(Calibration, HistogramCountsEveryValueOnce) {
  const ValueHistogram histogram = HistogramOf({-2, -1, 0, 0, 3, 9, NAN}, {-1, 3});
  EXPECT_EQ(histogram.total(), 7);
  EXPECT_EQ(histogram.count(0), 3);  // -2, -1 and NaN.
  EXPECT_EQ(histogram.count(ValueHistogram::kBins - 1), 2);
  EXPECT_EQ(histogram.count(ValueHistogram::kBins / 4), 2);
  EXPECT_EQ(histogram.middle(ValueHistogram::kBins / 4), 0.0);
}

TEST(Calibration, MinMaxIsTheSamplesRange) {
  const Range range{-1, 3};
  EXPECT_EQ(CalibratedRange({kMinMax}, HistogramOf({-1, 3}, range), kUint8, kAffine), range);
}

TEST(Calibration, PercentileLeavesOutTheRarestAtEitherEnd) {
  // Of 0 ... 999 one percent is beyond 989.
  const Range of_ramp =
      CalibratedRange({kPercentile, 99}, HistogramOf(Ramp(1000), {0, 999}), kUint8, kAffine);
  EXPECT_EQ(of_ramp.smallest, 0);
  EXPECT_NEAR(of_ramp.largest, 989, 999.0 / ValueHistogram::kBins + 0.5);
  std::vector<float> values = Ramp(1000);
  for (float& value : values) value -= 499.5f;
  const Range centred =
      CalibratedRange({kPercentile, 99}, HistogramOf(values, {-499.5, 499.5}), kInt8, kMax);
  EXPECT_NEAR(centred.smallest, -489.5, 1);
  EXPECT_NEAR(centred.largest, 489.5, 1);
}

TEST(Calibration, PercentileKeepsZeroInTheRange) {
  const Range range =
      CalibratedRange({kPercentile, 60}, HistogramOf(Ramp(100), {0, 99}), kUint8, kAffine);
  EXPECT_EQ(range.smallest, 0);
  const Range zeros =
      CalibratedRange({kPercentile, 99}, HistogramOf({0, 0, 0}, {0, 0}), kUint8, kAffine);
  EXPECT_EQ(zeros, (Range{0, 0}));
}

// The mean squared error of the sample itself, value by value.
double ErrorOf(const std::vector<float>& values, const Range& range, const IntegerFormat& format,
               const Scaling& scaling) {
  const Quantizer quantizer = FitQuantizer(format, scaling, range);
  double sum = 0;
  for (const float value : values) {
    const float q = Quantize(quantizer, Rounding::kNearestEven, value);
    const double error = value - double{quantizer.step} * (double{q} - quantizer.zero);
    sum += error * error;
  }
  return sum;
}

TEST(Calibration, MseClipsOneOutlierAmongMany) {
  std::vector<float> values;
  for (int i = 0; i < 100000; ++i) values.push_back(static_cast<float>(i % 1000) / 1000);
  values.push_back(10);
  const Range whole{0, 10};
  const Range range = CalibratedRange({kMse}, HistogramOf(values, whole), {4, false}, kAffine);
  EXPECT_LT(range.largest, 5);
  EXPECT_GE(range.largest, 0.9f);
  EXPECT_LT(ErrorOf(values, range, {4, false}, kAffine),
            ErrorOf(values, whole, {4, false}, kAffine));
}

TEST(Calibration, MseOfARampIsTheWholeOfIt) {
  const Range range = CalibratedRange({kMse}, HistogramOf(Ramp(256), {0, 255}), kUint8, kAffine);
  EXPECT_NEAR(range.largest, 255, 3);
}

}  // namespace
}  // namespace mulberry
