#include "mulberry/kernels/cpu/blocking.h"

#include <utility>

#include "mulberry/base/threads.h"

namespace mulberry {

Grid::Grid(const GemmProblem& problem, const Shape& shape)
    : shape_(shape),
      m_(problem.m()),
      n_(problem.n()),
      groups_(CeilDiv(m_, shape.group_rows)),
      panels_(CeilDiv(n_, shape.panel_cols)),
      job_groups_(std::min(groups_, shape.most_groups)),
      job_panels_(std::min(panels_, shape.most_panels)) {
  const int threads = Threads();
  if (threads == 1) return;
  while (jobs() < 4 * threads && job_panels_ > 1) job_panels_ /= 2;
  while (jobs() < threads && job_groups_ > 1) job_groups_ = CeilDiv(job_groups_, 2);
}

Rectangle Grid::Job(int64_t index) const {
  const int64_t down = CeilDiv(groups_, job_groups_);
  const int64_t row = index % down * job_groups_ * shape_.group_rows;
  const int64_t col = index / down * job_panels_ * shape_.panel_cols;
  return {row, std::min(job_groups_ * shape_.group_rows, m_ - row), col,
          std::min(job_panels_ * shape_.panel_cols, n_ - col)};
}

GemmProblem ChooseOrientation(const GemmProblem& problem, int64_t group_rows, int64_t panel_cols) {
  // Only a plain result can be addressed transposed.
  if (problem.c.inner < problem.n()) return problem;
  const auto padded = [&](int64_t rows, int64_t cols) {
    return CeilDiv(rows, group_rows) * group_rows * CeilDiv(cols, panel_cols) * panel_cols;
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
  std::swap(result.c.rows, result.c.columns);
  return result;
}

}  // namespace mulberry
