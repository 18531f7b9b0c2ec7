#include "mulberry/kernels/cpu/driver.h"

#include <bit>
#include <type_traits>
#include <utility>

#include "mulberry/base/aligned.h"
#include "mulberry/base/threads.h"
#include "mulberry/kernels/cpu/fetch.h"

namespace mulberry {
namespace {

constexpr int64_t kMaxGroups = 32;  ///< Row groups of a job: 128 rows.
constexpr int64_t kMaxPanels = 8;   ///< Column panels of a job: 512 columns.

int64_t CeilDiv(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

/// The split of C into jobs: rectangles of row groups by column panels.
struct Grid {
  int64_t groups, panels;          // Of the whole problem.
  int64_t job_groups, job_panels;  // Of one job.
  int64_t job_rows() const { return CeilDiv(groups, job_groups); }
  int64_t job_cols() const { return CeilDiv(panels, job_panels); }
  int64_t jobs() const { return job_rows() * job_cols(); }
};

/// Jobs as large as the scratch buffers allow, since they amortise packing, but enough of them to
/// keep the threads evenly busy. Columns are split first: repacking a column panel is the greater
/// cost.
Grid MakeGrid(const GemmProblem& problem) {
  Grid grid;
  grid.groups = CeilDiv(problem.m(), kGroupRows);
  grid.panels = CeilDiv(problem.n(), kPanelCols);
  grid.job_groups = std::min(grid.groups, kMaxGroups);
  grid.job_panels = std::min(grid.panels, kMaxPanels);
  const int threads = Threads();
  if (threads > 1) {
    while (grid.jobs() < 4 * threads && grid.job_panels > 1) grid.job_panels /= 2;
    while (grid.jobs() < threads && grid.job_groups > 1) {
      grid.job_groups = CeilDiv(grid.job_groups, 2);
    }
  }
  return grid;
}

/// Scratch memory of one thread, up to 1 MiB, reused from call to call.
template <class Sum>
struct Scratch {
  AlignedBuffer<RowGroup> groups{kMaxGroups};
  AlignedBuffer<ColumnPanel> panel{1};
  AlignedBuffer<Sum> sums{static_cast<size_t>(kMaxGroups * kGroupRows * kMaxPanels * kPanelCols)};
  AlignedBuffer<float> tile{static_cast<size_t>(kBlockK * kPanelCols)};
};

template <class Sum>
class Job {
 public:
  Job(const GemmProblem& problem, const TileKernel<Sum>& kernel, const Grid& grid, int64_t index,
      Scratch<Sum>& scratch)
      : problem_(problem), kernel_(kernel), scratch_(scratch) {
    const int64_t group = index % grid.job_rows() * grid.job_groups;
    const int64_t panel = index / grid.job_rows() * grid.job_panels;
    row_ = group * kGroupRows;
    col_ = panel * kPanelCols;
    rows_ = std::min(grid.job_groups * kGroupRows, problem.m() - row_);
    cols_ = std::min(grid.job_panels * kPanelCols, problem.n() - col_);
    stride_ = CeilDiv(cols_, kPanelCols) * kPanelCols;
  }

  void Run() {
    const int64_t padded_rows = CeilDiv(rows_, kGroupRows) * kGroupRows;
    std::fill_n(scratch_.sums.data(), padded_rows * stride_, Sum{0});
    for (int64_t l = 0; l < problem_.k(); l += kBlockK) {
      const int64_t k = std::min(kBlockK, problem_.k() - l);
      PackAllRows(l, k);
      for (int64_t c = 0; c < cols_; c += kPanelCols) MultiplyPanel(l, k, c);
    }
    Store();
  }

 private:
  void PackAllRows(int64_t l, int64_t k) {
    for (int64_t r = 0; r < rows_; r += kGroupRows) {
      const int64_t rows = std::min(kGroupRows, rows_ - r);
      FetchTile(problem_.a, row_ + r, rows, l, k, scratch_.tile.data(), kBlockK);
      kernel_.pack_rows(kernel_.context, scratch_.tile.data(), kBlockK, rows, k,
                        &scratch_.groups[r / kGroupRows]);
    }
  }

  void MultiplyPanel(int64_t l, int64_t k, int64_t c) {
    const int64_t cols = std::min(kPanelCols, cols_ - c);
    float* tile = scratch_.tile.data();
    FetchTile(problem_.b, l, k, col_ + c, cols, tile, kPanelCols);
    if (cols < kPanelCols) {
      for (int64_t i = 0; i < k; ++i) {
        std::fill(tile + i * kPanelCols + cols, tile + (i + 1) * kPanelCols, 0.0f);
      }
    }
    ColumnPanel& panel = scratch_.panel[0];
    kernel_.pack_columns(kernel_.context, tile, k, &panel);
    for (int64_t r = 0; r < rows_; r += kGroupRows) {
      const RowGroup& group = scratch_.groups[r / kGroupRows];
      Sum* sums = scratch_.sums.data() + r * stride_ + c;
      if constexpr (std::is_same_v<Sum, float>) {
        if (NeedsDefinition(group.range, panel.range)) {
          MultiplyByDefinition(l, k, r, c, cols);
          continue;
        }
      }
      kernel_.multiply(kernel_.context, group, panel, k, Mode(group.range, panel.range), sums,
                       stride_);
    }
  }

  bool NeedsDefinition(const ExponentRange& a, const ExponentRange& b) const {
    return a.max == 255 || b.max == 255 || a.max + b.max - 127 + kernel_.max_log2 > 254;
  }

  TileMode Mode(const ExponentRange& a, const ExponentRange& b) const {
    // Products, and the significand products scaled by B's exponent alone, before A's comes in.
    const bool products_normal = a.min + b.min - 127 + kernel_.min_log2 >= 1;
    const bool partial_normal = b.min + kernel_.min_log2 >= 1 && b.max + kernel_.max_log2 <= 254;
    return products_normal && partial_normal ? TileMode::kFast : TileMode::kCareful;
  }

  void MultiplyByDefinition(int64_t l, int64_t k, int64_t r, int64_t c, int64_t cols) {
    const int64_t rows = std::min(kGroupRows, rows_ - r);
    for (int64_t i = r; i < r + rows; ++i) {
      for (int64_t j = c; j < c + cols; ++j) {
        float& sum = scratch_.sums[i * stride_ + j];
        for (int64_t step = l; step < l + k; ++step) {
          const float a = ElementOf(problem_.a, row_ + i, step);
          const float b = ElementOf(problem_.b, step, col_ + j);
          sum += problem_.b_first ? kernel_.product(b, a) : kernel_.product(a, b);
        }
      }
    }
  }

  void Store() const {
    const Result& c = problem_.c;
    for (int64_t r = 0; r < rows_; ++r) {
      const Sum* from = scratch_.sums.data() + r * stride_;
      for (int64_t j = 0; j < cols_;) {
        const int64_t run = std::min(cols_ - j, c.inner - (col_ + j) % c.inner);
        float* to = &c.at(row_ + r, col_ + j);
        for (int64_t i = 0; i < run; ++i) {
          to[i * c.inner_stride] = static_cast<float>(from[j + i]);
        }
        j += run;
      }
    }
  }

  const GemmProblem& problem_;
  const TileKernel<Sum>& kernel_;
  Scratch<Sum>& scratch_;
  int64_t row_, col_, rows_, cols_, stride_;
};

}  // namespace

GemmProblem ChooseOrientation(const GemmProblem& problem) {
  // Only a plain result can be addressed transposed.
  if (problem.c.inner < problem.n()) return problem;
  const auto padded = [](int64_t rows, int64_t cols) {
    return CeilDiv(rows, kGroupRows) * kGroupRows * CeilDiv(cols, kPanelCols) * kPanelCols;
  };
  if (padded(problem.m(), problem.n()) <= padded(problem.n(), problem.m())) return problem;
  GemmProblem result;
  result.a = Transpose(problem.b);
  result.b = Transpose(problem.a);
  result.b_first = !problem.b_first;
  result.c = problem.c;
  result.c.row_stride = problem.c.inner_stride;
  result.c.inner = problem.m();
  result.c.inner_stride = problem.c.row_stride;
  result.c.outer_stride = 0;
  return result;
}

template <class Sum>
void RunTiles(const GemmProblem& problem, const TileKernel<Sum>& kernel) {
  if (problem.m() == 0 || problem.n() == 0) return;
  const Grid grid = MakeGrid(problem);
  ParallelFor(grid.jobs(), [&](int64_t index) {
    thread_local Scratch<Sum> scratch;
    Job<Sum>(problem, kernel, grid, index, scratch).Run();
  });
}

template void RunTiles(const GemmProblem&, const TileKernel<float>&);
template void RunTiles(const GemmProblem&, const TileKernel<int64_t>&);

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
