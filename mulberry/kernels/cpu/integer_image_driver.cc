// Convolutions on integers whose patches are shifts of their images: as image_driver.cc does it for
// floats, but with four steps of k side by side in each place, a byte each. For outputs these are
// four channels, for weight gradients four pixels of a line.
#include <algorithm>
#include <cstring>
#include <type_traits>
#include <vector>

#include "mulberry/base/aligned.h"
#include "mulberry/base/threads.h"
#include "mulberry/kernels/cpu/fetch.h"
#include "mulberry/kernels/cpu/image_plan.h"
#include "mulberry/kernels/cpu/integer_driver.h"

namespace mulberry {
namespace {

constexpr int64_t kQuad = 4;
constexpr int64_t kMostRows = 128;  // Of a job.
constexpr int64_t kMostElements = int64_t{1} << 16;

/// An unused column, or an unused channel of a quad, costs a product for each row of A, a packed
/// patch's element as much as so many.
constexpr double kProductsOfPacking = 40;

ImageLimits Limits(const IntegerKernel& kernel) {
  return {.group_rows = kernel.group_rows,
          .most_rows = kMostRows,
          .unit_channels = kQuad,
          .most_steps = kernel.block_k / kQuad,
          .most_elements = kMostElements};
}

/// Of one thread.
struct Scratch {
  ScratchBuffer<uint8_t> groups, encodings, quads;
  ScratchBuffer<float> tile, quad_tile;
  ScratchBuffer<int32_t> block;
  ScratchBuffer<int32_t> sums;
  ScratchBuffer<int64_t> wide_sums;

  template <class Sum>
  Sum* SumsOf(int64_t size) {
    if constexpr (std::is_same_v<Sum, int32_t>) return sums.Of(size);
    if constexpr (std::is_same_v<Sum, int64_t>) return wide_sums.Of(size);
  }
};

/// What both kinds of job share: rows of A by chunks of columns, and their sums.
template <class Sum>
class Job {
 protected:
  Job(const GemmProblem& problem, const IntegerKernel& kernel, int64_t row, int64_t rows,
      Scratch& scratch)
      : problem_(problem),
        kernel_(kernel),
        images_(*kernel.images),
        row_(row),
        rows_(rows),
        scratch_(scratch),
        groups_(scratch.groups.Of(CeilDiv(rows, kernel.group_rows) * kernel.group_bytes)) {}

  void StartSums(int64_t chunks) {
    chunks_ = chunks;
    stride_ = chunks * kChunkCols;
    const int64_t size = RoundUp(rows_, kernel_.group_rows) * stride_;
    sums_ = scratch_.SumsOf<Sum>(size);
    std::fill_n(sums_, size, Sum{0});
    corrections_.resize(static_cast<size_t>(stride_));
  }

  /// Room for `size` encodings, all zero, and for their quads.
  void StartElements(int64_t size, int64_t beyond) {
    const int64_t bytes = RoundUp(size, kChunkCols) + beyond + kChunkCols;
    encodings_ = scratch_.encodings.Of(bytes);
    std::memset(encodings_, 0, static_cast<size_t>(bytes));
  }
  void StartQuads(int64_t quads) {
    plane_bytes_ = RoundUp(quads, kChunkCols) * kQuad;
    quads_ = scratch_.quads.Of(images_.planes * plane_bytes_);
  }

  int64_t RowsOf(int64_t r) const { return std::min(kernel_.group_rows, rows_ - r); }
  uint8_t* Group(int64_t r) const { return groups_ + r / kernel_.group_rows * kernel_.group_bytes; }

