#include "mulberry/report/pareto.h"

#include <algorithm>
#include <cmath>

namespace mulberry {
namespace {

bool IsBetter(const ParetoPoint& x, const ParetoPoint& y) {
  return x.cost <= y.cost && x.value >= y.value && (x.cost < y.cost || x.value > y.value);
}

}  // namespace

std::vector<bool> ParetoFront(const std::vector<ParetoPoint>& points) {
  std::vector<bool> front;
  for (const ParetoPoint& point : points) {
    const bool beaten = std::any_of(points.begin(), points.end(), [&](const ParetoPoint& other) {
      return IsBetter(other, point);
    });
    front.push_back(!beaten && !std::isnan(point.cost) && !std::isnan(point.value));
  }
  return front;
}

}  // namespace mulberry
