// Pictures of a multiplier's error: a heat map over both operands and a histogram, as data and,
// drawn by gnuplot (Debian's package gnuplot-nox), as a PNG or SVG file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mulberry/analysis/error_metrics.h"
#include "mulberry/analysis/subject.h"

namespace mulberry {

/// What is drawn.
enum class ErrorQuantity : uint8_t {
  kError,          ///< approx - a·b.
  kRelativeError,  ///< (approx - a·b) / (a·b), in per cent, of pairs with a nonzero product.
};

/// The error over both operands, whatever their distribution, in at most 256 by 256 cells.
struct ErrorMap {
  int a_cells = 0;
  int b_cells = 0;
  /// Row by row, a row for each cell of b: the mean over the cell's pairs; NaN where none has the
  /// quantity. Of a cell of more than 64 pairs it is the mean over 64 random ones.
  std::vector<double> means;
  int64_t pairs_per_cell = 0;
  bool sampled = false;

  double at(int a_cell, int b_cell) const {
    return means[static_cast<size_t>(b_cell) * static_cast<size_t>(a_cells) +
                 static_cast<size_t>(a_cell)];
  }
};

/// How often which error occurs, under the distribution of the options. Bins have the same width,
/// and one is centred on 0; errors of exactly 0 are counted apart.
struct ErrorHistogram {
  double exact_pct = 0;  ///< Share of the pairs with the quantity that are exact.
  double bin_width = 1;
  double first_centre = 0;
  std::vector<double> shares_pct;  ///< Of all pairs with the quantity; empty if all are exact.
};

/// Throw as MeasureErrors does.
ErrorMap MakeErrorMap(const ErrorSubject& subject, ErrorQuantity quantity);
ErrorHistogram MakeErrorHistogram(const ErrorSubject& subject, const ErrorOptions& options,
                                  ErrorQuantity quantity);

/// Draws both into the file, in the format of its extension, .png or .svg. Throws UsageError for
/// another extension; Error if gnuplot is missing, saying which package has it, fails, or runs for
/// longer than a minute, or if the file cannot be written; and as MeasureErrors does. A file that
/// was there remains then.
void WriteErrorPlot(const ErrorSubject& subject, const ErrorOptions& options,
                    ErrorQuantity quantity, const std::string& path);

}  // namespace mulberry
