// Convolutions whose patches are shifts of their images (shifts.h). The elements of some lines of
// the images are encoded once and lie as they do in the images; a tile's columns are then read from
// there, each step of k at its own offset. With a few output channels, fetching and packing every
// patch would cost more than the products.
//
// OutputJob: forward products and input gradients. k is (channel, kernel row, kernel column), each
// channel has its plane, and 16 consecutive places of it are a chunk of columns.
// WeightJob: weight gradients. k runs over the pixels, and 16 channels of one pixel, which lie side
// by side, are a chunk of columns, as seen through one position of the kernel.
#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "mulberry/base/aligned.h"
#include "mulberry/base/threads.h"
#include "mulberry/kernels/cpu/blocking.h"
#include "mulberry/kernels/cpu/driver.h"
#include "mulberry/kernels/cpu/fetch.h"
#include "mulberry/kernels/cpu/shifts.h"

namespace mulberry {
namespace {

constexpr int64_t kMostGroups = 32;                 // Of a job.
constexpr int64_t kMostCols = 512;                  // Of an output job, about.
constexpr int64_t kMostEncoded = int64_t{1} << 16;  // Elements that are encoded at once, about.
constexpr int64_t kMostChannels = 64;               // Of a weight job.

/// Products per output element and unused column that cost as much as packing a patch's element.
constexpr double kProductsOfPacking = 20;

int64_t RoundUp(int64_t n, int64_t to) {
  return CeilDiv(n, to) * to;
}

int64_t Area(const Operand::Patches& p) {
  return p.kernel_height * p.kernel_width;
}

int64_t Channels(const Operand& b) {
  return (b.transposed ? b.cols : b.rows) / Area(b.image);
}

int64_t Images(const Operand& b) {
  return (b.transposed ? b.rows : b.cols) / (b.image.out_height * b.image.out_width);
}

/// Of one thread.
struct Scratch {
  AlignedBuffer<RowGroup> groups{kMostGroups};
  ScratchBuffer<float> tile, values, sums;
  ScratchBuffer<uint8_t> indices;
};

/// What both kinds of job share: rows of A by chunks of columns, and their sums.
class Job {
 protected:
  Job(const GemmProblem& problem, const TileKernel& kernel, int64_t row, int64_t rows,
      Scratch& scratch)
      : problem_(problem),
        kernel_(kernel),
        patches_(problem.b.image),
        row_(row),
        rows_(rows),
        scratch_(scratch) {}

  void StartSums(int64_t chunks) {
    stride_ = RoundUp(chunks, kPanelChunks) * kChunkCols;
    const int64_t size = RoundUp(rows_, kGroupRows) * stride_;
    sums_ = scratch_.sums.Of(size);
    std::fill_n(sums_, size, 0.0f);
  }

  /// Room for encoded elements, all zero.
  void StartElements(int64_t size) {
    // The last line's last vector may write beyond it, and so may a chunk read.
    size = RoundUp(size, kChunkCols) + kChunkCols;
    values_ = scratch_.values.Of(size);
    indices_ = scratch_.indices.Of(size);
    std::memset(values_, 0, static_cast<size_t>(size) * sizeof(float));
    std::memset(indices_, 0, static_cast<size_t>(size));
  }

  int64_t RowsOf(int64_t group) const { return std::min(kGroupRows, rows_ - group * kGroupRows); }
  int64_t groups() const { return CeilDiv(rows_, kGroupRows); }

  /// The products of all groups of rows with some chunks, whose first elements are at starts[], for
  /// k steps. definition(group) takes those of a group from the scalar definition.
  template <class Definition>
  void MultiplyPanel(const int64_t* starts, int64_t chunks, int64_t column, const int32_t* offsets,
                     int64_t k, const ExponentRange& range, const Definition& definition) {
    ColumnView view{{}, {}, offsets, nullptr, chunks};
    for (int64_t v = 0; v < kPanelChunks; ++v) {
      const int64_t start = starts[std::min(v, chunks - 1)];
      view.value[v] = values_ + start;
      view.index[v] = indices_ + start;
    }
    for (int64_t g = 0; g < groups(); ++g) {
      const RowGroup& group = scratch_.groups[static_cast<size_t>(g)];
      if (NeedsDefinition(kernel_, group.range, range)) {
        definition(g);
      } else {
        kernel_.multiply(kernel_.context, group, view, k, ModeOf(kernel_, group.range, range),
                         sums_ + g * kGroupRows * stride_ + column, stride_);
      }
    }
  }