  /// The products of all packed rows with all chunks, which start at starts[] quads, over the quads
  /// of steps at offsets[], `k` steps of which count.
  void Multiply(const std::vector<int64_t>& starts, const std::vector<int32_t>& offsets,
                int64_t k) {
    for (int64_t i = 0; i < chunks_; i += QuadView::kMostChunks) {
      QuadView view{{},
                    std::min(QuadView::kMostChunks, chunks_ - i),
                    offsets.data(),
                    static_cast<int64_t>(offsets.size()),
                    plane_bytes_};
      for (int64_t v = 0; v < view.chunks; ++v) {
        view.start[v] = quads_ + starts[static_cast<size_t>(i + v)] * kQuad;
      }
      uint32_t* corrections = &corrections_[static_cast<size_t>(i * kChunkCols)];
      images_.correct(kernel_.context, view, k, corrections);
      for (int64_t r = 0; r < rows_; r += kernel_.group_rows) {
        AddProducts(Group(r), view, corrections, sums_ + r * stride_ + i * kChunkCols);
      }
    }
  }

  const GemmProblem& problem_;
  const IntegerKernel& kernel_;
  const IntegerImageKernel& images_;
  const int64_t row_, rows_;
  Scratch& scratch_;
  uint8_t* const groups_;
  Sum* sums_ = nullptr;
  int64_t stride_ = 0;
  uint8_t* encodings_ = nullptr;
  uint8_t* quads_ = nullptr;
  int64_t plane_bytes_ = 0;

 private:
  void AddProducts(const uint8_t* group, const QuadView& view, const uint32_t* corrections,
                   Sum* sums) {
    if constexpr (std::is_same_v<Sum, int32_t>) {
      images_.multiply(kernel_.context, group, view, corrections, sums, stride_);
    } else {
      const int64_t cols = view.chunks * kChunkCols;
      int32_t* block = scratch_.block.Of(kernel_.group_rows * cols);
      std::fill_n(block, kernel_.group_rows * cols, 0);
      images_.multiply(kernel_.context, group, view, corrections, block, cols);
      for (int64_t r = 0; r < kernel_.group_rows; ++r) {
        for (int64_t c = 0; c < cols; ++c) sums[r * stride_ + c] += block[r * cols + c];
      }
    }
  }

  int64_t chunks_ = 0;
  std::vector<uint32_t> corrections_;
};

class OutputJob : Job<int32_t> {
 public:
  OutputJob(const GemmProblem& problem, const IntegerKernel& kernel, const OutputCut& cut,
            Scratch& scratch)
      : Job(problem, kernel, cut.row, cut.rows, scratch),
        plan_(*cut.plan),
        block_(problem, plan_, cut.line, cut.lines) {}

  void Run() {
    StartSums(block_.count());
    StartElements(plan_.channels * plan_.phases.count() * block_.plane(), 0);
    StartQuads(plan_.channels / kQuad * plan_.phases.count() * block_.plane());
    std::vector<int64_t> starts;
    for (const Chunk& chunk : block_.chunks()) starts.push_back(chunk.place);
    const int64_t all_channels = Channels(problem_.b);
    for (int64_t c = 0; c < all_channels; c += plan_.channels) {
      const int64_t channels = std::min(plan_.channels, all_channels - c);
      const int64_t units = CeilDiv(channels, kQuad);
      EncodeChannels(c, channels, units);
      PackRows(c, channels, units);
      std::vector<int32_t> offsets = block_.Offsets(units);
      for (int32_t& offset : offsets) offset *= kQuad;
      Multiply(starts, offsets, channels * plan_.taps);
    }
    block_.Store(row_, rows_, sums_, stride_);
  }

