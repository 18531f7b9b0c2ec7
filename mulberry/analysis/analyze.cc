#include "mulberry/analysis/analyze.h"

namespace mulberry {

ErrorReport Analyze(const ErrorSubject& subject, const ErrorOptions& options) {
  ErrorReport report;
  report.metrics = MeasureErrors(subject, options);
  if (HasErrorTable(subject)) report.structure = AnalyzeStructure(MakeErrorTable(subject));
  return report;
}

}  // namespace mulberry
