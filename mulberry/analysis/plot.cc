#include "mulberry/analysis/plot.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>

#include "mulberry/analysis/gnuplot.h"

namespace mulberry {
namespace {

/// A magnitude that all but the largest hundredth of the cells stay within, so that a few outliers
/// leave colours for the others.
double ColourLimit(const ErrorMap& map) {
  std::vector<double> magnitudes;
  for (const double mean : map.means) {
    if (!std::isnan(mean) && mean != 0) magnitudes.push_back(std::abs(mean));
  }
  if (magnitudes.empty()) return 1;
  std::sort(magnitudes.begin(), magnitudes.end());
  return magnitudes[(magnitudes.size() - 1) * 99 / 100];
}

double LargestMean(const ErrorMap& map) {
  double largest = 0;
  for (const double mean : map.means) {
    if (!std::isnan(mean)) largest = std::max(largest, std::abs(mean));
  }
  return largest;
}

/// Where the cells of an operand lie on its axis.
struct Axis {
  double first_centre;
  double step;
  double low;
  double high;

  /// `cells` cells over the range; significands are drawn as the numbers in [1, 2) that they are.
  Axis(const OperandRange& range, int cells, bool significand) {
    const double unit = significand ? 1.0 / static_cast<double>(range.lowest) : 1.0;
    const double values = static_cast<double>(range.count) / cells;
    step = values * unit;
    first_centre = (static_cast<double>(range.lowest) + (values - 1) / 2) * unit;
    low = first_centre - step / 2;
    high = low + step * cells;
  }
};

/// What one cell of the map shows. gnuplot's text in double quotes, as far as it is ours.
std::string MapNote(const ErrorMap& map) {
  std::string note = "every pair";
  if (map.pairs_per_cell > 1) {
    note = fmt::format("mean over {}{} pairs a cell", map.pairs_per_cell,
                       map.sampled ? " random" : "");
  }
  const double limit = ColourLimit(map), largest = LargestMean(map);
  if (largest > limit)
    note += fmt::format("; colours end at {:.4g}, values at {:.4g}", limit, largest);
  return note;
}

std::string MapScript(const ErrorSubject& subject, const ErrorMap& map, std::string_view quantity) {
  const bool significand = subject.operands.significands();
  const Axis a(subject.a_range(), map.a_cells, significand);
  const Axis b(subject.b_range(), map.b_cells, significand);
  const std::string_view operand = significand ? "significand of" : "operand";
  std::string script = "$map << END\n";
  for (int row = 0; row < map.b_cells; ++row) {
    for (int column = 0; column < map.a_cells; ++column) {
      fmt::format_to(std::back_inserter(script), "{:.6g} ", map.at(column, row));
    }
    script += '\n';
  }
  script += fmt::format(R"(END
set title "Error over both operands\n{{/*0.85 {}}}"
set xlabel '{} a'
set ylabel '{} b'
set cblabel '{}' noenhanced
set xrange [{:.9g}:{:.9g}]
set yrange [{:.9g}:{:.9g}]
set xtics {:.9g}
set ytics {:.9g}
set cbrange [-{:.9g}:{:.9g}]
set tics out nomirror
set lmargin at screen 0.07
set rmargin at screen 0.42
plot $map matrix using ({:.9g}+{:.9g}*$1):({:.9g}+{:.9g}*$2):3 with image notitle
)",
                        MapNote(map), operand, operand, quantity, a.low, a.high, b.low, b.high,
                        (a.high - a.low) / 8, (b.high - b.low) / 8, ColourLimit(map),
                        ColourLimit(map), a.first_centre, a.step, b.first_centre, b.step);
  return script;
}

std::string HistogramScript(const ErrorHistogram& histogram, std::string_view quantity,
                            const ErrorOptions& options) {
  std::string script = fmt::format(R"(
set title "Distribution of the error\n{{/*0.85 {:.4g} % of the pairs are exact; operands {}}}"
set xlabel '{}' noenhanced
set ylabel 'share of all pairs in bins of {:.3g}, %'
set lmargin at screen 0.60
set rmargin at screen 0.97
set autoscale
set xtics autofreq
set ytics autofreq
)",
                                   histogram.exact_pct, Describe(options.distribution), quantity,
                                   histogram.bin_width);
  if (histogram.shares_pct.empty()) {
    return script + "unset ytics\nplot [-1:1] [0:1] NaN notitle\n";
  }
  script += "$histogram << END\n";
  double centre = histogram.first_centre;
  for (const double share : histogram.shares_pct) {
    if (share > 0) fmt::format_to(std::back_inserter(script), "{:.9g} {:.9g}\n", centre, share);
    centre += histogram.bin_width;
  }
  return script + fmt::format(R"(END
set boxwidth {:.9g}
set style fill solid 0.8 noborder
set logscale y
set format y '%g'
set grid y
plot [{:.9g}:{:.9g}] $histogram using 1:2 with boxes linecolor rgb '#4477aa' notitle
)",
                              histogram.bin_width, histogram.first_centre - histogram.bin_width,
                              centre);
}

std::string Script(const ErrorSubject& subject, const ErrorOptions& options,
                   ErrorQuantity quantity) {
  const bool relative = quantity == ErrorQuantity::kRelativeError;
  const std::string_view label =
      relative ? "relative error, %" : "error: approximate − exact product";
  return fmt::format(R"(set datafile missing 'nan'
set palette defined (-1 '#2166ac', -0.5 '#92c5de', 0 '#f7f7f7', 0.5 '#f4a582', 1 '#b2182b')
set tmargin at screen 0.82
set bmargin at screen 0.11
set multiplot layout 1,2 title {} noenhanced font ',16'
)",
                     QuotedForGnuplot(subject.name)) +
         MapScript(subject, MakeErrorMap(subject, quantity), label) +
         HistogramScript(MakeErrorHistogram(subject, options, quantity), label, options) +
         "unset multiplot\n";
}

}  // namespace

void WriteErrorPlot(const ErrorSubject& subject, const ErrorOptions& options,
                    ErrorQuantity quantity, const std::string& path) {
  RequirePicture(path);
  DrawWithGnuplot(Script(subject, options, quantity), 1280, 600, path);
}

}  // namespace mulberry
