// The Pareto front of a few points: those that no other is better than.
#pragma once

#include <vector>

namespace mulberry {

struct ParetoPoint {
  double cost = 0;   ///< Less is better.
  double value = 0;  ///< More is better.
};

/// For each point whether it is on the front: no other has at most its cost and at least its value
/// and differs in one of them. Points that are equal are on it together. NaN never is.
std::vector<bool> ParetoFront(const std::vector<ParetoPoint>& points);

}  // namespace mulberry
