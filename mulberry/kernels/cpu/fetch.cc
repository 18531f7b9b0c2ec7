#include "mulberry/kernels/cpu/fetch.h"

#include <algorithm>
#include <cstring>

namespace mulberry {
namespace {

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
  // A transposition: blocks keep both sides within a few cache lines.
  constexpr int64_t kBlock = 16;
  for (int64_t r0 = 0; r0 < rows; r0 += kBlock) {
    const int64_t r1 = std::min(r0 + kBlock, rows);
    for (int64_t c0 = 0; c0 < cols; c0 += kBlock) {
      const int64_t c1 = std::min(c0 + kBlock, cols);
      for (int64_t c = c0; c < c1; ++c) {
        for (int64_t r = r0; r < r1; ++r) tile[r * tile_stride + c] = from[r * rs + c * cs];
      }
    }
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

/// The transpose: rows are (image, oy, ox), columns (channel, ky, kx): runs along kx.
void FetchTransposedPatches(const Operand& operand, int64_t row, int64_t rows, int64_t col,
                            int64_t cols, float* tile, int64_t tile_stride) {
  const Operand::Patches& p = operand.image;
  const Axis ay = AxisY(p), ax = AxisX(p);
  const bool dense_x = p.dilation_x == 1 && p.divide_x == 1;
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t ox = (row + r) % p.out_width;
    const int64_t oy = (row + r) / p.out_width % p.out_height;
    const int64_t image = (row + r) / (p.out_width * p.out_height);
    float* out = tile + r * tile_stride;
    int64_t kx = col % p.kernel_width;
    int64_t ky = col / p.kernel_width % p.kernel_height;
    int64_t channel = col / (p.kernel_width * p.kernel_height);
    for (int64_t left = cols; left > 0;) {
      const int64_t run = std::min(left, p.kernel_width - kx);
      const int64_t y = ay.Position(oy, ky);
      const float* line = operand.data + image * p.image_stride + channel * p.channel_stride +
                          std::max<int64_t>(y, 0) * p.width;
      const int64_t x0 = ax.Numerator(ox, kx);
      if (y >= 0 && dense_x && x0 >= 0 && x0 + run <= p.width) {
        for (int64_t i = 0; i < run; ++i) out[i] = line[x0 + i];
      } else {
        for (int64_t i = 0; i < run; ++i) {
          const int64_t x = y < 0 ? -1 : ax.Position(ox, kx + i);
          out[i] = x < 0 ? 0.0f : line[x];
        }
      }
      out += run;
      left -= run;
      kx = 0;
      if (++ky == p.kernel_height) {
        ky = 0;
        ++channel;
      }
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

}  // namespace mulberry
