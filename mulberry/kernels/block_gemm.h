// Matrix products of block formats. Operands are any floats: which of their elements share a scale
// depends on the product, since blocks lie along k, so the product itself rounds them.
//
// The numeric contract of C = A·B: k is cut into stretches of `block`, the last perhaps shorter.
// Of each stretch, every row of A and every column of B is one block (RoundBlock of formats/block.h
// is the definition): elements times a scale 2^e. D, the product of the elements, is the contract
// of gemm.h for the elements' format, floats or integers. Then, in FP32, ascending over the
// stretches,
//   c(i,j) = (0 + d_0(i,j)·2^(ea+eb)) + d_1(i,j)·2^(ea+eb) + ...
// where d·2^(ea+eb) is rounded once, to nearest even, and is NaN where either scale is.
// Not here: what multiplies the elements (plan/).
#pragma once

#include "mulberry/formats/format.h"
#include "mulberry/kernels/gemm.h"

namespace mulberry {

/// The product of elements as plain data: call(context, problem).
struct ElementGemm {
  void (*call)(const void* context, const GemmProblem& problem) = nullptr;
  const void* context = nullptr;

  void operator()(const GemmProblem& problem) const { call(context, problem); }
};

/// Formats and roundings of the multiplier's operands, the first of which is b's where
/// problem.b_first says so. Both formats have the same block. Rounding is not stochastic.
struct BlockOperands {
  PerOperand<BlockFormat> formats;
  PerOperand<Rounding> rounding = Rounding::kNearestEven;
};

/// The definition, element by element.
void ReferenceBlockGemm(const GemmProblem& problem, const BlockOperands& operands,
                        ElementGemm elements);
/// The same bits, faster.
void BlockGemm(const GemmProblem& problem, const BlockOperands& operands, ElementGemm elements);

}  // namespace mulberry
