// Error models: multipliers of which nothing is known but the relative error. Every product a·b is
// a·b·(1 + e) with a random e, normally distributed (Hammad, El-Sankary, Gu, "Deep learning
// training with simulated approximate multipliers", ROBIO 2019) or as it was measured of a real
// multiplier.
//
// Not here: which products of a network share an error, and how they get it (nn/errors.h), and the
// files of measured errors (analysis/error_file.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mulberry/base/random.h"

namespace mulberry {

/// The name of error models in specifications: noise(mre=1.4%)@fp32.
inline constexpr std::string_view kNoiseFamily = "noise";

/// What has an error of its own.
enum class ErrorsOn : uint8_t {
  kWeights,   ///< Each weight, the same in all its products throughout a run: the paper's.
  kSteps,     ///< Each weight, another one in each forward product and its gradients.
  kProducts,  ///< Each product.
};
std::string_view Name(ErrorsOn on);  // "weights", "steps", "products"

/// How the spread of normal errors is said.
enum class SpreadFigure : uint8_t {
  kMre,  ///< Mean relative error, the mean of |e - bias|: sd·sqrt(2/π).
  kSd,   ///< Standard deviation.
};
std::string_view Name(SpreadFigure figure);  // "mre", "sd"

/// e ~ N(bias, sd²), in per cent.
struct NormalErrors {
  SpreadFigure figure = SpreadFigure::kMre;
  double spread_pct = 0;
  double bias_pct = 0;

  friend bool operator==(const NormalErrors&, const NormalErrors&) = default;
};

/// Those of a file that `mulberry analyze --errors` wrote.
struct MeasuredErrors {
  std::string file;

  friend bool operator==(const MeasuredErrors&, const MeasuredErrors&) = default;
};

struct ErrorModel {
  std::variant<NormalErrors, MeasuredErrors> errors;
  ErrorsOn on = ErrorsOn::kWeights;

  friend bool operator==(const ErrorModel&, const ErrorModel&) = default;
};

/// How e is distributed.
struct ErrorDistribution {
  double mean = 0;
  double sd = 0;
  /// Of measured errors: values that are equally likely, ascending. Empty: e is normal.
  std::vector<double> values = {};

  friend bool operator==(const ErrorDistribution&, const ErrorDistribution&) = default;
};

ErrorDistribution DistributionOf(const NormalErrors& errors);

/// The error that 64 uniform random bits draw.
double ErrorOf(const ErrorDistribution& distribution, uint64_t random);

/// errors[i] = ErrorOf(distribution, stream.WideAt(i)), rounded to FP32, for i < n.
void DrawErrors(const ErrorDistribution& distribution, RandomStream stream, float* errors,
                int64_t n);

}  // namespace mulberry
