#include "mulberry/kernels/cpu/fetch.h"

#include <algorithm>
#include <cstring>

namespace mulberry {
namespace {

using Four = float __attribute__((vector_size(16)));

Four LoadFour(const float* from) {
  Four four;
  std::memcpy(&four, from, sizeof(four));
  return four;
}

/// out[j * out_stride + i] = in[i * in_stride + j] for i < rows, j < cols: four by four, in blocks
/// that keep both sides within a few cache lines.
void TransposeInto(const float* in, int64_t in_stride, int64_t rows, int64_t cols, float* out,
                   int64_t out_stride) {
  const auto four_by_four = [&](int64_t i, int64_t j) {
    const float* from = in + i * in_stride + j;
    const Four a = LoadFour(from), b = LoadFour(from + in_stride);
    const Four c = LoadFour(from + 2 * in_stride), d = LoadFour(from + 3 * in_stride);
    const Four ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    const Four ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const Four cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    const Four cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    const Four result[4] = {__builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5),
                            __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7),
                            __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5),
                            __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7)};
    for (int64_t n = 0; n < 4; ++n) {
      std::memcpy(out + (j + n) * out_stride + i, &result[n], sizeof(Four));
    }
  };
  constexpr int64_t kBlock = 16;
  const int64_t whole_rows = rows / 4 * 4, whole_cols = cols / 4 * 4;
  for (int64_t i0 = 0; i0 < whole_rows; i0 += kBlock) {
    for (int64_t j0 = 0; j0 < whole_cols; j0 += kBlock) {
      for (int64_t j = j0; j < std::min(j0 + kBlock, whole_cols); j += 4) {
        for (int64_t i = i0; i < std::min(i0 + kBlock, whole_rows); i += 4) four_by_four(i, j);
      }
    }
  }
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = i < whole_rows ? whole_cols : 0; j < cols; ++j) {
      out[j * out_stride + i] = in[i * in_stride + j];
    }
  }
}

void FetchStrided(const Operand& operand, int64_t row, int64_t rows, int64_t col, int64_t cols,
                  float* tile, int64_t tile_stride) {
  const int64_t rs = operand.row_stride;
  const int64_t cs = operand.col_stride;
  const float* from = operand.data + row * rs + col * cs;
  if (cs == 1) {
    for (int64_t r = 0; r < rows; ++r) {
      std::memcpy(tile + r * tile_stride, from + r * rs, cols * sizeof(float));
    }
    return;
  }
  if (rs == 1) return TransposeInto(from, cs, cols, rows, tile, tile_stride);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < cols; ++c) tile[r * tile_stride + c] = from[r * rs + c * cs];
  }
}

/// One axis of a patch: where the image position of output `out` and kernel offset 0 lies.
struct Axis {
  int64_t stride, pad, dilation, divide, size;

  int64_t Numerator(int64_t out, int64_t offset) const {
    return out * stride - pad + offset * dilation;
  }
  /// The image position, or -1 outside.
  int64_t Position(int64_t out, int64_t offset) const {
    const int64_t numerator = Numerator(out, offset);
    if (numerator < 0 || numerator % divide != 0) return -1;
    const int64_t position = numerator / divide;
    return position < size ? position : -1;
  }
};

Axis AxisY(const Operand::Patches& p) {
  return {p.stride_y, p.pad_y, p.dilation_y, p.divide_y, p.height};
}
Axis AxisX(const Operand::Patches& p) {
  return {p.stride_x, p.pad_x, p.dilation_x, p.divide_x, p.width};
}

