// A picture of what rounding into formats costs: the relative error over magnitude, of several
// formats. Not here: how it is measured (formats/rounding_error.h).
#pragma once

#include <string>
#include <vector>

#include "mulberry/formats/format.h"

namespace mulberry {

/// As many as there are colours.
constexpr int kMostDrawnFormats = 12;

/// Draws the largest relative rounding error (a line) and the mean (dots) of each binade from
/// 2^first_exponent to 2^(last_exponent + 1), both axes logarithmic, into the file: 0 is not drawn,
/// an error of 1 is a value that became zero, a cross where a line meets the upper border is the
/// first binade in which values become infinite or NaN. At most kMostDrawnFormats. Throws
/// UsageError for none or more than those, and as RelativeErrors (rounding_error.h) and
/// DrawWithGnuplot (gnuplot.h) do.
void WriteFormatPlot(const std::vector<Format>& formats, int first_exponent, int last_exponent,
                     const std::string& path);

}  // namespace mulberry
