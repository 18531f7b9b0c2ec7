// A table of delays, slews or energies, as libraries of cells have them. Not where it comes from
// (liberty_tables.h).
#pragma once

#include <vector>

namespace mulberry {

/// A table over input slew and output load (of constraints: over the related pin's slew and the
/// constrained pin's), in this order whatever order the file has. Bilinear between its points, and
/// beyond them the last two points go on, as in OpenSTA.
struct LookUpTable {
  std::vector<double> first, second;  ///< Ascending; empty: does not depend on it.
  std::vector<double> values;         ///< Of first.size() rows; empty: no such table.

  bool empty() const { return values.empty(); }
  double At(double x, double y) const;
};

}  // namespace mulberry
