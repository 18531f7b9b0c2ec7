// All that `mulberry analyze` prints of one multiplier, by one call.
#pragma once

#include <optional>

#include "mulberry/analysis/error_metrics.h"
#include "mulberry/analysis/structure.h"
#include "mulberry/analysis/subject.h"

namespace mulberry {

struct ErrorReport {
  ErrorMetrics metrics;
  /// Of the error's table over all operands, whatever their distribution; absent if HasErrorTable
  /// is false.
  std::optional<ErrorStructure> structure;
};

/// Throws as MeasureErrors does.
ErrorReport Analyze(const ErrorSubject& subject, const ErrorOptions& options);

}  // namespace mulberry
