// What the CPU kernels for integers share: blocking, and sums that cannot overflow. A kernel is
// three functions (pack rows, pack columns, multiply) and the sizes of its tile; the driver does
// the rest. Nothing here is compiled per instruction set. Not here: floats (driver.h).
//
// A kernel's sums are taken modulo 2^32. The driver keeps 32-bit sums where those of all k products
// fit, and elsewhere adds the kernel's sums of a block of k, small enough to fit, to 64-bit ones.
#pragma once

#include <cstdint>

#include "mulberry/kernels/gemm.h"

namespace mulberry {

struct IntegerKernel {
  int64_t group_rows;   ///< Rows of a packed group.
  int64_t panel_cols;   ///< Columns of a packed panel.
  int64_t block_k;      ///< The most steps of k that are packed at once.
  int64_t group_bytes;  ///< A packed group of block_k steps, a multiple of 64.
  int64_t panel_bytes;  ///< Likewise a packed panel.
  /// No product's magnitude is larger.
  int64_t max_product;

  /// Packs `rows` <= group_rows rows of k elements: tile[r * stride + l].
  void (*pack_rows)(const void* context, const float* tile, int64_t stride, int64_t rows, int64_t k,
                    uint8_t* group);
  /// Packs k × panel_cols elements, tile[l * panel_cols + c]; those from `cols` on are 0.
  void (*pack_columns)(const void* context, const float* tile, int64_t cols, int64_t k,
                       uint8_t* panel);
  /// sums[r * stride + c] += the products over l < k, for all of the group's rows and at least
  /// `cols` of the panel's columns, modulo 2^32.
  void (*multiply)(const void* context, const uint8_t* group, const uint8_t* panel, int64_t cols,
                   int64_t k, int32_t* sums, int64_t stride);
  const void* context;
};

/// The two's complement encoding of an element.
inline uint32_t Encoding(float value, int bits) {
  return static_cast<uint32_t>(static_cast<int32_t>(value)) & ((1u << bits) - 1);
}

/// The widths of the elements of A, in the rows, and of B, in the columns.
struct ElementBits {
  int rows, columns;
};
/// `multiplier` is one of kernels/cpu/gemm.h, which has a width for each operand.
template <class Multiplier>
ElementBits ElementBitsOf(const GemmProblem& problem, const Multiplier& multiplier) {
  return problem.b_first ? ElementBits{multiplier.second_bits, multiplier.first_bits}
                         : ElementBits{multiplier.first_bits, multiplier.second_bits};
}

/// Runs the kernel over the problem, which is taken as it stands.
void RunIntegerTiles(const GemmProblem& problem, const IntegerKernel& kernel);

}  // namespace mulberry
