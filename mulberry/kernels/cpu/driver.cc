#include "mulberry/kernels/cpu/driver.h"

#include <array>
#include <bit>
#include <utility>

#include "mulberry/base/aligned.h"
#include "mulberry/base/threads.h"
#include "mulberry/kernels/cpu/blocking.h"
#include "mulberry/kernels/cpu/fetch.h"

namespace mulberry {
namespace {

/// Row groups and column panels of a job: 128 rows and 512 columns; 256 each where columns are
/// patches, which cost more to pack.
constexpr int64_t kMaxGroups = 32, kMaxPanels = 8;
constexpr int64_t kMaxPatchGroups = 64, kMaxPatchPanels = 4;

/// Scratch memory of one thread, about 1 MiB, reused from call to call.
struct Scratch {
  AlignedBuffer<RowGroup> groups{kMaxPatchGroups};
  AlignedBuffer<ColumnPanel> panel{1};
  static_assert(kMaxPatchGroups * kMaxPatchPanels <= kMaxGroups * kMaxPanels, "the sums fit");
  AlignedBuffer<float> sums{static_cast<size_t>(kMaxGroups * kGroupRows * kMaxPanels * kPanelCols)};
  AlignedBuffer<float> tile{static_cast<size_t>(kBlockK * kPanelCols)};
};

class Job {
 public:
  Job(const GemmProblem& problem, const TileKernel& kernel, const Rectangle& part, Scratch& scratch)
      : problem_(problem),
        kernel_(kernel),
        scratch_(scratch),
        part_(part),
        stride_(CeilDiv(part.cols, kPanelCols) * kPanelCols) {}

  void Run() {
    const int64_t padded_rows = CeilDiv(part_.rows, kGroupRows) * kGroupRows;
    std::fill_n(scratch_.sums.data(), padded_rows * stride_, 0.0f);
    for (int64_t l = 0; l < problem_.k(); l += kBlockK) {
      const int64_t k = std::min(kBlockK, problem_.k() - l);
      PackAllRows(l, k);
      for (int64_t c = 0; c < part_.cols; c += kPanelCols) MultiplyPanel(l, k, c);
    }
    StoreSums(problem_.c, part_, scratch_.sums.data(), stride_);
  }

 private:
  void PackAllRows(int64_t l, int64_t k) {
    for (int64_t r = 0; r < part_.rows; r += kGroupRows) {
      const int64_t rows = std::min(kGroupRows, part_.rows - r);
      const TileView tile = ViewTile(problem_.a, part_.row + r, rows, l, k, RoundUp(k, kChunkCols),
                                     scratch_.tile.data(), kBlockK);
      kernel_.pack_rows(kernel_.context, tile.data, tile.stride, rows, k,
                        &scratch_.groups[r / kGroupRows]);
    }
  }

  void MultiplyPanel(int64_t l, int64_t k, int64_t c) {
    const int64_t cols = std::min(kPanelCols, part_.cols - c);
    const TileView tile = ViewColumns(l, k, part_.col + c, cols);
    ColumnPanel& panel = scratch_.panel[0];
    kernel_.pack_columns(kernel_.context, tile.data, tile.stride, k, &panel);
    for (int64_t r = 0; r < part_.rows; r += kGroupRows) {
      const RowGroup& group = scratch_.groups[r / kGroupRows];
      float* sums = scratch_.sums.data() + r * stride_ + c;
      if (NeedsDefinition(kernel_, group.range, panel.range)) {
        MultiplyByDefinition(l, k, r, c, cols);
        modes_.Defined();
        continue;
      }
      kernel_.multiply(kernel_.context, group, ViewOf(panel, CeilDiv(cols, kChunkCols)), k,
                       modes_.Next(kernel_, group.range, panel.range), sums, stride_);
    }
  }

  /// kPanelCols columns, those from `cols` on zero.
  TileView ViewColumns(int64_t l, int64_t k, int64_t col, int64_t cols) {
    float* tile = scratch_.tile.data();
    if (cols == kPanelCols) {
      return ViewTile(problem_.b, l, k, col, cols, cols, tile, kPanelCols);
    }
    FetchTile(problem_.b, l, k, col, cols, tile, kPanelCols);
    for (int64_t i = 0; i < k; ++i) {
      std::fill(tile + i * kPanelCols + cols, tile + (i + 1) * kPanelCols, 0.0f);
    }
    return {tile, kPanelCols};
  }