 private:
  void EncodeChannels(int64_t channel, int64_t channels, int64_t units) {
    const int64_t phases = plan_.phases.count(), plane = block_.plane();
    float* tile = scratch_.tile.Of(RoundUp(plan_.x.longest(), kChunkCols));
    for (int64_t c = 0; c < channels; ++c) {
      const auto encode = [&](int64_t phase, int64_t, int64_t place, int64_t n) {
        images_.narrow(kernel_.context, tile, n, encodings_ + (c * phases + phase) * plane + place);
      };
      block_.ForEachLine(channel + c, tile, encode);
    }
    // What earlier channels left in place of those that fill up the last quad.
    std::memset(encodings_ + channels * phases * plane, 0,
                static_cast<size_t>((units * kQuad - channels) * phases * plane));
    for (int64_t unit = 0; unit < units; ++unit) {
      for (int64_t phase = 0; phase < phases; ++phase) {
        const uint8_t* steps[kQuad];
        for (int64_t j = 0; j < kQuad; ++j) {
          steps[j] = encodings_ + ((unit * kQuad + j) * phases + phase) * plane;
        }
        images_.interleave(kernel_.context, steps, plane, plane_bytes_,
                           quads_ + (unit * phases + phase) * plane * kQuad);
      }
    }
  }

  /// Rows of A in the order of the quads: (unit of channels, tap, channel).
  void PackRows(int64_t channel, int64_t channels, int64_t units) {
    const int64_t area = KernelArea(problem_.b), k = channels * area;
    const int64_t steps = units * plan_.taps * kQuad;
    float* tile = scratch_.tile.Of(kernel_.group_rows * k);
    float* quad_tile = scratch_.quad_tile.Of(kernel_.group_rows * steps);
    for (int64_t r = 0; r < rows_; r += kernel_.group_rows) {
      const int64_t rows = RowsOf(r);
      FetchTile(problem_.a, row_ + r, rows, channel * area, k, tile, k);
      for (int64_t i = 0; i < rows; ++i) {
        if (plan_.taps < area) block_.KeepTaps(tile + i * k, channels);
        float* to = quad_tile + i * steps;
        for (int64_t unit = 0; unit < units; ++unit) {
          for (int64_t tap = 0; tap < plan_.taps; ++tap) {
            for (int64_t j = 0; j < kQuad; ++j) {
              const int64_t c = unit * kQuad + j;
              *to++ = c < channels ? tile[i * k + c * plan_.taps + tap] : 0.0f;
            }
          }
        }
      }
      kernel_.pack_rows(kernel_.context, quad_tile, steps, rows, steps, Group(r));
    }
  }

  const OutputPlan& plan_;
  const OutputBlock block_;
};

template <class Sum>
class WeightJob : Job<Sum> {
  using Base = Job<Sum>;
  using Base::encodings_, Base::images_, Base::kernel_, Base::problem_, Base::quads_;
  using Base::plane_bytes_, Base::row_, Base::rows_, Base::scratch_;

 public:
  WeightJob(const GemmProblem& problem, const IntegerKernel& kernel, const WeightPlan& plan,
            int64_t row, int64_t rows, int64_t channel, Scratch& scratch)
      : Base(problem, kernel, row, rows, scratch), plan_(plan), channel_(channel) {}

  void Run() {
    Base::StartSums(plan_.chunks());
    for (int64_t line = 0; line < plan_.all_lines; line += plan_.lines) {
      MultiplyLines(line, std::min(plan_.lines, plan_.all_lines - line));
    }
    StoreWeights(problem_, plan_, channel_, row_, rows_, Base::sums_, Base::stride_);
  }

 private:
  void MultiplyLines(int64_t line, int64_t lines) {
    const WeightBlock block(problem_, plan_, line, lines);
    Encode(block);
    const std::vector<int64_t> starts = block.Starts();
    const std::vector<WeightBlock::Pixel> pixels = block.Pixels(kQuad);
    const int64_t quads = static_cast<int64_t>(pixels.size());
    const int64_t most = QuadsAtOnce();
    for (int64_t s = 0; s < quads; s += most) {
      std::vector<int32_t> offsets;
      for (int64_t i = s; i < std::min(s + most, quads); ++i) {
        offsets.push_back(pixels[static_cast<size_t>(i)].offset * kQuad);
      }
      const int64_t k = static_cast<int64_t>(offsets.size()) * kQuad;
      PackRows(line * plan_.x.outputs + s * kQuad, k);
      Base::Multiply(starts, offsets, k);
    }
  }

