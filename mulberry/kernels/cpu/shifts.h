// A convolution's patches as shifts of its images, so that a kernel reads them from the images
// themselves and no patch is ever written out.
//
// Along one axis, kernel offset k of output o reads position (o * stride - pad + k * dilation) /
// divide. Outputs of one residue, o = divide * i + residue, read stride * i + t with
//   t = (residue * stride - pad + k * dilation) / divide
// for those k where the division is whole (the taps), and +0 for the others. With the positions of
// each residue modulo stride, a phase, in a line of their own, a tap is a phase and a shift: output
// i reads element i + shift of it.
#pragma once

#include <cstdint>
#include <vector>

#include "mulberry/kernels/gemm.h"

namespace mulberry {

struct Tap {
  int64_t offset;  ///< In the kernel.
  int64_t phase, shift;
};

/// One axis, for the outputs of one residue.
struct AxisShifts {
  int64_t stride, size;  ///< Of the image: `size` positions, in `stride` phases.
  int64_t outputs = 0;   ///< Those of this residue.
  std::vector<Tap> taps = {};
  int64_t first = 0, last = 0;  ///< The least shift and the greatest.

  /// The elements of a phase.
  int64_t length(int64_t phase) const { return (size - phase + stride - 1) / stride; }
  int64_t longest() const { return length(0); }
  /// Zeros that are read before a line's first element, and after the last of the longest.
  int64_t before() const;
  int64_t after() const;
};

/// Of rows (y) and columns (x).
AxisShifts ShiftsOfY(const Operand::Patches& patches, int64_t residue);
AxisShifts ShiftsOfX(const Operand::Patches& patches, int64_t residue);

/// How the lines of an image lie one after another: each begins with x.before() zeros, which the
/// line before shares as what follows it.
struct LineLayout {
  explicit LineLayout(const AxisShifts& x);
  int64_t before;  ///< Where in a line its first element is.
  int64_t width;   ///< From one line to the next.
};

/// Some consecutive output lines of the batch (image by image, each of y.outputs lines) and the
/// lines of the images that they read.
class LineBlock {
 public:
  /// Lines of one image. Output line first_output + i reads the image's lines (of a phase) from
  /// first_output + i + y.first on; that line is the block's line `base` + i.
  struct Segment {
    int64_t image, first_output, outputs, base;
  };
  LineBlock(const AxisShifts& y, int64_t line, int64_t lines);

  const std::vector<Segment>& segments() const { return segments_; }
  int64_t lines() const { return lines_; }  ///< Of the images, those outside included.

 private:
  std::vector<Segment> segments_;
  int64_t lines_ = 0;
};

/// A part of a tile's columns: kChunkCols consecutive places of a line block, some of them outputs.
/// A chunk starts at an output and may run over the end of its line into the next.
inline constexpr int64_t kChunkCols = 16;
struct Chunk {
  int64_t place;  ///< line * width + x of its first column.
  /// Its outputs: columns [first, first + count) are consecutive outputs i of a line.
  struct Run {
    int64_t first, count;
    int64_t image, y, x;  ///< The first one's: its i along each axis.
  };
  std::vector<Run> runs;
};
std::vector<Chunk> ChunksOf(const LineBlock& block, const LineLayout& layout, int64_t outputs);

/// Whether the patches can be read as shifts: a line's outputs end before the next line begins, and
/// no line has more than 4096 elements or outputs.
bool AreShifts(const Operand::Patches& patches);

}  // namespace mulberry
