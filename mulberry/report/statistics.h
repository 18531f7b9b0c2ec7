// Figures of a few numbers, such as the accuracies of one configuration under several seeds.
#pragma once

#include <optional>
#include <vector>

namespace mulberry {

/// None of no values.
std::optional<double> Mean(const std::vector<double>& values);

/// The square root of the sum of squared distances to the mean over n - 1; none of fewer than two
/// values.
std::optional<double> SampleStandardDeviation(const std::vector<double>& values);

/// The middle value, or the mean of the two middle ones; none of no values.
std::optional<double> Median(std::vector<double> values);

}  // namespace mulberry