  /// The sum of row `r` (of the job) in the job's column `at`, which is C's `column`, goes on over
  /// the steps [l, l + k).
  void AddByDefinition(int64_t r, int64_t at, int64_t column, int64_t l, int64_t k) {
    float& sum = sums_[r * stride_ + at];
    for (int64_t step = l; step < l + k; ++step) {
      const float a = ElementOf(problem_.a, row_ + r, step);
      const float b = ElementOf(problem_.b, step, column);
      sum += problem_.b_first ? kernel_.product(b, a) : kernel_.product(a, b);
    }
  }

  const GemmProblem& problem_;
  const TileKernel& kernel_;
  const Operand::Patches& patches_;
  const int64_t row_, rows_;
  Scratch& scratch_;
  float* values_ = nullptr;
  uint8_t* indices_ = nullptr;
  float* sums_ = nullptr;
  int64_t stride_ = 0;
};

/// The phases that some tap reads, in a list without gaps: index[y * stride_x + x], or -1.
struct Phases {
  Phases(const AxisShifts& y, const AxisShifts& x)
      : index(static_cast<size_t>(y.stride * x.stride), -1), stride_x(x.stride) {
    for (const Tap& ty : y.taps) {
      for (const Tap& tx : x.taps) {
        int64_t& i = index[static_cast<size_t>(ty.phase * stride_x + tx.phase)];
        if (i < 0) i = count++;
      }
    }
  }
  int64_t Of(int64_t y, int64_t x) const { return index[static_cast<size_t>(y * stride_x + x)]; }

  std::vector<int64_t> index;
  int64_t stride_x;
  int64_t count = 0;
};

// ---- Forward products and input gradients ----

/// What the jobs of one residue of outputs have in common, and how they are cut.
struct OutputPlan {
  OutputPlan(const GemmProblem& problem, int64_t residue_y_, int64_t residue_x_)
      : residue_y(residue_y_),
        residue_x(residue_x_),
        y(ShiftsOfY(problem.b.image, residue_y)),
        x(ShiftsOfX(problem.b.image, residue_x)),
        layout(x),
        phases(y, x),
        taps(static_cast<int64_t>(y.taps.size() * x.taps.size())),
        channels(std::min(Channels(problem.b), kBlockK / std::max<int64_t>(1, taps))),
        all_lines(Images(problem.b) * y.outputs) {
    const int64_t line_elements = std::max<int64_t>(1, channels * phases.count) * layout.width;
    lines = std::clamp<int64_t>(std::min(kMostCols / std::max<int64_t>(1, x.outputs),
                                         kMostEncoded / line_elements - (y.last - y.first)),
                                1, std::max<int64_t>(1, all_lines));
  }
  int64_t jobs() const { return x.outputs == 0 ? 0 : CeilDiv(all_lines, lines); }

  int64_t residue_y, residue_x;
  AxisShifts y, x;
  LineLayout layout;
  Phases phases;
  int64_t taps;       ///< Positions of the kernel that these outputs meet.
  int64_t channels;   ///< Whose elements are encoded at once: taps * channels <= kBlockK.
  int64_t all_lines;  ///< Output lines of all images.
  int64_t lines;      ///< Of a job.
};

class OutputJob : Job {
 public:
  OutputJob(const GemmProblem& problem, const TileKernel& kernel, const OutputPlan& plan,
            int64_t row, int64_t rows, int64_t line, int64_t lines, Scratch& scratch)
      : Job(problem, kernel, row, rows, scratch),
        plan_(plan),
        block_(plan.y, line, lines),
        chunks_(ChunksOf(block_, plan.layout, plan.x.outputs)),
        plane_(RoundUp((block_.lines() - 1) * plan.layout.width + plan.layout.before +
                           std::max(plan.x.longest(), plan.x.outputs + plan.x.last) + kChunkCols,
                       kChunkCols)) {}

