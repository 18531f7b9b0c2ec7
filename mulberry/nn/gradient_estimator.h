// How a network is trained through products of integers that have no derivative: what stands for
// the derivative of the multiplier's product M(a, b) in a and in b. Not here: gradients made of it
// (gradient_model.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mulberry {

struct GradientEstimator {
  enum class Kind : uint8_t {
    kStraightThrough,  ///< b and a, as of the exact product: Bengio, Léonard and Courville,
                       ///< "Estimating or Propagating Gradients Through Stochastic Neurons", 2013.
    kSlopes,           ///< Of each value of b one slope in a, and the other way round: MeanSlopes
                       ///< of analysis/slopes.h.
    kDifferences,      ///< Of each pair: SmoothedDifferences of analysis/slopes.h.
  };
  static constexpr int64_t kUsualWindow = 4, kMostWindow = 4096;
  static constexpr double kUsualTolerance = 1;

  Kind kind = Kind::kStraightThrough;
  int64_t window = kUsualWindow;  ///< Of slopes and differences, 0 to kMostWindow.
  /// Of differences: by how many percent the table that is used may be off, as the root of the mean
  /// square over all pairs, relative to that of the table. Above 0, at most 100.
  double tolerance_pct = kUsualTolerance;

  friend bool operator==(const GradientEstimator&, const GradientEstimator&) = default;
};

/// Reads "straight-through", "slopes", "slopes(window=W)" or "differences", with window=W and
/// tolerance=P% in parentheses in any order. Throws UsageError.
GradientEstimator ParseGradientEstimator(std::string_view text);
/// The inverse, canonical: what has its usual value is left out.
std::string Print(const GradientEstimator& estimator);

}  // namespace mulberry
