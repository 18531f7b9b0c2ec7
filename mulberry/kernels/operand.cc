// Addressing of operands, as gemm.h defines it: plain, for one element at a time.
#include <utility>

#include "mulberry/kernels/gemm.h"

namespace mulberry {
namespace {

/// The image coordinate that a kernel offset of an output position reads, or -1 outside the image.
int64_t ImagePosition(int64_t out, int64_t offset, int64_t stride, int64_t pad, int64_t dilation,
                      int64_t divide, int64_t size) {
  const int64_t numerator = out * stride - pad + offset * dilation;
  if (numerator < 0 || numerator % divide != 0) return -1;
  const int64_t position = numerator / divide;
  return position < size ? position : -1;
}

float PatchElement(const Operand& operand, int64_t row, int64_t col) {
  const Operand::Patches& p = operand.image;
  const int64_t kx = row % p.kernel_width;
  const int64_t ky = row / p.kernel_width % p.kernel_height;
  const int64_t channel = row / (p.kernel_width * p.kernel_height);
  const int64_t ox = col % p.out_width;
  const int64_t oy = col / p.out_width % p.out_height;
  const int64_t image = col / (p.out_width * p.out_height);
  const int64_t y = ImagePosition(oy, ky, p.stride_y, p.pad_y, p.dilation_y, p.divide_y, p.height);
  const int64_t x = ImagePosition(ox, kx, p.stride_x, p.pad_x, p.dilation_x, p.divide_x, p.width);
  if (y < 0 || x < 0) return 0.0f;
  return operand.data[image * p.image_stride + channel * p.channel_stride + y * p.width + x];
}

}  // namespace

Operand StridedOperand(const float* data, int64_t rows, int64_t cols, int64_t row_stride,
                       int64_t col_stride) {
  Operand operand;
  operand.data = data;
  operand.rows = rows;
  operand.cols = cols;
  operand.row_stride = row_stride;
  operand.col_stride = col_stride;
  return operand;
}

Operand Transpose(const Operand& operand) {
  Operand result = operand;
  std::swap(result.rows, result.cols);
  if (operand.patches) {
    result.transposed = !operand.transposed;
  } else {
    std::swap(result.row_stride, result.col_stride);
  }
  return result;
}

float ElementOf(const Operand& operand, int64_t row, int64_t col) {
  if (!operand.patches) return operand.data[row * operand.row_stride + col * operand.col_stride];
  return operand.transposed ? PatchElement(operand, col, row) : PatchElement(operand, row, col);
}

}  // namespace mulberry