/// out[i] = line[axis.Position(first + i, offset)], zero outside, for i < count.
void FetchRun(const float* line, const Axis& axis, int64_t first, int64_t offset, int64_t count,
              float* out) {
  if (axis.stride == 1 && axis.divide == 1) {
    const int64_t start = axis.Numerator(first, offset);
    const int64_t before = std::clamp<int64_t>(-start, 0, count);
    const int64_t inside = std::clamp<int64_t>(axis.size - start, before, count);
    std::fill(out, out + before, 0.0f);
    if (inside > before) {
      std::memcpy(out + before, line + start + before, (inside - before) * sizeof(float));
    }
    std::fill(out + inside, out + count, 0.0f);
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    const int64_t x = axis.Position(first + i, offset);
    out[i] = x < 0 ? 0.0f : line[x];
  }
}

/// Rows are (channel, ky, kx), columns (image, oy, ox): runs along ox.
void FetchPatches(const Operand& operand, int64_t row, int64_t rows, int64_t col, int64_t cols,
                  float* tile, int64_t tile_stride) {
  const Operand::Patches& p = operand.image;
  const Axis ay = AxisY(p), ax = AxisX(p);
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t kx = (row + r) % p.kernel_width;
    const int64_t ky = (row + r) / p.kernel_width % p.kernel_height;
    const int64_t channel = (row + r) / (p.kernel_width * p.kernel_height);
    float* out = tile + r * tile_stride;
    int64_t ox = col % p.out_width;
    int64_t oy = col / p.out_width % p.out_height;
    int64_t image = col / (p.out_width * p.out_height);
    for (int64_t left = cols; left > 0;) {
      const int64_t run = std::min(left, p.out_width - ox);
      const int64_t y = ay.Position(oy, ky);
      if (y < 0) {
        std::fill(out, out + run, 0.0f);
      } else {
        const float* line =
            operand.data + image * p.image_stride + channel * p.channel_stride + y * p.width;
        FetchRun(line, ax, ox, kx, run, out);
      }
      out += run;
      left -= run;
      ox = 0;
      if (++oy == p.out_height) {
        oy = 0;
        ++image;
      }
    }
  }
}

/// The transpose: rows are (image, oy, ox), columns (channel, ky, kx). Blocks are fetched along ox,
/// where the images are dense, and turned.
void FetchTransposedPatches(const Operand& operand, int64_t row, int64_t rows, int64_t col,
                            int64_t cols, float* tile, int64_t tile_stride) {
  constexpr int64_t kBlock = 64;
  float block[kBlock * kBlock];
  for (int64_t r = 0; r < rows; r += kBlock) {
    const int64_t block_rows = std::min(kBlock, rows - r);
    for (int64_t c = 0; c < cols; c += kBlock) {
      const int64_t block_cols = std::min(kBlock, cols - c);
      FetchPatches(operand, col + c, block_cols, row + r, block_rows, block, kBlock);
      TransposeInto(block, kBlock, block_cols, block_rows, tile + r * tile_stride + c, tile_stride);
    }
  }
}

}  // namespace

void FetchTile(const Operand& operand, int64_t row, int64_t rows, int64_t col, int64_t cols,
               float* tile, int64_t tile_stride) {
  if (!operand.patches) {
    FetchStrided(operand, row, rows, col, cols, tile, tile_stride);
  } else if (operand.transposed) {
    FetchTransposedPatches(operand, row, rows, col, cols, tile, tile_stride);
  } else {
    FetchPatches(operand, row, rows, col, cols, tile, tile_stride);
  }
}

TileView ViewTile(const Operand& operand, int64_t row, int64_t rows, int64_t col, int64_t cols,
                  int64_t readable, float* tile, int64_t tile_stride) {
  // What is read beyond a row's last column is the start of the next row.
  const bool inside = col + readable <= operand.cols ||
                      (row + rows < operand.rows && operand.row_stride >= readable);
  if (!operand.patches && operand.col_stride == 1 && operand.row_stride >= 0 && inside) {
    return {operand.data + row * operand.row_stride + col, operand.row_stride};
  }
  FetchTile(operand, row, rows, col, cols, tile, tile_stride);
  return {tile, tile_stride};
}

}  // namespace mulberry
