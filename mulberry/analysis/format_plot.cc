#include "mulberry/analysis/format_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "mulberry/analysis/gnuplot.h"
#include "mulberry/base/error.h"
#include "mulberry/formats/rounding_error.h"

namespace mulberry {
namespace {

/// Exponent of the upper border. Above 1 there is only what grew on the way to a posit.
constexpr int kTop = 3;
constexpr int kLowest = -30;

/// In an order in which the first few differ most.
constexpr const char* kColours[] = {"#4477aa", "#ee6677", "#228833", "#aa3377",
                                    "#ccbb44", "#66ccee", "#222222", "#ee7733",
                                    "#aa7744", "#5522aa", "#009988", "#777777"};
static_assert(std::size(kColours) == kMostDrawnFormats);

struct Curve {
  std::string name;
  std::vector<BinadeError> errors;

  bool has_overflow() const {
    return std::any_of(errors.begin(), errors.end(),
                       [](const BinadeError& e) { return std::isinf(e.largest); });
  }
  bool is_exact() const {
    return std::all_of(errors.begin(), errors.end(),
                       [](const BinadeError& e) { return e.largest == 0; });
  }
};

/// Exponent of the lower border: below the least error but 0.
int Bottom(const std::vector<Curve>& curves) {
  double least = 0.25;
  for (const Curve& curve : curves) {
    for (const BinadeError& e : curve.errors) {
      if (e.mean > 0) least = std::min(least, e.mean);
    }
  }
  return std::max(static_cast<int>(std::floor(std::log2(least))), kLowest);
}

/// A row for each binade, up to the first that overflows: its middle, the largest error, the mean,
/// and the upper border where it overflows. What is not to be drawn is "-".
std::string Rows(const Curve& curve) {
  std::string rows;
  const double top = std::ldexp(1.0, kTop);
  for (const BinadeError& e : curve.errors) {
    const double middle = e.exponent + 0.5;
    if (std::isinf(e.largest)) return rows + fmt::format("{} {} - {}\n", middle, top, top);
    const auto cell = [](double error) {
      return error > 0 ? fmt::format("{:.6g}", error) : std::string("-");
    };
    rows += fmt::format("{} {} {} -\n", middle, cell(e.largest), cell(e.mean));
  }
  return rows;
}

std::string Script(const std::vector<Curve>& curves, int first_exponent, int last_exponent) {
  std::string script, plots;
  for (size_t i = 0; i < curves.size(); ++i) {
    script += fmt::format("$curve{} << END\n{}END\n", i, Rows(curves[i]));
    const std::string title =
        QuotedForGnuplot(curves[i].name + (curves[i].is_exact() ? ": exact" : ""));
    plots += fmt::format(
        ", $curve{0} using 1:2 with lines linewidth 2.5 linecolor rgb '{1}' title {2} noenhanced"
        ", '' using 1:3 with points pointtype 7 pointsize 0.35 linecolor rgb '{1}' notitle",
        i, kColours[i], title);
    if (curves[i].has_overflow()) {
      plots += fmt::format(
          ", '' using 1:4 with points pointtype 2 pointsize 1.6 linewidth 2.5 linecolor rgb '{}' "
          "notitle",
          kColours[i]);
    }
  }
  return script + fmt::format(R"(set datafile missing '-'
set title "Relative error of rounding\n{{/*0.85 line: largest in the binade; dots: mean; ×: overflows to infinity or NaN}}"
set xlabel 'magnitude (of block formats and dfx: beside a 1 in the block or tensor)'
set ylabel '|rounded − x| / x'
set logscale y 2
set format y "2^{{%L}}"
set format x "2^{{%g}}"
set xrange [{}:{}]
set yrange [{:.9g}:{:.9g}]
set xtics out nomirror {}
set ytics out nomirror
set grid xtics ytics linetype 1 linewidth 1 linecolor rgb '#e6e6e6'
set key outside right top
set label 1 'error 1: nothing is left of the value (it became 0, or saturated far below)' at graph 0.5, first 1 offset 0,0.6 center font ',9' textcolor rgb '#555555'
plot 1 with lines linecolor rgb '#555555' dashtype 2 notitle{}
)",
                              first_exponent, last_exponent + 1, std::ldexp(1.0, Bottom(curves)),
                              std::ldexp(1.0, kTop),
                              std::max(1, (last_exponent + 1 - first_exponent) / 10), plots);
}

}  // namespace

void WriteFormatPlot(const std::vector<Format>& formats, int first_exponent, int last_exponent,
                     const std::string& path) {
  RequirePicture(path);
  if (formats.empty() || formats.size() > kMostDrawnFormats) {
    throw UsageError("a plot is of 1 to {} formats, and {} are given", kMostDrawnFormats,
                     formats.size());
  }
  std::vector<Curve> curves;
  for (const Format& format : formats) {
    curves.push_back({Name(format), RelativeErrors(format, first_exponent, last_exponent)});
  }
  DrawWithGnuplot(Script(curves, first_exponent, last_exponent), 1100, 620, path);
}

}  // namespace mulberry
