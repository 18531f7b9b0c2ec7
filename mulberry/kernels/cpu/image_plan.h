// How the drivers cut convolutions that are computed from shifts of images (shifts.h) into jobs,
// and where in a job's encoded elements everything lies. Not here: encoding and multiplying, which
// are the drivers' (image_driver.cc for floats, integer_image_driver.cc).
//
// Outputs: forward products and input gradients. k is (channel, kernel row, kernel column), each
// channel has its plane, and 16 consecutive places of it are a chunk of columns.
// Weights: weight gradients. k runs over the pixels, and 16 channels of one pixel, which lie side
// by side, are a chunk of columns, as seen through one position of the kernel.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "mulberry/kernels/cpu/blocking.h"
#include "mulberry/kernels/cpu/fetch.h"
#include "mulberry/kernels/cpu/shifts.h"

namespace mulberry {

/// Of the patches in B.
int64_t KernelArea(const Operand& b);
int64_t Channels(const Operand& b);
int64_t Images(const Operand& b);

/// Whether B's patches can be read as shifts, each of at most `most_taps` elements, into a C whose
/// addresses allow it. For weights, channels must be a multiple of kChunkCols.
bool AreOutputs(const GemmProblem& problem, int64_t most_taps);
bool AreWeights(const GemmProblem& problem, int64_t most_taps);
/// Columns that are computed for nothing, as a share of those of C.
double WasteOfOutputs(const GemmProblem& problem);

/// The phases that some tap reads, numbered without gaps.
class Phases {
 public:
  Phases(const AxisShifts& y, const AxisShifts& x);
  int64_t count() const { return count_; }
  /// Its number, or -1.
  int64_t Of(int64_t y, int64_t x) const { return index_[static_cast<size_t>(y * stride_x_ + x)]; }

 private:
  std::vector<int64_t> index_;
  int64_t stride_x_;
  int64_t count_ = 0;
};

/// What a driver can hold.
struct ImageLimits {
  int64_t group_rows;     ///< A's rows are packed in groups of so many.
  int64_t most_rows;      ///< Of a job.
  int64_t unit_channels;  ///< Channels that share a step of k.
  int64_t most_steps;     ///< Of k, in one block: the kernel's positions by units of channels.
  int64_t most_elements;  ///< Encoded at once, about.
};

// ---- Forward products and input gradients ----

/// What the jobs of one residue of outputs have in common.
struct OutputPlan {
  OutputPlan(const GemmProblem& problem, const ImageLimits& limits, int64_t residue_y,
             int64_t residue_x);
  int64_t jobs() const { return x.outputs == 0 ? 0 : CeilDiv(all_lines, lines); }

  int64_t residue_y, residue_x;
  AxisShifts y, x;
  LineLayout layout;
  Phases phases;
  int64_t taps;       ///< Positions of the kernel that these outputs meet.
  int64_t channels;   ///< Encoded at once: units · taps <= most_steps.
  int64_t all_lines;  ///< Output lines of all images.
  int64_t lines;      ///< Of a job.
};

/// The output lines of a job.
class OutputBlock {
 public:
  OutputBlock(const GemmProblem& problem, const OutputPlan& plan, int64_t line, int64_t lines);

  const std::vector<Chunk>& chunks() const { return chunks_; }
  int64_t count() const { return static_cast<int64_t>(chunks_.size()); }
  /// Elements of one phase of one channel.
  int64_t plane() const { return plane_; }
  /// Lines of a plane.
  int64_t lines() const { return block_.lines(); }
  /// The lines that chunks [first, first + some) read: from the first of the pair to before the
  /// second.
  std::pair<int64_t, int64_t> LinesOf(int64_t first, int64_t some) const;

  /// Where each step of k finds its element, from a chunk's place on, with the planes in the order
  /// [unit of channels][phase].
  std::vector<int32_t> Offsets(int64_t units) const;

  /// For each line of a channel that lies in its image: body(phase, line, place, n), with its n
  /// elements in `tile` and the first one's place in the phase's plane.
  template <class Body>
  void ForEachLine(int64_t channel, float* tile, const Body& body) const;

  /// The column of C of a run's output `i`.
  int64_t Column(const Chunk::Run& run, int64_t i) const;
  /// Writes the sums of `rows` rows of C from `row` on.
  template <class Sum>
  void Store(int64_t row, int64_t rows, const Sum* sums, int64_t stride) const;

  /// Leaves, of a row of A over some channels, the elements that meet taps, and returns whether all
  /// were finite: the others meet +0 and change nothing, but for infinities and NaNs.
  bool KeepTaps(float* row, int64_t channels) const;

 private:
  const GemmProblem& problem_;
  const OutputPlan& plan_;
  LineBlock block_;
  std::vector<Chunk> chunks_;
  int64_t plane_;
};

/// A job of an output plan.
struct OutputCut {
  const OutputPlan* plan;
  int64_t row, rows, line, lines;
};
/// A plan for each residue of outputs, and their jobs, enough for all threads.
struct OutputJobs {
  OutputJobs(const GemmProblem& problem, const ImageLimits& limits);
  std::vector<OutputPlan> plans;
  std::vector<OutputCut> cuts;
};

// ---- Weight gradients ----

/// What the jobs have in common.
struct WeightPlan {
  WeightPlan(const GemmProblem& problem, const ImageLimits& limits);
  int64_t jobs() const { return down * across; }
  int64_t chunks() const { return channels / kChunkCols * taps; }

