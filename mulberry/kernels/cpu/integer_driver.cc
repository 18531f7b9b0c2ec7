#include "mulberry/kernels/cpu/integer_driver.h"

#include <type_traits>

#include "mulberry/base/aligned.h"
#include "mulberry/base/threads.h"
#include "mulberry/kernels/cpu/blocking.h"
#include "mulberry/kernels/cpu/fetch.h"

namespace mulberry {
namespace {

constexpr int64_t kMostRows = 512;  // Of a job, as far as the groups' bytes allow.
constexpr int64_t kMostCols = 768;
constexpr int64_t kMostGroupBytes = int64_t{1} << 19;

/// Of one thread.
template <class Sum>
struct Scratch {
  ScratchBuffer<uint8_t> groups, panel;
  ScratchBuffer<float> tile;
  ScratchBuffer<Sum> sums;
  ScratchBuffer<int32_t> block;
};

template <class Sum>
class Job {
 public:
  Job(const GemmProblem& problem, const IntegerKernel& kernel, const Rectangle& part,
      Scratch<Sum>& scratch)
      : problem_(problem),
        kernel_(kernel),
        part_(part),
        stride_(CeilDiv(part.cols, kernel.panel_cols) * kernel.panel_cols),
        padded_rows_(CeilDiv(part.rows, kernel.group_rows) * kernel.group_rows),
        groups_(scratch.groups.Of(padded_rows_ / kernel.group_rows * kernel.group_bytes)),
        panel_(scratch.panel.Of(kernel.panel_bytes)),
        tile_(scratch.tile.Of(kernel.block_k * std::max(kernel.group_rows, kernel.panel_cols))),
        sums_(scratch.sums.Of(padded_rows_ * stride_)),
        block_(scratch.block.Of(kernel.group_rows * kernel.panel_cols)) {}

  void Run() {
    std::fill_n(sums_, padded_rows_ * stride_, Sum{0});
    const int64_t step = StepOfK();
    for (int64_t l = 0; l < problem_.k(); l += step) {
      const int64_t k = std::min(step, problem_.k() - l);
      PackAllRows(l, k);
      for (int64_t c = 0; c < part_.cols; c += kernel_.panel_cols) MultiplyPanel(l, k, c);
    }
    StoreSums(problem_.c, part_, sums_, stride_);
  }

 private:
  /// Steps of k that are packed at once: where sums are of 64 bits, as many as fit 32.
  int64_t StepOfK() const {
    if constexpr (std::is_same_v<Sum, int32_t>) return kernel_.block_k;
    return std::min(kernel_.block_k, MostProducts(kernel_.max_product));
  }

  uint8_t* Group(int64_t row) const {
    return groups_ + row / kernel_.group_rows * kernel_.group_bytes;
  }

  void PackAllRows(int64_t l, int64_t k) {
    for (int64_t r = 0; r < part_.rows; r += kernel_.group_rows) {
      const int64_t rows = std::min(kernel_.group_rows, part_.rows - r);
      FetchTile(problem_.a, part_.row + r, rows, l, k, tile_, kernel_.block_k);
      kernel_.pack_rows(kernel_.context, tile_, kernel_.block_k, rows, k, Group(r));
    }
  }

  void MultiplyPanel(int64_t l, int64_t k, int64_t c) {
    const int64_t cols = std::min(kernel_.panel_cols, part_.cols - c);
    FetchTile(problem_.b, l, k, part_.col + c, cols, tile_, kernel_.panel_cols);
    if (cols < kernel_.panel_cols) {
      for (int64_t i = 0; i < k; ++i) {
        float* row = tile_ + i * kernel_.panel_cols;
        std::fill(row + cols, row + kernel_.panel_cols, 0.0f);
      }
    }
    kernel_.pack_columns(kernel_.context, tile_, cols, k, panel_);
    for (int64_t r = 0; r < part_.rows; r += kernel_.group_rows) {
      Sum* sums = sums_ + r * stride_ + c;
      if constexpr (std::is_same_v<Sum, int32_t>) {
        kernel_.multiply(kernel_.context, Group(r), panel_, cols, k, sums, stride_);
      } else {
        std::fill_n(block_, kernel_.group_rows * kernel_.panel_cols, 0);
        kernel_.multiply(kernel_.context, Group(r), panel_, cols, k, block_, kernel_.panel_cols);
        for (int64_t i = 0; i < kernel_.group_rows; ++i) {
          for (int64_t j = 0; j < kernel_.panel_cols; ++j) {
            sums[i * stride_ + j] += block_[i * kernel_.panel_cols + j];
          }
        }
      }
    }
  }

  const GemmProblem& problem_;
  const IntegerKernel& kernel_;
  const Rectangle part_;
  const int64_t stride_, padded_rows_;
  uint8_t* const groups_;
  uint8_t* const panel_;
  float* const tile_;
  Sum* const sums_;
  int32_t* const block_;
};

template <class Sum>
void RunJobs(const GemmProblem& problem, const IntegerKernel& kernel) {
  const int64_t most_rows =
      std::max(kernel.group_rows,
               std::min(kMostRows, kMostGroupBytes / kernel.group_bytes * kernel.group_rows));
  const Grid grid(problem, {kernel.group_rows, kernel.panel_cols, most_rows / kernel.group_rows,
                            std::max<int64_t>(1, kMostCols / kernel.panel_cols)});
  ParallelFor(grid.jobs(), [&](int64_t index) {
    thread_local Scratch<Sum> scratch;
    Job<Sum>(problem, kernel, grid.Job(index), scratch).Run();
  });
}

}  // namespace

void RunIntegerTiles(const GemmProblem& problem, const IntegerKernel& kernel) {
  if (problem.m() == 0 || problem.n() == 0) return;
  if (kernel.images) return RunIntegerImageTiles(problem, kernel);
  if (problem.k() <= MostProducts(kernel.max_product)) {
    RunJobs<int32_t>(problem, kernel);
  } else {
    RunJobs<int64_t>(problem, kernel);
  }
}

}  // namespace mulberry