  void Run() {
    StartSums(static_cast<int64_t>(chunks_.size()));
    StartElements(plan_.channels * plan_.phases.count * plane_);
    std::vector<int64_t> starts;
    for (const Chunk& chunk : chunks_) starts.push_back(chunk.place);
    const std::vector<int32_t> offsets = Offsets();
    const int64_t count = static_cast<int64_t>(chunks_.size());
    const int64_t all_channels = Channels(problem_.b);
    for (int64_t c = 0; c < all_channels; c += plan_.channels) {
      const int64_t channels = std::min(plan_.channels, all_channels - c);
      Encode(c, channels);
      PackRows(c, channels);
      for (int64_t i = 0; i < count; i += kPanelChunks) {
        const int64_t some = std::min(kPanelChunks, count - i);
        const auto definition = [&](int64_t group) { Define(group, i, some, c, channels); };
        MultiplyPanel(&starts[static_cast<size_t>(i)], some, i * kChunkCols, offsets.data(),
                      channels * plan_.taps, RangeOf(i, some), definition);
      }
    }
    Store();
  }

 private:
  /// Where each step of k finds its element, from a chunk's place on.
  std::vector<int32_t> Offsets() const {
    std::vector<int32_t> offsets;
    for (int64_t c = 0; c < plan_.channels; ++c) {
      for (const Tap& y : plan_.y.taps) {
        for (const Tap& x : plan_.x.taps) {
          const int64_t plane = c * plan_.phases.count + plan_.phases.Of(y.phase, x.phase);
          offsets.push_back(static_cast<int32_t>(plane * plane_ +
                                                 (y.shift - plan_.y.first) * plan_.layout.width +
                                                 x.shift + plan_.layout.before));
        }
      }
    }
    return offsets;
  }

  void Encode(int64_t channel, int64_t channels) {
    ranges_.assign(static_cast<size_t>(block_.lines()), {});
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t y = 0; y < plan_.y.stride; ++y) {
        for (int64_t x = 0; x < plan_.x.stride; ++x) {
          const int64_t phase = plan_.phases.Of(y, x);
          if (phase < 0) continue;
          const int64_t plane = (c * plan_.phases.count + phase) * plane_;
          for (const LineBlock::Segment& segment : block_.segments()) {
            EncodePhase(segment, channel + c, y, x, plane);
          }
        }
      }
    }
  }

  void EncodePhase(const LineBlock::Segment& segment, int64_t channel, int64_t phase_y,
                   int64_t phase_x, int64_t plane) {
    const float* image =
        problem_.b.data + segment.image * patches_.image_stride + channel * patches_.channel_stride;
    const int64_t n = plan_.x.length(phase_x);
    float* tile = scratch_.tile.Of(RoundUp(n, kChunkCols));
    const int64_t lines = segment.outputs + plan_.y.last - plan_.y.first;
    for (int64_t i = 0; i < lines; ++i) {
      const int64_t y = (segment.first_output + plan_.y.first + i) * plan_.y.stride + phase_y;
      if (y < 0 || y >= patches_.height) continue;
      const float* from = image + y * patches_.width + phase_x;
      if (plan_.x.stride == 1) {
        std::memcpy(tile, from, static_cast<size_t>(n) * sizeof(float));
      } else {
        for (int64_t j = 0; j < n; ++j) tile[j] = from[j * plan_.x.stride];
      }
      const int64_t line = segment.base + i;
      const int64_t at = plane + line * plan_.layout.width + plan_.layout.before;
      ranges_[static_cast<size_t>(line)].Include(
          kernel_.encode(kernel_.context, tile, n, values_ + at, indices_ + at));
    }
  }