  AxisShifts y, x;
  LineLayout layout;
  Phases phases;
  int64_t taps;
  int64_t all_lines;             ///< Output lines of all images, over which sums run.
  int64_t rows, channels;        ///< Of a job; channels divide those of the images.
  int64_t down = 0, across = 0;  ///< Jobs by rows and by channels.
  int64_t lines = 0;             ///< Whose elements are encoded at once.
};

/// The output lines that are encoded at once: elements [phase][line][x][channel].
class WeightBlock {
 public:
  WeightBlock(const GemmProblem& problem, const WeightPlan& plan, int64_t line, int64_t lines);

  /// Elements of a phase.
  int64_t plane() const { return plane_; }
  int64_t lines() const { return block_.lines(); }
  /// Where every `step`-th pixel has its elements, from a chunk's start on; and in which line.
  struct Pixel {
    int32_t offset;
    int64_t line;
  };
  std::vector<Pixel> Pixels(int64_t step) const;
  /// The chunks: for each position of the kernel, 16 channels by 16.
  std::vector<int64_t> Starts() const;

  /// For each line that lies in its image: body(line, at, n), with its n elements in `tile`, the
  /// plan's channels from `channel` on innermost, and where the first one belongs.
  template <class Body>
  void ForEachLine(int64_t channel, float* tile, const Body& body) const;

 private:
  const GemmProblem& problem_;
  const WeightPlan& plan_;
  LineBlock block_;
  int64_t plane_;
};

/// The column of C of a job's column `at`.
inline int64_t WeightColumn(const WeightPlan& plan, int64_t first_channel, int64_t at) {
  return (first_channel + at % plan.channels) * plan.taps + at / plan.channels;
}

/// Writes a job's sums.
template <class Sum>
void StoreWeights(const GemmProblem& problem, const WeightPlan& plan, int64_t first_channel,
                  int64_t row, int64_t rows, const Sum* sums, int64_t stride) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t at = 0; at < plan.chunks() * kChunkCols; ++at) {
      const int64_t column = WeightColumn(plan, first_channel, at);
      StoreRun(problem.c, row + r, column, 1, sums + r * stride + at, 1,
               &problem.c.at(row + r, column), 1);
    }
  }
}

// ---- Templates ----

/// The elements of a line of a phase, every `stride`-th, into `tile`.
inline void GatherLine(const float* from, int64_t stride, int64_t n, float* tile) {
  if (stride == 1) {
    std::memcpy(tile, from, static_cast<size_t>(n) * sizeof(float));
  } else {
    for (int64_t i = 0; i < n; ++i) tile[i] = from[i * stride];
  }
}

/// The lines of one phase of an image that a block's segment reads: body(i, y) for line i of the
/// segment and y of the image, where it is inside.
template <class Body>
void ForEachLineInside(const LineBlock::Segment& segment, const AxisShifts& axis, int64_t phase,
                       const Body& body) {
  const int64_t lines = segment.outputs + axis.last - axis.first;
  for (int64_t i = 0; i < lines; ++i) {
    const int64_t y = (segment.first_output + axis.first + i) * axis.stride + phase;
    if (y >= 0 && y < axis.size) body(i, y);
  }
}

/// The lines of a channel that a block reads, phase by phase: body(phase, line, from, n) for the
/// n elements, every x.stride-th from `from` on, of the block's line `line`.
template <class Plan, class Body>
void ForEachLineOf(const LineBlock& block, const Plan& plan, const Operand& b, int64_t channel,
                   const Body& body) {
  for (int64_t py = 0; py < plan.y.stride; ++py) {
    for (int64_t px = 0; px < plan.x.stride; ++px) {
      const int64_t phase = plan.phases.Of(py, px);
      if (phase < 0) continue;
      for (const LineBlock::Segment& segment : block.segments()) {
        const float* image =
            b.data + segment.image * b.image.image_stride + channel * b.image.channel_stride;
        ForEachLineInside(segment, plan.y, py, [&](int64_t i, int64_t y) {
          body(phase, segment.base + i, image + y * b.image.width + px, plan.x.length(px));
        });
      }
    }
  }
}

template <class Body>
void OutputBlock::ForEachLine(int64_t channel, float* tile, const Body& body) const {
  const auto gather = [&](int64_t phase, int64_t line, const float* from, int64_t n) {
    GatherLine(from, plan_.x.stride, n, tile);
    body(phase, line, line * plan_.layout.width + plan_.layout.before, n);
  };
  ForEachLineOf(block_, plan_, problem_.b, channel, gather);
}

template <class Body>
void WeightBlock::ForEachLine(int64_t channel, float* tile, const Body& body) const {
  const auto gather = [&](int64_t phase, int64_t line, const float* from, int64_t n) {
    const Operand pixels =
        StridedOperand(from, n, plan_.channels, plan_.x.stride, problem_.b.image.channel_stride);
    FetchTile(pixels, 0, n, 0, plan_.channels, tile, plan_.channels);
    const int64_t place = line * plan_.layout.width + plan_.layout.before;
    body(line, phase * plane_ + place * plan_.channels, n * plan_.channels);
  };
  ForEachLineOf(block_, plan_, problem_.b, channel, gather);
}

template <class Sum>
void OutputBlock::Store(int64_t row, int64_t rows, const Sum* sums, int64_t stride) const {
  const int64_t step = problem_.b.image.divide_x * problem_.c.inner_stride;
  for (int64_t i = 0; i < count(); ++i) {
    for (const Chunk::Run& run : chunks_[static_cast<size_t>(i)].runs) {
      const Sum* from = sums + i * kChunkCols + run.first;
      const int64_t column = Column(run, 0);
      for (int64_t r = 0; r < rows; ++r) {
        float* to = &problem_.c.at(row + r, column);
        StoreRun(problem_.c, row + r, column, problem_.b.image.divide_x, from + r * stride,
                 run.count, to, step);
      }
    }
  }
}

}  // namespace mulberry
