// Drawing with gnuplot (Debian's package gnuplot-nox) into a PNG or SVG file. Not here: what is
// drawn (plot.h, format_plot.h).
#pragma once

#include <string>
#include <string_view>

namespace mulberry {

/// gnuplot's single-quoted text, on one line.
std::string QuotedForGnuplot(std::string_view text);

/// Throws UsageError unless `path` ends in .png or .svg.
void RequirePicture(const std::string& path);

/// Runs gnuplot on the commands, which name neither a terminal nor an output, and writes what they
/// draw, `width` by `height` pixels on white, into the file in the format of its extension, as one.
/// Throws as RequirePicture does, and Error if gnuplot is missing, saying which package has it,
/// fails, or runs for longer than a minute, or if the file cannot be written. A file that was there
/// remains then.
void DrawWithGnuplot(const std::string& commands, int width, int height, const std::string& path);

}  // namespace mulberry