  /// Of all that some chunks read.
  ExponentRange RangeOf(int64_t chunk, int64_t chunks) const {
    const int64_t width = plan_.layout.width;
    const int64_t first = chunks_[static_cast<size_t>(chunk)].place / width;
    const int64_t last =
        (chunks_[static_cast<size_t>(chunk + chunks - 1)].place + kChunkCols - 1) / width +
        plan_.y.last - plan_.y.first + 1;  // A shift may reach into the line that follows.
    ExponentRange range;
    for (int64_t i = first; i <= std::min(last, block_.lines() - 1); ++i) {
      range.Include(ranges_[static_cast<size_t>(i)]);
    }
    return range;
  }

  void PackRows(int64_t channel, int64_t channels) {
    const int64_t area = Area(patches_), k = channels * area;
    const int64_t stride = RoundUp(k, kChunkCols);
    float* tile = scratch_.tile.Of(kGroupRows * stride + kChunkCols);
    for (int64_t g = 0; g < groups(); ++g) {
      const int64_t rows = RowsOf(g);
      FetchTile(problem_.a, row_ + g * kGroupRows, rows, channel * area, k, tile, stride);
      // The kernel's positions that these outputs do not meet have products with +0: these are
      // zero and leave the sums as they are, but for infinities and NaNs.
      bool finite = true;
      if (plan_.taps < area) {
        for (int64_t r = 0; r < rows; ++r) finite &= KeepTaps(tile + r * stride, channels);
      }
      RowGroup& group = scratch_.groups[static_cast<size_t>(g)];
      kernel_.pack_rows(kernel_.context, tile, stride, rows, channels * plan_.taps, &group);
      if (!finite) group.range.max = 255;
    }
  }

  /// Leaves the elements that meet the taps; returns whether all were finite.
  bool KeepTaps(float* row, int64_t channels) const {
    bool finite = true;
    const int64_t area = Area(patches_);
    for (int64_t i = 0; i < channels * area; ++i) {
      finite &= (std::bit_cast<uint32_t>(row[i]) & 0x7f800000) != 0x7f800000;
    }
    float* to = row;
    for (int64_t c = 0; c < channels; ++c) {
      for (const Tap& y : plan_.y.taps) {
        for (const Tap& x : plan_.x.taps) {
          *to++ = row[c * area + y.offset * patches_.kernel_width + x.offset];
        }
      }
    }
    return finite;
  }

  /// The column of C of a run's output `i`.
  int64_t Column(const Chunk::Run& run, int64_t i) const {
    const int64_t y = run.y * patches_.divide_y + plan_.residue_y;
    const int64_t x = (run.x + i) * patches_.divide_x + plan_.residue_x;
    return (run.image * patches_.out_height + y) * patches_.out_width + x;
  }

  void Define(int64_t group, int64_t chunk, int64_t chunks, int64_t channel, int64_t channels) {
    const int64_t area = Area(patches_);
    for (int64_t i = chunk; i < chunk + chunks; ++i) {
      for (const Chunk::Run& run : chunks_[static_cast<size_t>(i)].runs) {
        for (int64_t j = 0; j < run.count; ++j) {
          for (int64_t r = group * kGroupRows; r < group * kGroupRows + RowsOf(group); ++r) {
            AddByDefinition(r, i * kChunkCols + run.first + j, Column(run, j), channel * area,
                            channels * area);
          }
        }
      }
    }
  }

  void Store() const {
    const int64_t step = patches_.divide_x * problem_.c.inner_stride;
    for (size_t i = 0; i < chunks_.size(); ++i) {
      for (const Chunk::Run& run : chunks_[i].runs) {
        const float* from = sums_ + static_cast<int64_t>(i) * kChunkCols + run.first;
        const int64_t column = Column(run, 0);
        for (int64_t r = 0; r < rows_; ++r) {
          float* to = &problem_.c.at(row_ + r, column);
          for (int64_t j = 0; j < run.count; ++j) to[j * step] = from[r * stride_ + j];
        }
      }
    }
  }

  const OutputPlan& plan_;
  const LineBlock block_;
  const std::vector<Chunk> chunks_;
  const int64_t plane_;                ///< Elements of one channel's phase.
  std::vector<ExponentRange> ranges_;  ///< Of each line of the block.
};

