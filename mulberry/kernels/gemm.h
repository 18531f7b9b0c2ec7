// Matrix products as plain data: what every kernel, reference or fast, takes. No tensors, no
// virtual calls, no I/O below this line.
//
// The numeric contract of C = A·B, for A of m×k and B of k×n whose elements are values of the
// arithmetic's format:
//   c(i,j) = (((0 + p(i,0,j)) + p(i,1,j)) + ...) + p(i,k-1,j)
// in FP32, round to nearest even, no fused multiply-add, where p(i,l,j) is the scalar product of
// a(i,l) and b(l,j), the first operand being a's unless b_first. ReferenceGemm is this definition;
// every kernel gives the same bits for any number of threads. Where the arithmetic has another
// accumulator than FP32, the sums are its own (formats/accumulator.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "mulberry/formats/accumulator.h"

namespace mulberry {

/// A matrix operand: where element (row, col) lies. Either a strided matrix or the patches of an
/// image batch (im2col), read in place: the rows of the patch matrix are (channel, kernel row,
/// kernel column), its columns (image, output row, output column). Positions outside the image are
/// +0.
struct Operand {
  const float* data = nullptr;
  int64_t rows = 0;
  int64_t cols = 0;
  bool patches = false;

  // Strided: element (r, c) at data[r * row_stride + c * col_stride].
  int64_t row_stride = 0;
  int64_t col_stride = 1;

  // Patches of images[image][channel][y][x], dense in y and x.
  struct Patches {
    int64_t image_stride = 0;    ///< Elements from one image to the next.
    int64_t channel_stride = 0;  ///< Elements from one channel to the next.
    int64_t height = 0, width = 0;
    int64_t kernel_height = 1, kernel_width = 1;
    int64_t out_height = 0, out_width = 0;
    /// The patch element (ky, kx) of output (oy, ox) is image position
    ///   y = (oy * stride_y - pad_y + ky * dilation_y) / divide_y     (x likewise),
    /// and counts as outside where the division leaves a remainder. divide = 1 gives convolution;
    /// stride = 1, divide = the convolution's stride and a negative dilation give its input
    /// gradient.
    int64_t stride_y = 1, stride_x = 1;
    int64_t pad_y = 0, pad_x = 0;
    int64_t dilation_y = 1, dilation_x = 1;
    int64_t divide_y = 1, divide_x = 1;
  } image;
  /// The operand is the transpose of the patch matrix: rows and cols above are those of the
  /// operand.
  bool transposed = false;
};

/// What the integers of a product's rows or columns stand for, where that is not the same for the
/// whole operand. Null where it is. Zeros and sums are integers.
struct IntegerLines {
  const float* scales = nullptr;  ///< Of each line, in place of Result::scale.
  const double* zeros = nullptr;  ///< Of each line: its integer q stands for q - zero.
  const double* sums = nullptr;   ///< Of each line's integers; where the other operand has zeros.
};

/// Where the result lies: element (i, j) at
///   data[i * row_stride + (j / inner) * outer_stride + (j % inner) * inner_stride].
/// A plain matrix has inner = n; a batch of images in NCHW has inner = out_height * out_width.
struct Result {
  float* data = nullptr;
  int64_t row_stride = 0;
  int64_t inner = 1;
  int64_t inner_stride = 1;
  int64_t outer_stride = 0;
  /// Of integer products: each sum, rounded to FP32, times this. What the operands' steps are
  /// worth.
  float scale = 1.0f;
  /// Of integer products: A's rows and B's columns. At most one has scales.
  IntegerLines rows = {}, columns = {};
  /// Products in each sum, where rows or columns have zeros.
  int64_t products = 0;

  float& at(int64_t i, int64_t j) const {
    return data[i * row_stride + j / inner * outer_stride + j % inner * inner_stride];
  }

  /// Whether rows or columns have zeros or scales.
  bool has_lines() const { return rows.zeros || rows.scales || columns.zeros || columns.scales; }
  /// What is stored for `sum`, the sum S of the products of row i's integers a and column j's b:
  /// FP32's S - zero(j)·(sum of a) - zero(i)·(sum of b) + products·zero(i)·zero(j), times the scale.
  /// Were the products exact, it would be the sum of (a - zero(i))·(b - zero(j)).
  float ValueOf(int64_t sum, int64_t i, int64_t j) const {
    const auto whole = [](double x) { return static_cast<int64_t>(x); };
    if (columns.zeros) sum -= whole(columns.zeros[j]) * whole(rows.sums[i]);
    if (rows.zeros) sum -= whole(rows.zeros[i]) * whole(columns.sums[j]);
    if (rows.zeros && columns.zeros) {
      sum += products * whole(rows.zeros[i]) * whole(columns.zeros[j]);
    }
    const float s = rows.scales ? rows.scales[i] : columns.scales ? columns.scales[j] : scale;
    return static_cast<float>(sum) * s;
  }
};

struct GemmProblem {
  Operand a;  ///< m × k.
  Operand b;  ///< k × n.
  Result c;   ///< m × n, overwritten. Must not overlap a or b.
  /// The multiplier's first operand is b's element, its second a's (c is still A·B).
  bool b_first = false;

