// Products of tiles of bytes by Intel's AMX, and a model of its instruction in plain C++, by which
// the kernel above it is tested on machines without. The model is also what the hardware is checked
// against, once, before it is used. Not here: what the bytes mean (low_rank_amx-inl.h).
#pragma once

#include <cstdint>

namespace mulberry {

/// A tile has 16 rows of 64 bytes.
inline constexpr int64_t kTileRows = 16;
inline constexpr int64_t kTileBytes = 1024;

/// Two tiles of rows by two of columns, over `steps` steps of 64 bytes of k:
///   sums[2 * i + j][m][n] += Σ_s Σ_q Σ_b rows[s][i][m][4q + b] · columns[s][j][q][4n + b]
/// modulo 2^32, for i, j < 2, m, n, q < 16, b < 4; rows are signed, columns unsigned. All are
/// contiguous and aligned to 64 bytes.
using TileProduct = void (*)(const uint8_t* rows, const uint8_t* columns, int64_t steps,
                             int32_t* sums);

/// The definition.
void ModelTileProduct(const uint8_t* rows, const uint8_t* columns, int64_t steps, int32_t* sums);

/// The machine's, or null: there is none, the system does not grant it, it has failed its check, or
/// it has been turned off. (On Linux it must be asked for once per process.)
TileProduct BestTileProduct();

/// Turns AMX off, or on again where it can be had.
void AllowAmx(bool allowed);
/// BestTileProduct gives this one, whatever the machine has; null: its own again.
void UseTileProductForTest(TileProduct product);

}  // namespace mulberry
