// Brings a rectangle of an operand into a dense tile: the fast form of ElementOf.
#pragma once

#include <cstdint>

#include "mulberry/kernels/gemm.h"

namespace mulberry {

/// tile[r * tile_stride + c] = ElementOf(operand, row + r, col + c) for r < rows, c < cols.
void FetchTile(const Operand& operand, int64_t row, int64_t rows, int64_t col, int64_t cols,
               float* tile, int64_t tile_stride);

}  // namespace mulberry
