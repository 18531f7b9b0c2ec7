#include "mulberry/nn/gradient_estimator.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <vector>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

using enum GradientEstimator::Kind;

template <typename T>
bool ReadNumber(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

// "parameter=value" of the estimator that is written as `text`.
void Set(GradientEstimator& estimator, std::string_view parameter, std::string_view text) {
  const size_t equals = parameter.find('=');
  const std::string_view name = parameter.substr(0, equals);
  std::string_view value = equals == std::string_view::npos ? "" : parameter.substr(equals + 1);
  if (name == "window" && estimator.kind != kStraightThrough) {
    if (ReadNumber(value, estimator.window) && estimator.window >= 0 &&
        estimator.window <= GradientEstimator::kMostWindow) {
      return;
    }
    throw UsageError("'{}': the window is '{}'; it must be a whole number from 0 to {}", text,
                     value, GradientEstimator::kMostWindow);
  }
  if (name == "tolerance" && estimator.kind == kDifferences) {
    const bool is_percent = value.ends_with('%');
    if (is_percent) value.remove_suffix(1);
    if (is_percent && ReadNumber(value, estimator.tolerance_pct) && estimator.tolerance_pct > 0 &&
        estimator.tolerance_pct <= 100) {
      return;
    }
    throw UsageError("'{}': the tolerance must be above 0% and at most 100%, such as 1%", text);
  }
  throw UsageError(
      "'{}': unknown parameter '{}'; there are window=W of slopes and differences, and "
      "tolerance=P% of differences",
      text, name);
}

}  // namespace

GradientEstimator ParseGradientEstimator(std::string_view text) {
  const size_t open = text.find('(');
  const std::string_view name = text.substr(0, open);
  GradientEstimator estimator;
  if (name == "slopes") {
    estimator.kind = kSlopes;
  } else if (name == "differences") {
    estimator.kind = kDifferences;
  } else if (name != "straight-through") {
    throw UsageError("'{}' must be straight-through, slopes or differences", text);
  }
  if (open == std::string_view::npos) return estimator;
  if (!text.ends_with(")")) throw UsageError("'{}' has no ) at its end", text);
  std::string_view parameters = text.substr(open + 1, text.size() - open - 2);
  for (;;) {
    const size_t comma = parameters.find(',');
    std::string_view parameter = parameters.substr(0, comma);
    while (parameter.starts_with(' ')) parameter.remove_prefix(1);
    Set(estimator, parameter, text);
    if (comma == std::string_view::npos) return estimator;
    parameters.remove_prefix(comma + 1);
  }
}

std::string Print(const GradientEstimator& estimator) {
  if (estimator.kind == kStraightThrough) return "straight-through";
  std::vector<std::string> parameters;
  if (estimator.window != GradientEstimator::kUsualWindow) {
    parameters.push_back(fmt::format("window={}", estimator.window));
  }
  if (estimator.kind == kDifferences &&
      estimator.tolerance_pct != GradientEstimator::kUsualTolerance) {
    parameters.push_back(fmt::format("tolerance={}%", estimator.tolerance_pct));
  }
  const std::string name = estimator.kind == kSlopes ? "slopes" : "differences";
  if (parameters.empty()) return name;
  return fmt::format("{}({})", name, fmt::join(parameters, ","));
}

}  // namespace mulberry