void RunOutputs(const GemmProblem& problem, const TileKernel& kernel) {
  const Operand::Patches& p = problem.b.image;
  struct Cut {
    const OutputPlan* plan;
    int64_t row, line;
  };
  std::vector<OutputPlan> plans;
  for (int64_t y = 0; y < p.divide_y; ++y) {
    for (int64_t x = 0; x < p.divide_x; ++x) plans.emplace_back(problem, y, x);
  }
  const int64_t job_rows = kMostGroups * kGroupRows, threads = Threads();
  std::vector<Cut> cuts;
  for (OutputPlan& plan : plans) {
    if (threads > 1) {
      const int64_t enough = 4 * threads / static_cast<int64_t>(plans.size());
      while (plan.jobs() < enough && plan.lines > 1) plan.lines = CeilDiv(plan.lines, 2);
    }
    for (int64_t i = 0; i < plan.jobs(); ++i) {
      for (int64_t row = 0; row < problem.m(); row += job_rows) {
        cuts.push_back({&plan, row, i * plan.lines});
      }
    }
  }
  ParallelFor(static_cast<int64_t>(cuts.size()), [&](int64_t index) {
    thread_local Scratch scratch;
    const auto& [plan, row, line] = cuts[static_cast<size_t>(index)];
    OutputJob(problem, kernel, *plan, row, std::min(job_rows, problem.m() - row), line,
              std::min(plan->lines, plan->all_lines - line), scratch)
        .Run();
  });
}

// ---- Weight gradients ----

/// What the jobs have in common, and how they are cut.
struct WeightPlan {
  explicit WeightPlan(const GemmProblem& problem)
      : y(ShiftsOfY(problem.b.image, 0)),
        x(ShiftsOfX(problem.b.image, 0)),
        layout(x),
        phases(y, x),
        taps(static_cast<int64_t>(y.taps.size() * x.taps.size())),
        all_lines(Images(problem.b) * y.outputs),
        rows(std::min(problem.m(), kMostGroups * kGroupRows)),
        channels(std::min(Channels(problem.b), kMostChannels)) {
    while (Channels(problem.b) % channels != 0) channels -= kChunkCols;
    const auto jobs = [&] { return CeilDiv(problem.m(), rows) * (Channels(problem.b) / channels); };
    const auto halve_channels = [&] {
      if (channels % (2 * kChunkCols) != 0) return false;
      channels /= 2;
      return true;
    };
    // Channels first, since other rows would have the same elements encoded again.
    while (jobs() < Threads() && halve_channels()) continue;
    while (jobs() < Threads() && rows > kGroupRows) {
      rows = RoundUp(CeilDiv(rows, 2), kGroupRows);
    }
    const auto most_lines = [&] {
      return kMostEncoded / (phases.count * layout.width * channels) - (y.last - y.first);
    };
    while (most_lines() < 8 && halve_channels()) continue;
    lines = std::clamp<int64_t>(most_lines(), 1, std::max<int64_t>(1, all_lines));
  }

  AxisShifts y, x;
  LineLayout layout;
  Phases phases;
  int64_t taps;
  int64_t all_lines;       ///< Output lines of all images, over which sums run.
  int64_t rows, channels;  ///< Of a job; channels divide those of the images.
  int64_t lines;           ///< Whose elements are encoded at once.
};

class WeightJob : Job {
 public:
  WeightJob(const GemmProblem& problem, const TileKernel& kernel, const WeightPlan& plan,
            int64_t row, int64_t rows, int64_t channel, Scratch& scratch)
      : Job(problem, kernel, row, rows, scratch),
        plan_(plan),
        channel_(channel),
        chunks_(plan.channels / kChunkCols * plan.taps) {}

  void Run() {
    StartSums(chunks_);
    for (int64_t line = 0; line < plan_.all_lines; line += plan_.lines) {
      MultiplyLines(line, std::min(plan_.lines, plan_.all_lines - line));
    }
    Store();
  }