  /// As many as a packed block holds and, where sums are of 64 bits, as fit 32.
  int64_t QuadsAtOnce() const {
    const int64_t most = kernel_.block_k / kQuad;
    if constexpr (std::is_same_v<Sum, int32_t>) return most;
    return std::min(most, MostProducts(kernel_.max_product) / kQuad);
  }

  void Encode(const WeightBlock& block) {
    const int64_t size = plan_.phases.count() * block.plane(), channels = plan_.channels;
    Base::StartElements(size, (kQuad - 1) * channels);
    Base::StartQuads(size);
    float* tile = scratch_.tile.Of(plan_.x.longest() * channels + kChunkCols);
    block.ForEachLine(channel_, tile, [&](int64_t, int64_t at, int64_t n) {
      images_.narrow(kernel_.context, tile, n, encodings_ + at);
    });
    const uint8_t* const pixels[kQuad] = {encodings_, encodings_ + channels,
                                          encodings_ + 2 * channels, encodings_ + 3 * channels};
    images_.interleave(kernel_.context, pixels, RoundUp(size, kChunkCols), plane_bytes_, quads_);
  }

  void PackRows(int64_t l, int64_t k) {
    float* tile = scratch_.tile.Of(kernel_.group_rows * k);
    for (int64_t r = 0; r < rows_; r += kernel_.group_rows) {
      const int64_t rows = Base::RowsOf(r);
      FetchTile(problem_.a, row_ + r, rows, l, k, tile, k);
      kernel_.pack_rows(kernel_.context, tile, k, rows, k, Base::Group(r));
    }
  }

  const WeightPlan& plan_;
  const int64_t channel_;
};

Scratch& ScratchOfThread() {
  thread_local Scratch scratch;
  return scratch;
}

template <class Sum>
void RunWeights(const GemmProblem& problem, const IntegerKernel& kernel) {
  const WeightPlan plan(problem, Limits(kernel));
  ParallelFor(plan.jobs(), [&](int64_t index) {
    const int64_t row = index % plan.down * plan.rows;
    WeightJob<Sum>(problem, kernel, plan, row, std::min(plan.rows, problem.m() - row),
                   index / plan.down * plan.channels, ScratchOfThread())
        .Run();
  });
}

}  // namespace

bool TakesIntegerImages(const GemmProblem& problem, int64_t max_product, int64_t block_k,
                        bool keeps_zero) {
  if (AreWeights(problem, block_k)) return problem.b.image.out_width % kQuad == 0;
  if (!AreOutputs(problem, block_k / kQuad) || problem.k() > MostProducts(max_product)) {
    return false;
  }
  // Positions of the kernel that fall between an input gradient's elements are left out.
  if (problem.b.image.divide_y * problem.b.image.divide_x > 1 && !keeps_zero) return false;
  const auto channels = static_cast<double>(Channels(problem.b));
  const double filled = static_cast<double>(RoundUp(Channels(problem.b), kQuad)) / channels;
  const double waste = (1 + WasteOfOutputs(problem)) * filled - 1;
  return static_cast<double>(problem.m()) * waste < kProductsOfPacking;
}

void RunIntegerImageTiles(const GemmProblem& problem, const IntegerKernel& kernel) {
  if (problem.b.transposed) {
    if (problem.k() <= MostProducts(kernel.max_product))
      return RunWeights<int32_t>(problem, kernel);
    return RunWeights<int64_t>(problem, kernel);
  }
  const OutputJobs jobs(problem, Limits(kernel));
  ParallelFor(static_cast<int64_t>(jobs.cuts.size()), [&](int64_t index) {
    OutputJob(problem, kernel, jobs.cuts[static_cast<size_t>(index)], ScratchOfThread()).Run();
  });
}

}  // namespace mulberry
