// Convolutions on floats whose patches are shifts of their images: the elements of some lines of
// the images are encoded once and lie as they do in the images; a tile's columns are then read from
// there, each step of k at its own offset. With a few output channels, fetching and packing every
// patch would cost more than the products.
#include <algorithm>
#include <cstring>
#include <vector>

#include "mulberry/base/aligned.h"
#include "mulberry/base/threads.h"
#include "mulberry/kernels/cpu/driver.h"
#include "mulberry/kernels/cpu/fetch.h"
#include "mulberry/kernels/cpu/image_plan.h"

namespace mulberry {
namespace {

constexpr int64_t kMostGroups = 32;  // Of a job.
constexpr ImageLimits kLimits{.group_rows = kGroupRows,
                              .most_rows = kMostGroups * kGroupRows,
                              .unit_channels = 1,
                              .most_steps = kBlockK,
                              .most_elements = int64_t{1} << 16};

/// An unused column costs a product for each row of A, a packed patch's element as much as so many
/// (measured on AVX-512).
constexpr double kProductsOfPacking = 20;

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
      : problem_(problem), kernel_(kernel), row_(row), rows_(rows), scratch_(scratch) {}

  void StartSums(int64_t chunks) {
    stride_ = RoundUp(chunks, kPanelChunks) * kChunkCols;
    const int64_t size = RoundUp(rows_, kGroupRows) * stride_;
    sums_ = scratch_.sums.Of(size);
    std::fill_n(sums_, size, 0.0f);
  }

  /// Room for encoded elements, all zero.
  void StartElements(int64_t size) {
    size = RoundUp(size, kChunkCols) + kChunkCols;  // The last vector may reach beyond.
    values_ = scratch_.values.Of(size);
    indices_ = scratch_.indices.Of(size);
    std::memset(values_, 0, static_cast<size_t>(size) * sizeof(float));
    std::memset(indices_, 0, static_cast<size_t>(size));
  }

  ExponentRange Encode(const float* tile, int64_t n, int64_t at) {
    return kernel_.encode(kernel_.context, tile, n, values_ + at, indices_ + at);
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
        modes_.Defined();
      } else {
        kernel_.multiply(kernel_.context, group, view, k, modes_.Next(kernel_, group.range, range),
                         sums_ + g * kGroupRows * stride_ + column, stride_);
      }
    }
  }

  /// The sums of a group's rows in the job's column `at`, which is C's `column`, go on over the
  /// steps [l, l + k).
  void AddByDefinition(int64_t group, int64_t at, int64_t column, int64_t l, int64_t k) {
    for (int64_t r = group * kGroupRows; r < group * kGroupRows + RowsOf(group); ++r) {
      float& sum = sums_[r * stride_ + at];
      for (int64_t step = l; step < l + k; ++step) {
        const float a = ElementOf(problem_.a, row_ + r, step);
        const float b = ElementOf(problem_.b, step, column);
        sum += problem_.b_first ? kernel_.product(b, a) : kernel_.product(a, b);
      }
    }
  }

  const GemmProblem& problem_;
  const TileKernel& kernel_;
  const int64_t row_, rows_;
  Scratch& scratch_;
  float* sums_ = nullptr;
  int64_t stride_ = 0;

 private:
  TileModes modes_;
  float* values_ = nullptr;
  uint8_t* indices_ = nullptr;
};

class OutputJob : Job {
 public:
  OutputJob(const GemmProblem& problem, const TileKernel& kernel, const OutputCut& cut,
            Scratch& scratch)
      : Job(problem, kernel, cut.row, cut.rows, scratch),
        plan_(*cut.plan),
        block_(problem, plan_, cut.line, cut.lines) {}

  void Run() {
    StartSums(block_.count());
    StartElements(plan_.channels * plan_.phases.count() * block_.plane());
    std::vector<int64_t> starts;
    for (const Chunk& chunk : block_.chunks()) starts.push_back(chunk.place);
    const std::vector<int32_t> offsets = block_.Offsets(plan_.channels);
    const int64_t all_channels = Channels(problem_.b);
    for (int64_t c = 0; c < all_channels; c += plan_.channels) {
      const int64_t channels = std::min(plan_.channels, all_channels - c);
      EncodeChannels(c, channels);
      PackRows(c, channels);
      for (int64_t i = 0; i < block_.count(); i += kPanelChunks) {
        const int64_t some = std::min(kPanelChunks, block_.count() - i);
        const auto definition = [&](int64_t group) { Define(group, i, some, c, channels); };
        MultiplyPanel(&starts[static_cast<size_t>(i)], some, i * kChunkCols, offsets.data(),
                      channels * plan_.taps, RangeOf(i, some), definition);
      }
    }
    block_.Store(row_, rows_, sums_, stride_);
  }

 private:
  void EncodeChannels(int64_t channel, int64_t channels) {
    ranges_.assign(static_cast<size_t>(block_.lines()), {});
    float* tile = scratch_.tile.Of(RoundUp(plan_.x.longest(), kChunkCols));
    for (int64_t c = 0; c < channels; ++c) {
      const auto encode = [&](int64_t phase, int64_t line, int64_t place, int64_t n) {
        const int64_t plane = c * plan_.phases.count() + phase;
        ranges_[static_cast<size_t>(line)].Include(Encode(tile, n, plane * block_.plane() + place));
      };
      block_.ForEachLine(channel + c, tile, encode);
    }
  }

  /// Of all that some chunks read.
  ExponentRange RangeOf(int64_t chunk, int64_t chunks) const {
    const auto [first, last] = block_.LinesOf(chunk, chunks);
    ExponentRange range;
    for (int64_t i = first; i < last; ++i) range.Include(ranges_[static_cast<size_t>(i)]);
    return range;
  }

