// The relative errors of a real multiplier as files: what `mulberry analyze --errors` writes and
// error models draw from, noise(file=FILE)@fp32.
//
// A file is one JSON object:
//   {
//     "mulberry_errors": 1,             the version of this format
//     "source": "drum(k=6)@uint8",      the multiplier
//     "operands": "uniform",            their distribution, in words (distribution.h)
//     "zero_products": "left-out",      or "exact" (error_metrics.h)
//     "pairs": 65025,                   with a relative error that were evaluated
//     "exhaustive": true,               whether these are all
//     "mean": 0.0057, "sd": 0.0158,     of the relative error: 0.01 is 1 %
//     "quantiles": [-0.0157, ...]       4096 errors, ascending: of the pairs, sorted by their
//     errors
//                                       and cut into so many parts of equal weight, the means
//   }
// A reader takes any number of quantiles from 1 to 2^20.
#pragma once

#include <cstdint>
#include <string>

#include "mulberry/analysis/error_metrics.h"
#include "mulberry/multipliers/error_model.h"

namespace mulberry {

/// How relative errors are distributed, and of what.
struct ErrorRecord {
  static constexpr int kQuantiles = 4096;

  std::string source;
  std::string operands;
  ZeroProducts zero_products = ZeroProducts::kLeftOut;
  int64_t pairs = 0;
  bool exhaustive = true;
  ErrorDistribution errors = {};  ///< With values: the quantiles.

  friend bool operator==(const ErrorRecord&, const ErrorRecord&) = default;
};

/// Measures the relative errors of the pairs that MeasureErrors takes, of which it holds 16 bytes
/// each. The same bits for any number of threads. Throws as MeasureErrors does, and UsageError
/// where no pair has a relative error.
ErrorRecord RecordErrors(const ErrorSubject& subject, const ErrorOptions& options);

/// Throw Error that names the file and what is wrong with it.
ErrorRecord ReadErrors(const std::string& path);
void WriteErrors(const ErrorRecord& record, const std::string& path);

}  // namespace mulberry
