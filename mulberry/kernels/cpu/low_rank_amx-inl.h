// Low rank on AMX: two tiles of rows by two of columns, 16,384 products an instruction. Included
// once per instruction set (Highway's scheme, hence no include guard in the usual form). Operands
// are packed with AVX-512 VNNI, which every processor with AMX has.
#if defined(MULBERRY_KERNELS_CPU_LOW_RANK_AMX_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MULBERRY_KERNELS_CPU_LOW_RANK_AMX_INL_H_
#undef MULBERRY_KERNELS_CPU_LOW_RANK_AMX_INL_H_
#else
#define MULBERRY_KERNELS_CPU_LOW_RANK_AMX_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <iterator>

#include "mulberry/kernels/cpu/amx.h"
#include "mulberry/kernels/cpu/low_rank.h"
#include "mulberry/kernels/cpu/low_rank_vnni-inl.h"

#if HWY_TARGET <= HWY_AVX3_DL
HWY_BEFORE_NAMESPACE();
namespace mulberry {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr int64_t kAmxRows = 2 * kTileRows, kAmxCols = 2 * kTileRows;
constexpr int64_t kAmxStep = 64;           ///< k is padded to a multiple.
constexpr int64_t kAmxPackedSteps = 2048;  ///< Steps of k times terms of a packed block.

/// [step of 64][tile][row][64 encodings].
void PackAmxRows(const void* context, const float* tile, int64_t stride, int64_t rows, int64_t k,
                 uint8_t* group) {
  const auto& c = *static_cast<const LowRankContext*>(context);
  const int64_t steps = CeilDiv(k, kAmxStep), bytes = steps * 2 * kTileBytes;
  uint8_t* index = group + (c.side.terms - 1) * c.term_bytes_a;
  const __m512i mask = _mm512_set1_epi32((1 << c.bits.rows) - 1);
  for (int64_t s = 0; s < steps; ++s) {
    for (int64_t r = 0; r < kAmxRows; ++r) {
      const int64_t l = s * kAmxStep;
      const __m512i row =
          r < rows ? LoadEncodings(tile + r * stride + l, k - l, mask) : _mm512_setzero_si512();
      _mm512_store_si512(index + s * 2 * kTileBytes + r * 64, row);
    }
  }
  alignas(64) uint32_t sums[16 * kAmxRows];
  SumDigits(c.side.row_digits, index, kAmxRows, steps, sums);
  auto* corrections = reinterpret_cast<uint32_t*>(group + c.side.terms * c.term_bytes_a);
  for (int64_t r = 0; r < kAmxRows; ++r) {
    corrections[r] = 0;
    for (int64_t lane = 0; lane < 16; ++lane) corrections[r] += sums[16 * r + lane];
  }
  for (int t = 0; t < c.side.terms; ++t) {
    LookUp(c.side.row_terms + 256 * t, index, bytes, group + t * c.term_bytes_a);
  }
}

/// [step of 64][tile][four steps][column][4 encodings].
void PackAmxColumns(const void* context, const float* tile, int64_t, int64_t k, uint8_t* panel) {
  const auto& c = *static_cast<const LowRankContext*>(context);
  const int64_t steps = CeilDiv(k, kAmxStep), bytes = steps * 2 * kTileBytes;
  uint8_t* index = panel + (c.side.terms - 1) * c.term_bytes_b;
  const __m512i mask = _mm512_set1_epi32((1 << c.bits.columns) - 1);
  for (int64_t l = 0; l < steps * kAmxStep; l += 4) {
    const int64_t rows = std::clamp<int64_t>(k - l, 0, 4);
    for (int64_t v = 0; v < 2; ++v) {
      uint8_t* to = index + (l / kAmxStep * 2 + v) * kTileBytes + l % kAmxStep * 16;
      _mm512_store_si512(to, Interleave(tile + l * kAmxCols + 16 * v, kAmxCols, rows, mask));
    }
  }
  auto* corrections = reinterpret_cast<uint32_t*>(panel + c.side.terms * c.term_bytes_b);
  std::fill_n(corrections, kAmxCols, SumOfConstants(c.side, k, steps * kAmxStep));
  for (int64_t i = 0; i < 2 * steps; ++i) {
    alignas(64) uint32_t sums[16];
    SumDigits(c.side.column_digits, index + i * kTileBytes, 1, 16, sums);
    for (int64_t j = 0; j < 16; ++j) corrections[i % 2 * 16 + j] += sums[j];
  }
  for (int t = 0; t < c.side.terms; ++t) {
    LookUp(c.side.column_terms + 256 * t, index, bytes, panel + t * c.term_bytes_b);
  }
}

void MultiplyAmx(const void* context, const uint8_t* group, const uint8_t* panel, int64_t,
                 int64_t k, int32_t* sums, int64_t stride) {
  const auto& c = *static_cast<const LowRankContext*>(context);
  alignas(64) int32_t tiles[4 * 256] = {};
  for (int t = 0; t < c.side.terms; ++t) {
    c.tile_product(group + t * c.term_bytes_a, panel + t * c.term_bytes_b, CeilDiv(k, kAmxStep),
                   tiles);
    if (c.side.shifts[t] == 0) continue;
    const __m128i by = _mm_cvtsi32_si128(c.side.shifts[t]);
    for (int32_t* row = tiles; row < std::end(tiles); row += 16) {
      _mm512_store_si512(row, _mm512_sll_epi32(_mm512_load_si512(row), by));
    }
  }
  const auto* of_rows = reinterpret_cast<const int32_t*>(group + c.side.terms * c.term_bytes_a);
  const uint8_t* of_columns = panel + c.side.terms * c.term_bytes_b;
  for (int64_t r = 0; r < kAmxRows; ++r) {
    for (int64_t v = 0; v < 2; ++v) {
      const int32_t* tile = tiles + (r / kTileRows * 2 + v) * 256 + r % kTileRows * 16;
      const __m512i both =
          _mm512_add_epi32(_mm512_set1_epi32(of_rows[r]), _mm512_load_si512(of_columns + 64 * v));
      const __m512i sum = _mm512_add_epi32(_mm512_load_si512(tile), both);
      int32_t* to = sums + r * stride + 16 * v;
      _mm512_storeu_si512(to, _mm512_add_epi32(sum, _mm512_loadu_si512(to)));
    }
  }
}

LowRankWay AmxWay() {
  return {kAmxRows, kAmxCols,     kAmxStep,        kAmxPackedSteps,
          1,        &PackAmxRows, &PackAmxColumns, &MultiplyAmx};
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mulberry
HWY_AFTER_NAMESPACE();
#endif

#endif
