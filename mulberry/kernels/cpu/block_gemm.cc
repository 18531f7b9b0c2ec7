// Products of block formats, a stretch of k at a time: both operands' stretches are brought into
// dense lines, one block each, rounded there by RoundArray, and multiplied as one product of m × n.
// What this costs beside the products of elements is a pass over C for each stretch, in double.
#include "mulberry/kernels/block_gemm.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "mulberry/base/threads.h"
#include "mulberry/kernels/cpu/fetch.h"
#include "mulberry/kernels/round.h"

namespace mulberry {
namespace {

/// The blocks of one operand within a stretch of k: line r of `elements` is a row of A or a column
/// of B, in units of `units[r]`.
struct Blocks {
  std::vector<float> elements;
  std::vector<double> units;
};

/// `operand` has a block in each of its rows.
Blocks BlocksOf(const Operand& operand, BlockFormat format, Rounding rounding, int64_t begin,
                int64_t length) {
  // All lines have one length: shorter than a block, each is a whole block of a format that differs
  // in nothing else.
  format.block = static_cast<int>(length);
  const int bits = format.is_integer() ? format.mantissa_bits : 0;
  const int64_t rows = operand.rows;
  Blocks blocks{std::vector<float>(static_cast<size_t>(rows * length)),
                std::vector<double>(static_cast<size_t>(rows))};
  constexpr int64_t kRows = 64;
  ParallelFor((rows + kRows - 1) / kRows, [&](int64_t part) {
    const int64_t first = part * kRows, count = std::min(kRows, rows - first);
    float* lines = blocks.elements.data() + first * length;
    FetchTile(operand, first, count, begin, length, lines, length);
    double* units = blocks.units.data() + first;
    for (int64_t r = 0; r < count; ++r) {
      const std::optional<int> scale = ScaleExponent(format, lines + r * length, length);
      units[r] = scale ? std::ldexp(1.0, *scale - bits) : std::numeric_limits<double>::quiet_NaN();
    }
    RoundArray(format, rounding, lines, lines, count * length);
    for (int64_t r = 0; r < count; ++r) {
      const bool is_number = !std::isnan(units[r]);
      const double per_unit = is_number ? 1 / units[r] : 0;
      for (int64_t l = 0; l < length; ++l) {
        float& element = lines[r * length + l];
        element = is_number ? static_cast<float>(element * per_unit) : 0.0f;
      }
    }
  });
  return blocks;
}

}  // namespace

void BlockGemm(const GemmProblem& problem, const BlockOperands& operands, ElementGemm elements) {
  using enum OperandIndex;
  const OperandIndex of_a = problem.b_first ? kSecond : kFirst;
  const OperandIndex of_b = problem.b_first ? kFirst : kSecond;
  const int64_t m = problem.m(), n = problem.n(), k = problem.k();
  const int64_t block = operands.formats.first.block;
  const Operand columns = Transpose(problem.b);
  std::vector<float> products(static_cast<size_t>(m * n));
  for (int64_t begin = 0; begin < k; begin += block) {
    const int64_t length = std::min(block, k - begin);
    const Blocks a =
        BlocksOf(problem.a, operands.formats[of_a], operands.rounding[of_a], begin, length);
    const Blocks b =
        BlocksOf(columns, operands.formats[of_b], operands.rounding[of_b], begin, length);
    GemmProblem stretch;
    stretch.a = StridedOperand(a.elements.data(), m, length, length, 1);
    stretch.b = StridedOperand(b.elements.data(), length, n, 1, length);
    stretch.c = {.data = products.data(), .row_stride = n, .inner = n};
    stretch.b_first = problem.b_first;
    elements(stretch);
    ParallelFor(m, [&](int64_t i) {
      const double unit = a.units[static_cast<size_t>(i)];
      float* row = products.data() + i * n;
      for (int64_t j = 0; j < n; ++j) {
        row[j] = static_cast<float>(double{row[j]} * unit * b.units[static_cast<size_t>(j)]);
      }
      for (int64_t j = 0; j < n; ++j) {
        float& sum = problem.c.at(i, j);
        sum = (begin == 0 ? 0.0f : sum) + row[j];
      }
    });
  }
}

}  // namespace mulberry