  int64_t m() const { return a.rows; }
  int64_t n() const { return b.cols; }
  int64_t k() const { return a.cols; }
};

/// A strided operand.
Operand StridedOperand(const float* data, int64_t rows, int64_t cols, int64_t row_stride,
                       int64_t col_stride);
/// The same elements with rows and columns exchanged.
Operand Transpose(const Operand& operand);
/// Element (row, col) of an operand: the plain definition of the addressing above.
float ElementOf(const Operand& operand, int64_t row, int64_t col);
/// The sum of the integers in each column; their magnitudes are at most 2^16. What zero points of
/// the other operand are multiplied by (of rows: those of the transpose).
std::vector<double> SumsOfColumns(const Operand& operand);

/// A scalar multiplication as plain data: call(context, first, second).
struct ScalarProduct {
  float (*call)(const void* context, float first, float second) = nullptr;
  const void* context = nullptr;

  float operator()(float first, float second) const { return call(context, first, second); }
};

/// The definition, one product at a time; rows are spread over the threads.
void ReferenceGemm(const GemmProblem& problem, ScalarProduct product);
/// With another accumulator than FP32: c(i,j) is the result of its sum (FloatSum, WordSum), which
/// the same products are added to in the same order.
void ReferenceGemm(const GemmProblem& problem, ScalarProduct product,
                   const FloatAccumulator& accumulator);
void ReferenceGemm(const GemmProblem& problem, ScalarProduct product,
                   const WordAccumulator& accumulator);

/// A scalar multiplication of integers: call(context, first, second).
struct IntegerProduct {
  int64_t (*call)(const void* context, int32_t first, int32_t second) = nullptr;
  const void* context = nullptr;

  int64_t operator()(int32_t first, int32_t second) const { return call(context, first, second); }
};

/// The contract for integer formats: elements of A and B are integers carried as floats, the sum of
/// the products is exact (64 bits), and c(i,j) is that sum rounded once to FP32, to nearest even,
/// times c.scale in FP32. Where rows or columns have zero points or scales of their own, these are
/// part of it as Result::ValueOf says.
void ReferenceIntegerGemm(const GemmProblem& problem, IntegerProduct product);
/// With a word for an accumulator, which is in the place of the exact sum.
void ReferenceIntegerGemm(const GemmProblem& problem, IntegerProduct product,
                          const WordAccumulator& accumulator);

/// A scalar multiplication without rounding: call(context, first, second).
struct ExactScalarProduct {
  ExactProduct (*call)(const void* context, float first, float second) = nullptr;
  const void* context = nullptr;

  ExactProduct operator()(float first, float second) const { return call(context, first, second); }
};

/// The exact sum of products that are not rounded (ExactSum), as a posit or in FP32.
void ReferenceExactGemm(const GemmProblem& problem, ExactScalarProduct product,
                        std::optional<PositFormat> posit);

/// A multiplication of arrays, for models that are slow to ask one product at a time:
/// call(context, first, second, products, n).
template <typename Value, typename Product>
struct ArrayProduct {
  void (*call)(const void* context, const Value* first, const Value* second, Product* products,
               size_t n) = nullptr;
  const void* context = nullptr;

  void operator()(const Value* first, const Value* second, Product* products, size_t n) const {
    call(context, first, second, products, n);
  }
};
using FloatArrayProduct = ArrayProduct<float, float>;
using IntegerArrayProduct = ArrayProduct<int32_t, int64_t>;
using ExactArrayProduct = ArrayProduct<float, ExactProduct>;

/// The bits of ReferenceGemm, ReferenceIntegerGemm and ReferenceExactGemm, from products of arrays.
void ArrayGemm(const GemmProblem& problem, FloatArrayProduct product);
void ArrayGemm(const GemmProblem& problem, FloatArrayProduct product,
               const FloatAccumulator& accumulator);
void ArrayGemm(const GemmProblem& problem, FloatArrayProduct product,
               const WordAccumulator& accumulator);
void ArrayGemm(const GemmProblem& problem, IntegerArrayProduct product);
void ArrayGemm(const GemmProblem& problem, IntegerArrayProduct product,
               const WordAccumulator& accumulator);
void ArrayGemm(const GemmProblem& problem, ExactArrayProduct product,
               std::optional<PositFormat> posit);

}  // namespace mulberry
