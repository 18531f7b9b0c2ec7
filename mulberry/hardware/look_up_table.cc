#include "mulberry/hardware/look_up_table.h"

#include <algorithm>
#include <cstddef>

namespace mulberry {
namespace {

/// The segment [i, i + 1] of an ascending axis of two points or more in which, or nearest to which,
/// x lies.
size_t Segment(const std::vector<double>& axis, double x) {
  const auto above = std::upper_bound(axis.begin() + 1, axis.end() - 1, x);
  return static_cast<size_t>(above - axis.begin()) - 1;
}

}  // namespace

double LookUpTable::At(double x, double y) const {
  if (values.empty()) return 0;
  const size_t columns = std::max<size_t>(second.size(), 1);
  const auto row = [&](size_t i) {
    const double* v = values.data() + i * columns;
    if (second.size() < 2) return v[0];
    const size_t j = Segment(second, y);
    return v[j] + (v[j + 1] - v[j]) * (y - second[j]) / (second[j + 1] - second[j]);
  };
  if (first.size() < 2) return row(0);
  const size_t i = Segment(first, x);
  const double low = row(i);
  return low + (row(i + 1) - low) * (x - first[i]) / (first[i + 1] - first[i]);
}

}  // namespace mulberry