 private:
  /// Elements of a phase of a block of lines: [line][x][channel].
  int64_t PhaseSize(const LineBlock& block) const {
    return (block.lines() * plan_.layout.width + plan_.layout.before + plan_.x.longest()) *
           plan_.channels;
  }

  void MultiplyLines(int64_t line, int64_t lines) {
    const LineBlock block(plan_.y, line, lines);
    const std::vector<ExponentRange> ranges = Encode(block);
    const std::vector<int64_t> starts = Starts(block);
    std::vector<int32_t> offsets;
    std::vector<int64_t> line_of;  // In the block, of each step.
    for (const LineBlock::Segment& segment : block.segments()) {
      for (int64_t i = segment.base; i < segment.base + segment.outputs; ++i) {
        for (int64_t x = 0; x < plan_.x.outputs; ++x) {
          offsets.push_back(static_cast<int32_t>((i * plan_.layout.width + x) * plan_.channels));
          line_of.push_back(i);
        }
      }
    }
    const int64_t first_step = line * plan_.x.outputs;
    const int64_t steps = static_cast<int64_t>(offsets.size());
    for (int64_t s = 0; s < steps; s += kBlockK) {
      const int64_t k = std::min(kBlockK, steps - s), l = first_step + s;
      PackRows(l, k);
      ExponentRange range;
      const int64_t last = line_of[static_cast<size_t>(s + k - 1)] + plan_.y.last - plan_.y.first;
      for (int64_t i = line_of[static_cast<size_t>(s)]; i <= last; ++i) {
        range.Include(ranges[static_cast<size_t>(i)]);
      }
      for (int64_t i = 0; i < chunks_; i += kPanelChunks) {
        const int64_t some = std::min(kPanelChunks, chunks_ - i);
        const auto definition = [&](int64_t group) { Define(group, i, some, l, k); };
        MultiplyPanel(&starts[static_cast<size_t>(i)], some, i * kChunkCols,
                      &offsets[static_cast<size_t>(s)], k, range, definition);
      }
    }
  }

  std::vector<ExponentRange> Encode(const LineBlock& block) {
    StartElements(plan_.phases.count * PhaseSize(block));
    std::vector<ExponentRange> ranges(static_cast<size_t>(block.lines()));
    for (int64_t y = 0; y < plan_.y.stride; ++y) {
      for (int64_t x = 0; x < plan_.x.stride; ++x) {
        const int64_t phase = plan_.phases.Of(y, x);
        if (phase < 0) continue;
        for (const LineBlock::Segment& segment : block.segments()) {
          EncodePhase(segment, y, x, phase * PhaseSize(block), ranges);
        }
      }
    }
    return ranges;
  }

  void EncodePhase(const LineBlock::Segment& segment, int64_t phase_y, int64_t phase_x,
                   int64_t start, std::vector<ExponentRange>& ranges) {
    const int64_t n = plan_.x.length(phase_x), channels = plan_.channels;
    float* tile = scratch_.tile.Of(n * channels + kChunkCols);
    const float* image = problem_.b.data + segment.image * patches_.image_stride +
                         channel_ * patches_.channel_stride;
    const int64_t lines = segment.outputs + plan_.y.last - plan_.y.first;
    for (int64_t i = 0; i < lines; ++i) {
      const int64_t y = (segment.first_output + plan_.y.first + i) * plan_.y.stride + phase_y;
      if (y < 0 || y >= patches_.height) continue;
      const Operand line = StridedOperand(image + y * patches_.width + phase_x, n, channels,
                                          plan_.x.stride, patches_.channel_stride);
      FetchTile(line, 0, n, 0, channels, tile, channels);
      const int64_t at =
          start + ((segment.base + i) * plan_.layout.width + plan_.layout.before) * channels;
      ranges[static_cast<size_t>(segment.base + i)].Include(
          kernel_.encode(kernel_.context, tile, n * channels, values_ + at, indices_ + at));
    }
  }

