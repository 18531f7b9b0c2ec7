// What the CPU kernels for integers share: blocking, and sums that cannot overflow. A kernel is
// three functions (pack rows, pack columns, multiply) and the sizes of its tile, and perhaps three
// more for convolutions that are shifts of images (shifts.h); the drivers do the rest:
// integer_driver.cc for matrices, integer_image_driver.cc for images. Nothing here is compiled per
// instruction set. Not here: floats (driver.h).
//
// A kernel's sums are taken modulo 2^32. The driver keeps 32-bit sums where those of all k products
// fit, and elsewhere adds the kernel's sums of a block of k, small enough to fit, to 64-bit ones.
#pragma once

#include <algorithm>
#include <cstdint>

#include "mulberry/kernels/gemm.h"

namespace mulberry {

/// Columns as a kernel reads them: quads, the bytes of one column for four consecutive steps of k,
/// 16 columns side by side in a chunk. Each chunk has its quads at the same offsets from its own
/// start; each function of the operand that the kernel sums over has a plane of them.
struct QuadView {
  static constexpr int64_t kMostChunks = 3;
  const uint8_t* start[kMostChunks];
  int64_t chunks;         ///< Those that count.
  const int32_t* offset;  ///< In bytes, of each quad of steps.
  int64_t steps;          ///< Quads.
  int64_t plane_bytes;    ///< From one plane to the next.
};

/// What a kernel needs to read its columns from images.
struct IntegerImageKernel {
  int64_t planes;
  /// out[i] = the encoding of in[i] for i < n, zeros to the next 16 elements. `in` is readable to
  /// them.
  void (*narrow)(const void* context, const float* in, int64_t n, uint8_t* out);
  /// The quads of four steps of k: out[plane * plane_bytes + 4 * i + j], from the encoding
  /// steps[j][i], for i < n, a multiple of 16. `out` is aligned to 64 bytes.
  void (*interleave)(const void* context, const uint8_t* const (&steps)[4], int64_t n,
                     int64_t plane_bytes, uint8_t* out);
  /// What is added to the sums of each of the view's columns, where `k` of its 4 * steps steps
  /// count and the others multiply the encodings 0 and 0.
  void (*correct)(const void* context, const QuadView& columns, int64_t k, uint32_t* corrections);
  /// sums[r * stride + c] += the products, for all of the group's rows and the view's columns,
  /// modulo 2^32. The group was packed with 4 * steps steps of k.
  void (*multiply)(const void* context, const uint8_t* group, const QuadView& columns,
                   const uint32_t* corrections, int32_t* sums, int64_t stride);
};

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
  /// Null: the problem is not one that TakesIntegerImages, or the kernel only takes packed columns.
  const IntegerImageKernel* images = nullptr;
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

/// Whether RunIntegerImageTiles can take the problem, and gains by it. For a kernel's max_product
/// and block_k, and whether every product with 0 is 0.
bool TakesIntegerImages(const GemmProblem& problem, int64_t max_product, int64_t block_k,
                        bool keeps_zero);
/// The same for a convolution that TakesIntegerImages, with a kernel that has `images`, which says
/// that it does. (RunIntegerTiles calls it.)
void RunIntegerImageTiles(const GemmProblem& problem, const IntegerKernel& kernel);

/// Sums of so many products at most fit 32 bits.
inline int64_t MostProducts(int64_t max_product) {
  return INT32_MAX / std::max<int64_t>(1, max_product);
}

}  // namespace mulberry