  static ColumnView ViewOf(const ColumnPanel& panel, int64_t chunks) {
    static constexpr auto kOffsets = [] {
      std::array<int32_t, kBlockK> offsets{};
      for (int64_t l = 0; l < kBlockK; ++l) offsets[l] = static_cast<int32_t>(l * kPanelCols);
      return offsets;
    }();
    ColumnView view{{}, {}, kOffsets.data(), panel.nonzero, chunks};
    for (int64_t v = 0; v < kPanelChunks; ++v) {
      view.value[v] = &panel.value[0][kChunkCols * v];
      view.index[v] = &panel.index[0][kChunkCols * v];
    }
    return view;
  }

  void MultiplyByDefinition(int64_t l, int64_t k, int64_t r, int64_t c, int64_t cols) {
    const int64_t rows = std::min(kGroupRows, part_.rows - r);
    for (int64_t i = r; i < r + rows; ++i) {
      for (int64_t j = c; j < c + cols; ++j) {
        float& sum = scratch_.sums[i * stride_ + j];
        const auto product = [&](int64_t step) {
          const float a = ElementOf(problem_.a, part_.row + i, step);
          const float b = ElementOf(problem_.b, step, part_.col + j);
          return problem_.b_first ? kernel_.product(b, a) : kernel_.product(a, b);
        };
        if (kernel_.accumulator) {
          FloatSum rounded(*kernel_.accumulator, sum);
          for (int64_t step = l; step < l + k; ++step) rounded.Add(product(step));
          sum = rounded.Result();
        } else {
          for (int64_t step = l; step < l + k; ++step) sum += product(step);
        }
      }
    }
  }

  const GemmProblem& problem_;
  const TileKernel& kernel_;
  Scratch& scratch_;
  const Rectangle part_;
  const int64_t stride_;
  TileModes modes_;
};

}  // namespace

TileMode TileModes::Next(const TileKernel& kernel, const ExponentRange& a, const ExponentRange& b) {
  const int smallest = a.min + b.min - 127 + kernel.min_log2;
  // Products of 24 bits are multiples of 2^-23 times the smallest's power of two, and so are all
  // their sums, rounded or not: where that is normal, a sum is, or it is zero.
  normal_sums_ &= smallest - 23 >= 1;
  // Products, and the significand products scaled by B's exponent alone, before A's comes in.
  const bool products_normal = smallest >= 1;
  const bool partial_normal = b.min + kernel.min_log2 >= 1 && b.max + kernel.max_log2 <= 254;
  if (!products_normal || !partial_normal) return TileMode::kCareful;
  return normal_sums_ ? TileMode::kFastNormalSums : TileMode::kFast;
}

GemmProblem ChooseOrientation(const GemmProblem& problem) {
  if (TakesImages(problem)) return problem;
  // A panel of one chunk takes as long as one of two.
  return ChooseOrientation(problem, kGroupRows, 2 * kChunkCols);
}

void RunTiles(const GemmProblem& problem, const TileKernel& kernel) {
  if (problem.m() == 0 || problem.n() == 0) return;
  if (kernel.encode && TakesImages(problem)) return RunImageTiles(problem, kernel);
  const bool patches = problem.b.patches;
  const Grid grid(problem, {kGroupRows, kPanelCols, patches ? kMaxPatchGroups : kMaxGroups,
                            patches ? kMaxPatchPanels : kMaxPanels});
  ParallelFor(grid.jobs(), [&](int64_t index) {
    thread_local Scratch scratch;
    Job(problem, kernel, grid.Job(index), scratch).Run();
  });
}

void PackRows(const RowEncoding& encoding, const float* tile, int64_t stride, int64_t rows,
              int64_t k, RowGroup* group) {
  ExponentRange range;
  for (int64_t r = 0; r < kGroupRows; ++r) {
    for (int64_t l = 0; l < k; ++l) {
      uint32_t bits = r < rows ? std::bit_cast<uint32_t>(tile[r * stride + l]) : 0;
      const int exponent = bits >> 23 & 0xff;
      if (exponent == 0) {
        bits &= 0x80000000;
      } else {
        bits = encoding.mask.Apply(bits);
        range.min = std::min(range.min, exponent);
        range.max = std::max(range.max, exponent);
      }
      const uint32_t mantissa = bits & 0x7fffff;
      const uint32_t rest = bits & 0xff800000;
      group->scale[l][r] = std::bit_cast<float>(rest);
      group->low[l][r] =
          ((mantissa >> encoding.right) << encoding.left) | (encoding.keep_all ? rest : 0);
    }
  }
  group->range = range;
}

}  // namespace mulberry
