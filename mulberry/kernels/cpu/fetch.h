// Brings a rectangle of an operand into a dense tile: the fast form of ElementOf. Or shows where it
// lies.
#pragma once

#include <cstdint>

#include "mulberry/kernels/gemm.h"

namespace mulberry {

/// tile[r * tile_stride + c] = ElementOf(operand, row + r, col + c) for r < rows, c < cols.
void FetchTile(const Operand& operand, int64_t row, int64_t rows, int64_t col, int64_t cols,
               float* tile, int64_t tile_stride);

/// A rectangle of an operand in memory: element (r, c) at data[r * stride + c].
struct TileView {
  const float* data;
  int64_t stride;
};

/// The rectangle where it lies, if its rows are dense there and readable to the next `readable`
/// columns; else fetched into `tile`.
TileView ViewTile(const Operand& operand, int64_t row, int64_t rows, int64_t col, int64_t cols,
                  int64_t readable, float* tile, int64_t tile_stride);

}  // namespace mulberry
