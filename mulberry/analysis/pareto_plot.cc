#include "mulberry/analysis/pareto_plot.h"

#include <fmt/format.h>

#include <algorithm>

#include "mulberry/analysis/gnuplot.h"
#include "mulberry/base/error.h"

namespace mulberry {
namespace {

/// The different series, in the order of the points.
std::vector<std::string> SeriesOf(const std::vector<ParetoPlotPoint>& points) {
  std::vector<std::string> series;
  for (const ParetoPlotPoint& point : points) {
    if (std::ranges::find(series, point.series) == series.end()) series.push_back(point.series);
  }
  return series;
}

/// A row for each point, by cost: cost, accuracy, deviation, accuracy if on the front ("-" if not),
/// name.
std::string Rows(std::vector<ParetoPlotPoint> points) {
  std::ranges::stable_sort(points, {}, &ParetoPlotPoint::cost);
  std::string rows;
  for (const ParetoPlotPoint& point : points) {
    std::string name = point.name;
    std::ranges::replace(name, '"', '\'');
    rows += fmt::format("{} {} {} {} \"{}\"\n", point.cost, point.accuracy_pct,
                        point.deviation_pct.value_or(0),
                        point.on_front ? fmt::format("{}", point.accuracy_pct) : "-", name);
  }
  return rows;
}

std::string Script(const std::vector<ParetoPlotPoint>& points, const std::string& cost) {
  std::string script, plots;
  const std::vector<std::string> series = SeriesOf(points);
  for (size_t i = 0; i < series.size(); ++i) {
    std::vector<ParetoPlotPoint> own;
    std::ranges::copy_if(points, std::back_inserter(own),
                         [&](const ParetoPlotPoint& point) { return point.series == series[i]; });
    script += fmt::format("$series{} << END\n{}END\n", i, Rows(std::move(own)));
    plots += fmt::format(
        "{0}$series{1} using 1:2:3 with yerrorbars pointtype 7 linetype {2} title {3} noenhanced"
        ", '' using 1:4 with lines linewidth 2 linetype {2} notitle"
        ", '' using 1:2:5 with labels left offset 0.8,0.5 font ',9' noenhanced notitle",
        i == 0 ? "" : ", ", i, i + 1, QuotedForGnuplot(series[i]));
  }
  return script + fmt::format(R"(set datafile missing '-'
set title "Accuracy against cost\n{{/*0.85 line: Pareto front; bars: sample standard deviation over the seeds}}"
set xlabel {} noenhanced
set ylabel 'test accuracy, %'
set offsets graph 0.05, graph 0.2, graph 0.05, graph 0.05
set xtics out nomirror
set ytics out nomirror
set grid xtics ytics linetype 1 linewidth 1 linecolor rgb '#e6e6e6'
set key outside right top
plot {}
)",
                              QuotedForGnuplot(cost), plots);
}

}  // namespace

void WriteParetoPlot(const std::vector<ParetoPlotPoint>& points, const std::string& cost,
                     const std::string& path) {
  RequirePicture(path);
  if (points.empty()) throw UsageError("{}: there is nothing to draw: no run is finished", path);
  DrawWithGnuplot(Script(points, cost), 1000, 620, path);
}

}  // namespace mulberry
