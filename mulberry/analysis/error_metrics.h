// Figures of an approximate multiplier's error: MED, MRED, NMED, MSE, WCE, WCRE, EP, bias and the
// standard deviation of the relative error. docs/analysis.md has the formulas and the sources.
//
// Published tables differ in conventions, so that each convention is an option here, and a report
// carries the ones it was made with. Not here: the structure of the error (structure.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mulberry/analysis/distribution.h"
#include "mulberry/analysis/subject.h"

namespace mulberry {

/// Which pairs have a relative error (approx - a·b) / (a·b).
enum class ZeroProducts : uint8_t {
  kLeftOut,         ///< Those with a nonzero product: EvoApproxLib.
  kCountedAsExact,  ///< All, with 0 for a zero product: Saadat 2018, Kulkarni 2011.
};

constexpr std::string_view Name(ZeroProducts zero_products) {
  return zero_products == ZeroProducts::kLeftOut ? "left-out" : "exact";
}

/// What MED and WCE are given in.
enum class ErrorScale : uint8_t {
  kAbsolute,
  kPercentOfRange,       ///< Of 2^(a_bits + b_bits): EvoApproxLib.
  kPercentOfMaxProduct,  ///< Of the largest |a·b|: (2^n - 1)^2 for n-bit unsigned operands.
};

/// What NMED divides MED by.
enum class NmedDivisor : uint8_t {
  kMaxProduct,  ///< The largest |a·b|: Liang, Han, Lombardi 2013.
  kRange,       ///< 2^(a_bits + b_bits).
};

struct ErrorConventions {
  ZeroProducts zero_products = ZeroProducts::kLeftOut;
  ErrorScale scale = ErrorScale::kAbsolute;
  NmedDivisor nmed_divisor = NmedDivisor::kMaxProduct;

  friend bool operator==(const ErrorConventions&, const ErrorConventions&) = default;
};

struct ErrorOptions {
  ErrorConventions conventions;
  Distribution distribution;
  /// All pairs are evaluated if no more than this many occur, else `samples` random ones are.
  int64_t exhaustive_limit = int64_t{1} << 26;
  int64_t samples = int64_t{1} << 22;  ///< At least 1.
  uint64_t seed = 0;
};

/// A mean, with its 95 % confidence interval where it was sampled; else value = low = high.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

/// A largest magnitude and the pair that has it: of several the one with the lowest a, then b; of a
/// sample the first drawn. All zero if there is no error.
struct WorstCase {
  double value = 0;
  int64_t a = 0;
  int64_t b = 0;
  int64_t exact = 0;
  int64_t approx = 0;
};

/// Names are the keys under which figures are published; pct stands for per cent.
struct ErrorMetrics {
  ErrorConventions conventions;
  std::string distribution;  ///< In words.
  /// Whether all pairs that occur were evaluated. If not, worst cases are lower bounds.
  bool exhaustive = true;
  int64_t pairs = 0;  ///< Evaluated.

  Estimate med;       ///< Mean error distance |approx - a·b|.
  Estimate nmed;      ///< MED over the largest product.
  Estimate mse;       ///< Mean squared error, never scaled.
  WorstCase wce;      ///< Worst-case error |approx - a·b|.
  Estimate ep_pct;    ///< Error probability: share of the pairs with approx != a·b.
  Estimate mred_pct;  ///< Mean relative error distance. NaN, as the next three, if no pair has one.
  Estimate bias_pct;  ///< Mean of the signed relative error.
  double std_pct = 0;  ///< Standard deviation of the signed relative error.
  WorstCase wcre_pct;  ///< Worst-case relative error, over pairs with a nonzero product.
};

/// Measures the subject. The figures are the same bits for any number of threads. Throws UsageError
/// where the distribution or the number of samples does not fit, Error as CheckSubject and
/// ErrorSubject::error do.
ErrorMetrics MeasureErrors(const ErrorSubject& subject, const ErrorOptions& options);

}  // namespace mulberry
