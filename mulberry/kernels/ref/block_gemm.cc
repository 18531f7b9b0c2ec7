// The scalar reference of products of block formats: the contract of block_gemm.h.
#include "mulberry/kernels/block_gemm.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace mulberry {
namespace {

/// A block's elements, in units of its scale or, of integers, of their last bit; and 2^exponent,
/// what that unit is worth, in double. With a NaN for a scale the elements are 0.
struct Block {
  std::vector<float> elements;
  double unit;
};

Block BlockOf(const BlockFormat& format, Rounding rounding, const std::vector<float>& values) {
  const auto n = static_cast<int64_t>(values.size());
  const std::optional<int> scale = ScaleExponent(format, values.data(), n);
  Block block{std::vector<float>(values.size(), 0.0f), std::numeric_limits<double>::quiet_NaN()};
  if (!scale) return block;
  block.unit = std::ldexp(1.0, *scale - (format.is_integer() ? format.mantissa_bits : 0));
  RoundBlock(format, rounding, values.data(), block.elements.data(), n);
  for (float& element : block.elements) element = static_cast<float>(element / block.unit);
  return block;
}

}  // namespace

void ReferenceBlockGemm(const GemmProblem& problem, const BlockOperands& operands,
                        ElementGemm elements) {
  using enum OperandIndex;
  const OperandIndex of_a = problem.b_first ? kSecond : kFirst;
  const OperandIndex of_b = problem.b_first ? kFirst : kSecond;
  const int64_t block = operands.formats.first.block;
  for (int64_t i = 0; i < problem.m(); ++i) {
    for (int64_t j = 0; j < problem.n(); ++j) {
      float sum = 0.0f;
      for (int64_t begin = 0; begin < problem.k(); begin += block) {
        const int64_t end = std::min(begin + block, problem.k());
        std::vector<float> row, column;
        for (int64_t l = begin; l < end; ++l) {
          row.push_back(ElementOf(problem.a, i, l));
          column.push_back(ElementOf(problem.b, l, j));
        }
        const Block a = BlockOf(operands.formats[of_a], operands.rounding[of_a], row);
        const Block b = BlockOf(operands.formats[of_b], operands.rounding[of_b], column);
        float product = 0.0f;
        GemmProblem one;
        one.a = StridedOperand(a.elements.data(), 1, end - begin, end - begin, 1);
        one.b = StridedOperand(b.elements.data(), end - begin, 1, 1, 1);
        one.c.data = &product;
        one.b_first = problem.b_first;
        elements(one);
        sum += static_cast<float>(double{product} * a.unit * b.unit);
      }
      problem.c.at(i, j) = sum;
    }
  }
}

}  // namespace mulberry