  void PackRows(int64_t channel, int64_t channels) {
    const int64_t area = KernelArea(problem_.b), k = channels * area;
    const int64_t stride = RoundUp(k, kChunkCols);
    float* tile = scratch_.tile.Of(kGroupRows * stride + kChunkCols);
    for (int64_t g = 0; g < groups(); ++g) {
      const int64_t rows = RowsOf(g);
      FetchTile(problem_.a, row_ + g * kGroupRows, rows, channel * area, k, tile, stride);
      bool finite = true;
      if (plan_.taps < area) {
        for (int64_t r = 0; r < rows; ++r) finite &= block_.KeepTaps(tile + r * stride, channels);
      }
      RowGroup& group = scratch_.groups[static_cast<size_t>(g)];
      kernel_.pack_rows(kernel_.context, tile, stride, rows, channels * plan_.taps, &group);
      if (!finite) group.range.max = 255;
    }
  }

  void Define(int64_t group, int64_t chunk, int64_t chunks, int64_t channel, int64_t channels) {
    const int64_t area = KernelArea(problem_.b);
    for (int64_t i = chunk; i < chunk + chunks; ++i) {
      for (const Chunk::Run& run : block_.chunks()[static_cast<size_t>(i)].runs) {
        for (int64_t j = 0; j < run.count; ++j) {
          AddByDefinition(group, i * kChunkCols + run.first + j, block_.Column(run, j),
                          channel * area, channels * area);
        }
      }
    }
  }

  const OutputPlan& plan_;
  const OutputBlock block_;
  std::vector<ExponentRange> ranges_;  ///< Of each line of the block.
};

class WeightJob : Job {
 public:
  WeightJob(const GemmProblem& problem, const TileKernel& kernel, const WeightPlan& plan,
            int64_t row, int64_t rows, int64_t channel, Scratch& scratch)
      : Job(problem, kernel, row, rows, scratch), plan_(plan), channel_(channel) {}

  void Run() {
    StartSums(plan_.chunks());
    for (int64_t line = 0; line < plan_.all_lines; line += plan_.lines) {
      MultiplyLines(line, std::min(plan_.lines, plan_.all_lines - line));
    }
    StoreWeights(problem_, plan_, channel_, row_, rows_, sums_, stride_);
  }

 private:
  void MultiplyLines(int64_t line, int64_t lines) {
    const WeightBlock block(problem_, plan_, line, lines);
    StartElements(plan_.phases.count() * block.plane());
    std::vector<ExponentRange> ranges(static_cast<size_t>(block.lines()));
    float* tile = scratch_.tile.Of(plan_.x.longest() * plan_.channels + kChunkCols);
    block.ForEachLine(channel_, tile, [&](int64_t i, int64_t at, int64_t n) {
      ranges[static_cast<size_t>(i)].Include(Encode(tile, n, at));
    });
    const std::vector<int64_t> starts = block.Starts();
    const std::vector<WeightBlock::Pixel> pixels = block.Pixels(1);
    const int64_t steps = static_cast<int64_t>(pixels.size());
    std::vector<int32_t> offsets(kBlockK);
    for (int64_t s = 0; s < steps; s += kBlockK) {
      const int64_t k = std::min(kBlockK, steps - s), l = line * plan_.x.outputs + s;
      const WeightBlock::Pixel* some_pixels = &pixels[static_cast<size_t>(s)];
      for (int64_t i = 0; i < k; ++i) offsets[static_cast<size_t>(i)] = some_pixels[i].offset;
      ExponentRange range;
      const int64_t last = some_pixels[k - 1].line + plan_.y.last - plan_.y.first;
      for (int64_t i = some_pixels[0].line; i <= last; ++i) {
        range.Include(ranges[static_cast<size_t>(i)]);
      }
      PackRows(l, k);
      for (int64_t i = 0; i < plan_.chunks(); i += kPanelChunks) {
        const int64_t some = std::min(kPanelChunks, plan_.chunks() - i);
        const auto definition = [&](int64_t group) {
          for (int64_t at = i * kChunkCols; at < (i + some) * kChunkCols; ++at) {
            AddByDefinition(group, at, WeightColumn(plan_, channel_, at), l, k);
          }
        };
        MultiplyPanel(&starts[static_cast<size_t>(i)], some, i * kChunkCols, offsets.data(), k,
                      range, definition);
      }
    }
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

  const WeightPlan& plan_;
  const int64_t channel_;
};

}  // namespace

bool TakesImages(const GemmProblem& problem) {
  if (AreWeights(problem, kBlockK)) return true;
  return AreOutputs(problem, kBlockK) &&
         static_cast<double>(problem.m()) * WasteOfOutputs(problem) < kProductsOfPacking;
}

void RunImageTiles(const GemmProblem& problem, const TileKernel& kernel) {
  const auto scratch = []() -> Scratch& {
    thread_local Scratch of_thread;
    return of_thread;
  };
  if (problem.b.transposed) {
    const WeightPlan plan(problem, kLimits);
    ParallelFor(plan.jobs(), [&](int64_t index) {
      const int64_t row = index % plan.down * plan.rows;
      WeightJob(problem, kernel, plan, row, std::min(plan.rows, problem.m() - row),
                index / plan.down * plan.channels, scratch())
          .Run();
    });
    return;
  }
  const OutputJobs jobs(problem, kLimits);
  ParallelFor(static_cast<int64_t>(jobs.cuts.size()), [&](int64_t index) {
    OutputJob(problem, kernel, jobs.cuts[static_cast<size_t>(index)], scratch()).Run();
  });
}

}  // namespace mulberry
