// How the CPU drivers cut a product: C into jobs, which the threads take one by one, and a finished
// job's sums into the result. Not here: packing and the kernels themselves.
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "mulberry/kernels/gemm.h"

namespace mulberry {

inline int64_t CeilDiv(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

inline int64_t RoundUp(int64_t n, int64_t to) {
  return CeilDiv(n, to) * to;
}

/// A part of C.
struct Rectangle {
  int64_t row, rows, col, cols;
};

/// The split of C into jobs: rectangles of row groups by column panels.
class Grid {
 public:
  struct Shape {
    int64_t group_rows, panel_cols;            ///< The kernel's tile.
    int64_t most_groups = 1, most_panels = 1;  ///< Of a job: what the scratch buffers hold.
  };
  /// Jobs as large as the scratch buffers allow, since they amortise packing, but enough of them to
  /// keep the threads evenly busy. Columns are split first: repacking a column panel is the greater
  /// cost.
  Grid(const GemmProblem& problem, const Shape& shape);

  int64_t jobs() const { return CeilDiv(groups_, job_groups_) * CeilDiv(panels_, job_panels_); }
  Rectangle Job(int64_t index) const;

 private:
  Shape shape_;
  int64_t m_, n_;
  int64_t groups_, panels_;          // Of the whole problem.
  int64_t job_groups_, job_panels_;  // Of one job.
};

/// Result::ValueOf of `n` sums whose columns are `step` apart: c(row, col + i · step), which goes
/// to to[i · stride]. In doubles, where all of its terms are exact: its sums pass no 2^52.
inline void StoreLines(const Result& c, int64_t row, int64_t col, int64_t step, const int32_t* sums,
                       int64_t n, float* to, int64_t stride) {
  const double zero = c.rows.zeros ? c.rows.zeros[row] : 0;
  const double* zeros = c.columns.zeros ? c.columns.zeros + col : nullptr;
  const double factor =
      zeros ? c.rows.sums[row] - static_cast<double>(c.products) * zero : 0;  // Of zeros.
  const double* column_sums = c.rows.zeros ? c.columns.sums + col : nullptr;
  const float scale = c.rows.scales ? c.rows.scales[row] : c.scale;
  const float* scales = c.columns.scales ? c.columns.scales + col : nullptr;
  for (int64_t i = 0; i < n; ++i) {
    double sum = sums[i];
    if (zeros) sum -= zeros[i * step] * factor;
    if (column_sums) sum -= column_sums[i * step] * zero;
    to[i * stride] = static_cast<float>(sum) * (scales ? scales[i * step] : scale);
  }
}

/// Writes `n` sums as the result has them, likewise.
inline void StoreRun(const Result&, int64_t, int64_t, int64_t, const float* sums, int64_t n,
                     float* to, int64_t stride) {
  for (int64_t i = 0; i < n; ++i) to[i * stride] = sums[i];
}
template <class Integer>
void StoreRun(const Result& c, int64_t row, int64_t col, int64_t step, const Integer* sums,
              int64_t n, float* to, int64_t stride) {
  if (!c.has_lines()) {
    for (int64_t i = 0; i < n; ++i) to[i * stride] = static_cast<float>(sums[i]) * c.scale;
    return;
  }
  if constexpr (std::is_same_v<Integer, int32_t>) {
    constexpr int64_t kMostProducts = int64_t{1} << 18;  // Of two integers below 2^16.
    if (c.products <= kMostProducts) return StoreLines(c, row, col, step, sums, n, to, stride);
  }
  for (int64_t i = 0; i < n; ++i) to[i * stride] = c.ValueOf(sums[i], row, col + i * step);
}

/// Writes a job's sums, row by row of `stride`, as FP32.
template <class Sum>
void StoreSums(const Result& c, const Rectangle& part, const Sum* sums, int64_t stride) {
  for (int64_t r = 0; r < part.rows; ++r) {
    const Sum* from = sums + r * stride;
    const int64_t row = part.row + r;
    for (int64_t j = 0; j < part.cols;) {
      const int64_t col = part.col + j;
      const int64_t run = std::min(part.cols - j, c.inner - col % c.inner);
      float* to = &c.at(row, col);
      if (c.inner_stride == 1) {
        StoreRun(c, row, col, 1, from + j, run, to, 1);
      } else {
        StoreRun(c, row, col, 1, from + j, run, to, c.inner_stride);
      }
      j += run;
    }
  }
}

/// The problem itself or its transpose (Cᵀ = Bᵀ·Aᵀ), whichever wastes less of the tiles at the
/// edges.
GemmProblem ChooseOrientation(const GemmProblem& problem, int64_t group_rows, int64_t panel_cols);

}  // namespace mulberry