  /// The chunks: for each position of the kernel, 16 channels by 16.
  std::vector<int64_t> Starts(const LineBlock& block) const {
    std::vector<int64_t> starts;
    for (const Tap& y : plan_.y.taps) {
      for (const Tap& x : plan_.x.taps) {
        const int64_t place =
            (y.shift - plan_.y.first) * plan_.layout.width + x.shift + plan_.layout.before;
        for (int64_t c = 0; c < plan_.channels; c += kChunkCols) {
          starts.push_back(plan_.phases.Of(y.phase, x.phase) * PhaseSize(block) +
                           place * plan_.channels + c);
        }
      }
    }
    return starts;
  }

  void PackRows(int64_t l, int64_t k) {
    const int64_t stride = RoundUp(k, kChunkCols);
    float* tile = scratch_.tile.Of(kGroupRows * stride + kChunkCols);
    for (int64_t g = 0; g < groups(); ++g) {
      const int64_t rows = RowsOf(g);
      FetchTile(problem_.a, row_ + g * kGroupRows, rows, l, k, tile, stride);
      kernel_.pack_rows(kernel_.context, tile, stride, rows, k,
                        &scratch_.groups[static_cast<size_t>(g)]);
    }
  }

  /// The column of C of the job's column `at`.
  int64_t Column(int64_t at) const {
    const int64_t tap = at / plan_.channels, channel = channel_ + at % plan_.channels;
    return channel * plan_.taps + tap;
  }

  void Define(int64_t group, int64_t chunk, int64_t chunks, int64_t l, int64_t k) {
    for (int64_t at = chunk * kChunkCols; at < (chunk + chunks) * kChunkCols; ++at) {
      for (int64_t r = group * kGroupRows; r < group * kGroupRows + RowsOf(group); ++r) {
        AddByDefinition(r, at, Column(at), l, k);
      }
    }
  }

  void Store() const {
    for (int64_t r = 0; r < rows_; ++r) {
      for (int64_t at = 0; at < chunks_ * kChunkCols; ++at) {
        problem_.c.at(row_ + r, Column(at)) = sums_[r * stride_ + at];
      }
    }
  }

  const WeightPlan& plan_;
  const int64_t channel_;
  const int64_t chunks_;
};

void RunWeights(const GemmProblem& problem, const TileKernel& kernel) {
  const WeightPlan plan(problem);
  const int64_t down = CeilDiv(problem.m(), plan.rows);
  ParallelFor(down * (Channels(problem.b) / plan.channels), [&](int64_t index) {
    thread_local Scratch scratch;
    const int64_t row = index % down * plan.rows;
    WeightJob(problem, kernel, plan, row, std::min(plan.rows, problem.m() - row),
              index / down * plan.channels, scratch)
        .Run();
  });
}

bool GainsOutputs(const GemmProblem& problem) {
  const Operand::Patches& p = problem.b.image;
  if (problem.c.inner % p.out_width != 0) return false;
  const AxisShifts x = ShiftsOfX(p, 0);
  const int64_t places = std::min(LineLayout(x).width, RoundUp(x.outputs, kChunkCols));
  const double waste = static_cast<double>(places) / static_cast<double>(x.outputs) - 1;
  return static_cast<double>(problem.m()) * waste < kProductsOfPacking;
}

bool GainsWeights(const GemmProblem& problem) {
  const Operand::Patches& p = problem.b.image;
  return p.divide_y == 1 && p.divide_x == 1 && Channels(problem.b) % kChunkCols == 0;
}

}  // namespace

bool TakesImages(const GemmProblem& problem) {
  const Operand& b = problem.b;
  if (!b.patches || problem.m() == 0 || problem.n() == 0 || problem.k() == 0 ||
      Area(b.image) > kBlockK || !AreShifts(b.image)) {
    return false;
  }
  return b.transposed ? GainsWeights(problem) : GainsOutputs(problem);
}

void RunImageTiles(const GemmProblem& problem, const TileKernel& kernel) {
  if (problem.b.transposed) {
    RunWeights(problem, kernel);
  } else {
    RunOutputs(problem, kernel);
  }
}

}  // namespace mulberry
