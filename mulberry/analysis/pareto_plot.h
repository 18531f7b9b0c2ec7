// A picture of accuracy against cost, with the Pareto fronts. Not here: which points are on a
// front, and what a cost is (report/run_table.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace mulberry {

struct ParetoPlotPoint {
  std::string series;  ///< Points of one series share a colour and a front, such as "lenet5".
  std::string name;    ///< Written beside it, such as "mitchell@bf16".
  double cost = 0;
  double accuracy_pct = 0;
  std::optional<double> deviation_pct;  ///< A bar of as much up and down.
  bool on_front = false;
};

/// Draws points, and a line through each series' front, into the file. `cost` says what it is, such
/// as "cost of a MAC: pJ". Throws UsageError of no points, and as DrawWithGnuplot (gnuplot.h) does.
void WriteParetoPlot(const std::vector<ParetoPlotPoint>& points, const std::string& cost,
                     const std::string& path);

}  // namespace mulberry
