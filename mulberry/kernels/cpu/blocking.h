// How the CPU drivers cut a product: C into jobs, which the threads take one by one, and a finished
// job's sums into the result. Not here: packing and the kernels themselves.
#pragma once

#include <algorithm>
#include <cstdint>

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

/// A sum as the result has it.
inline float Stored(const Result&, float sum) {
  return sum;
}
template <class Integer>
float Stored(const Result& c, Integer sum) {
  return static_cast<float>(sum) * c.scale;
}

/// Writes a job's sums, row by row of `stride`, as FP32.
template <class Sum>
void StoreSums(const Result& c, const Rectangle& part, const Sum* sums, int64_t stride) {
  for (int64_t r = 0; r < part.rows; ++r) {
    const Sum* from = sums + r * stride;
    for (int64_t j = 0; j < part.cols;) {
      const int64_t run = std::min(part.cols - j, c.inner - (part.col + j) % c.inner);
      float* to = &c.at(part.row + r, part.col + j);
      if (c.inner_stride == 1) {
        for (int64_t i = 0; i < run; ++i) to[i] = Stored(c, from[j + i]);
      } else {
        for (int64_t i = 0; i < run; ++i) to[i * c.inner_stride] = Stored(c, from[j + i]);
      }
      j += run;
    }
  }
}

/// The problem itself or its transpose (Cᵀ = Bᵀ·Aᵀ), whichever wastes less of the tiles at the
/// edges.
GemmProblem ChooseOrientation(const GemmProblem& problem, int64_t group_rows, int64_t panel_cols);

}  // namespace mulberry
