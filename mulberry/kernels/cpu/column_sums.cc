// SumsOfColumns of kernels/gemm.h. Patches overlap, and most of their sums are shared: those of a
// convolution's columns are sums over the kernel of one image, the sum of its channels; those of a
// weight gradient's are sums of whole lines.
#include <algorithm>
#include <vector>

#include "mulberry/base/threads.h"
#include "mulberry/kernels/cpu/blocking.h"
#include "mulberry/kernels/cpu/fetch.h"

namespace mulberry {
namespace {

using Sums = std::vector<double>;  // Exact: integers below 2^53.

/// The outputs ox of [0, outputs) for which x = ox * stride - pad + shift is in [0, size).
struct Range {
  int64_t first, end, x;  ///< x of the first.
};
Range Inside(int64_t outputs, int64_t stride, int64_t shift, int64_t size) {
  const int64_t first = shift < 0 ? CeilDiv(-shift, stride) : 0;
  const int64_t end = size > shift ? std::min(outputs, (size - 1 - shift) / stride + 1) : 0;
  return {first, std::max(first, end), first * stride + shift};
}

/// Columns (image, oy, ox), of rows (channel, ky, kx).
Sums SumsOverKernel(const Operand& operand) {
  const Operand::Patches& p = operand.image;
  const int64_t channels = operand.rows / (p.kernel_height * p.kernel_width);
  const int64_t outputs = p.out_height * p.out_width, pixels = p.height * p.width;
  Sums sums(static_cast<size_t>(operand.cols));
  ParallelFor(operand.cols / outputs, [&](int64_t image) {
    Sums plane(static_cast<size_t>(pixels));
    for (int64_t c = 0; c < channels; ++c) {
      const float* from = operand.data + image * p.image_stride + c * p.channel_stride;
      for (int64_t i = 0; i < pixels; ++i) plane[static_cast<size_t>(i)] += from[i];
    }
    for (int64_t ky = 0; ky < p.kernel_height; ++ky) {
      const Range lines = Inside(p.out_height, p.stride_y, ky * p.dilation_y - p.pad_y, p.height);
      for (int64_t kx = 0; kx < p.kernel_width; ++kx) {
        const Range places = Inside(p.out_width, p.stride_x, kx * p.dilation_x - p.pad_x, p.width);
        for (int64_t oy = lines.first; oy < lines.end; ++oy) {
          const int64_t y = lines.x + (oy - lines.first) * p.stride_y;
          const double* from = plane.data() + y * p.width + places.x;
          double* to = sums.data() + image * outputs + oy * p.out_width;
          for (int64_t ox = places.first; ox < places.end; ++ox) {
            to[ox] += from[(ox - places.first) * p.stride_x];
          }
        }
      }
    }
  });
  return sums;
}

/// Columns (channel, ky, kx), of rows (image, oy, ox).
Sums SumsOverOutputs(const Operand& operand) {
  const Operand::Patches& p = operand.image;
  const int64_t area = p.kernel_height * p.kernel_width;
  const int64_t images = operand.rows / (p.out_height * p.out_width);
  Sums sums(static_cast<size_t>(operand.cols));
  ParallelFor(operand.cols / area, [&](int64_t c) {
    Sums of_lines(static_cast<size_t>(p.height));
    for (int64_t kx = 0; kx < p.kernel_width; ++kx) {
      const Range places = Inside(p.out_width, p.stride_x, kx * p.dilation_x - p.pad_x, p.width);
      std::fill(of_lines.begin(), of_lines.end(), 0.0);
      for (int64_t image = 0; image < images; ++image) {
        const float* from = operand.data + image * p.image_stride + c * p.channel_stride + places.x;
        for (double& sum : of_lines) {
          for (int64_t i = 0; i < places.end - places.first; ++i) sum += from[i * p.stride_x];
          from += p.width;
        }
      }
      for (int64_t ky = 0; ky < p.kernel_height; ++ky) {
        const Range lines = Inside(p.out_height, p.stride_y, ky * p.dilation_y - p.pad_y, p.height);
        double& sum = sums[static_cast<size_t>(c * area + ky * p.kernel_width + kx)];
        for (int64_t i = 0; i < lines.end - lines.first; ++i) {
          sum += of_lines[static_cast<size_t>(lines.x + i * p.stride_y)];
        }
      }
    }
  });
  return sums;
}

Sums SumsOfElements(const Operand& operand) {
  constexpr int64_t kCols = 1024, kRows = 32;
  Sums sums(static_cast<size_t>(operand.cols));
  ParallelFor(CeilDiv(operand.cols, kCols), [&](int64_t index) {
    const int64_t col = index * kCols, cols = std::min(kCols, operand.cols - col);
    std::vector<float> tile(static_cast<size_t>(kRows * kCols));
    for (int64_t row = 0; row < operand.rows; row += kRows) {
      const int64_t rows = std::min(kRows, operand.rows - row);
      FetchTile(operand, row, rows, col, cols, tile.data(), kCols);
      double* to = sums.data() + col;
      for (int64_t r = 0; r < rows; ++r) {
        const float* from = tile.data() + r * kCols;
        for (int64_t c = 0; c < cols; ++c) to[c] += from[c];
      }
    }
  });
  return sums;
}

}  // namespace

std::vector<double> SumsOfColumns(const Operand& operand) {
  const bool has_gaps = operand.image.divide_y > 1 || operand.image.divide_x > 1;
  if (!operand.patches || has_gaps) return SumsOfElements(operand);
  return operand.transposed ? SumsOverOutputs(operand) : SumsOverKernel(operand);
}

}  // namespace mulberry
