// Low rank: a table of integer products that is a short sum of products of one-operand functions,
// taken as one matrix product of bytes (AMX, 16,384 products an instruction; AVX-512 VNNI, four an
// instruction and lane) or of 16-bit integers (elsewhere, two). Each operand's element becomes one
// byte for each term, looked up by byte permutes. All sums are modulo 2^32, where the terms'
// weights are shifts: the terms of the highest weight come first, and the sum is shifted down to
// the next.
//
// The operands' terms lie term by term, [term][step of k / 4][row or column][4 bytes], so that a
// tile runs through them as through one long k; for AMX in tiles (amx.h).
#include <algorithm>
#include <array>
#include <cstring>

#include "mulberry/kernels/cpu/amx.h"
#include "mulberry/kernels/cpu/blocking.h"
#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/kernels/cpu/integer_driver.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mulberry/kernels/cpu/low_rank.cc"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mulberry {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

/// A problem's side of the multiplier, and the sizes of its packed operands.
struct Context {
  const LowRankMultiplier::Side& side;
  ElementBits bits;
  int64_t term_bytes_a = 0, term_bytes_b = 0;  ///< One term of a packed group, of a packed panel.
  TileProduct tile_product = nullptr;
};

/// What k steps, padded to `padded`, add to each sum. A step of padding multiplies the encodings 0
/// and 0.
uint32_t SumOfConstants(const LowRankMultiplier::Side& side, int64_t k, int64_t padded) {
  return static_cast<uint32_t>(padded) * side.constant -
         static_cast<uint32_t>(padded - k) * side.zero_product;
}

constexpr int64_t kPackedSteps = 768;  ///< Steps of k times terms of a packed block.
constexpr int64_t kMinBlockK = 32;

#if HWY_TARGET <= HWY_AVX3_DL

// Highway takes VNNI for granted on this target, but does not tell the compiler.
#define MULBERRY_VNNI __attribute__((target("avx512vnni")))

constexpr int64_t kRows = 8, kVectors = 3, kCols = 16 * kVectors;
constexpr int64_t kStep = 8;  ///< k is padded to a multiple: an even number of groups of four.
using Element = uint8_t;

/// out[i] = table[in[i]] for n bytes, a multiple of 64.
void LookUp(const uint8_t* table, const uint8_t* in, int64_t n, uint8_t* out) {
  const __m512i t0 = _mm512_loadu_si512(table), t1 = _mm512_loadu_si512(table + 64);
  const __m512i t2 = _mm512_loadu_si512(table + 128), t3 = _mm512_loadu_si512(table + 192);
  for (int64_t i = 0; i < n; i += 64) {
    const __m512i index = _mm512_load_si512(in + i);
    const __m512i low = _mm512_permutex2var_epi8(t0, index, t1);
    const __m512i high = _mm512_permutex2var_epi8(t2, index, t3);
    _mm512_store_si512(out + i, _mm512_mask_mov_epi8(low, _mm512_movepi8_mask(index), high));
  }
}

/// Sixteen elements of four consecutive rows as sixteen groups of four encodings.
HWY_INLINE __m512i Interleave(const float* tile, int64_t stride, int64_t rows, __m512i mask) {
  __m512i quads = _mm512_setzero_si512();
  for (int64_t i = 0; i < rows; ++i) {
    const __m512i element = _mm512_cvttps_epi32(_mm512_loadu_ps(tile + i * stride));
    quads = _mm512_or_si512(quads, _mm512_sll_epi32(_mm512_and_si512(element, mask),
                                                    _mm_cvtsi32_si128(static_cast<int>(8 * i))));
  }
  return quads;
}

/// The sums over k of the digits, low first, of one-operand functions: for `vectors` vectors of
/// encodings a step, sums[16 * v + lane].
MULBERRY_VNNI void SumDigits(const LowRankMultiplier::Digits& digits, const uint8_t* index,
                             int64_t vectors, int64_t steps, uint32_t* sums) {
  const __m512i ones = _mm512_set1_epi8(1);
  std::fill_n(sums, 16 * vectors, 0);
  for (int d = digits.count - 1; d >= 0; --d) {
    const uint8_t* table = digits.tables + 256 * d;
    const __m512i t0 = _mm512_loadu_si512(table), t1 = _mm512_loadu_si512(table + 64);
    const __m512i t2 = _mm512_loadu_si512(table + 128), t3 = _mm512_loadu_si512(table + 192);
    for (int64_t v = 0; v < vectors; ++v) {
      __m512i sum = _mm512_slli_epi32(_mm512_loadu_si512(sums + 16 * v), 8);
      for (int64_t s = 0; s < steps; ++s) {
        const __m512i at = _mm512_load_si512(index + 64 * (s * vectors + v));
        const __m512i low = _mm512_permutex2var_epi8(t0, at, t1);
        const __m512i high = _mm512_permutex2var_epi8(t2, at, t3);
        const __m512i digit = _mm512_mask_mov_epi8(low, _mm512_movepi8_mask(at), high);
        sum = _mm512_dpbusd_epi32(sum, digit, ones);
      }
      _mm512_storeu_si512(sums + 16 * v, sum);
    }
  }
}

/// 64 elements as bytes, those beyond `left` as 0.
HWY_INLINE __m512i LoadEncodings(const float* from, int64_t left, __m512i mask) {
  __m512i bytes = _mm512_setzero_si512();
  for (int quarter = 3; quarter >= 0; --quarter) {
    const int64_t inside = std::clamp<int64_t>(left - 16 * quarter, 0, 16);
    const auto lanes = static_cast<__mmask16>((1u << inside) - 1);
    const __m512i element = _mm512_cvttps_epi32(_mm512_maskz_loadu_ps(lanes, from + 16 * quarter));
    const __m128i sixteen = _mm512_cvtepi32_epi8(_mm512_and_si512(element, mask));
    bytes = _mm512_shuffle_i64x2(bytes, bytes, 0x90);  // One 128-bit lane up.
    bytes = _mm512_inserti32x4(bytes, sixteen, 0);
  }
  return bytes;
}

/// Eight rows of sixteen groups of four bytes as sixteen steps of eight: out[64 * p ...] has the
/// steps 2p and 2p + 1.
HWY_INLINE void TransposeQuads(const __m512i (&row)[8], uint8_t* out) {
  __m512i quarter[2][4];  // [upper rows][step in its 128-bit lane]: four rows of each lane's step.
  for (int half = 0; half < 2; ++half) {
    const __m512i* r = row + 4 * half;
    const __m512i low01 = _mm512_unpacklo_epi32(r[0], r[1]);
    const __m512i high01 = _mm512_unpackhi_epi32(r[0], r[1]);
    const __m512i low23 = _mm512_unpacklo_epi32(r[2], r[3]);
    const __m512i high23 = _mm512_unpackhi_epi32(r[2], r[3]);
    quarter[half][0] = _mm512_unpacklo_epi64(low01, low23);
    quarter[half][1] = _mm512_unpackhi_epi64(low01, low23);
    quarter[half][2] = _mm512_unpacklo_epi64(high01, high23);
    quarter[half][3] = _mm512_unpackhi_epi64(high01, high23);
  }
  // Both halves of the rows side by side, for the lanes 0 and 1, or 2 and 3.
  const __m512i lanes01 = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
  const __m512i lanes23 = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
  for (int pair = 0; pair < 2; ++pair) {
    for (int upper = 0; upper < 2; ++upper) {
      const __m512i lanes = upper ? lanes23 : lanes01;
      const __m512i even =
          _mm512_permutex2var_epi64(quarter[0][2 * pair], lanes, quarter[1][2 * pair]);
      const __m512i odd =
          _mm512_permutex2var_epi64(quarter[0][2 * pair + 1], lanes, quarter[1][2 * pair + 1]);
      _mm512_store_si512(out + 64 * (4 * upper + pair), _mm512_shuffle_i64x2(even, odd, 0x44));
      _mm512_store_si512(out + 64 * (4 * upper + 2 + pair), _mm512_shuffle_i64x2(even, odd, 0xee));
    }
  }
}

void PackRows(const void* context, const float* tile, int64_t stride, int64_t rows, int64_t k,
              uint8_t* group) {
  const auto& c = *static_cast<const Context*>(context);
  const int64_t padded = CeilDiv(k, kStep) * kStep, bytes = padded * kRows;
  // The encodings lie where the last term will be: it is looked up in place.
  uint8_t* index = group + (c.side.terms - 1) * c.term_bytes_a;
  const __m512i mask = _mm512_set1_epi32((1 << c.bits.rows) - 1);
  for (int64_t l = 0; l < k; l += 64) {
    __m512i row[kRows];
    for (int64_t r = 0; r < kRows; ++r) {
      row[r] =
          r < rows ? LoadEncodings(tile + r * stride + l, k - l, mask) : _mm512_setzero_si512();
    }
    if (padded - l >= 64) {
      TransposeQuads(row, index + l * kRows);
    } else {
      alignas(64) uint8_t last[64 * kRows];
      TransposeQuads(row, last);
      std::memcpy(index + l * kRows, last, static_cast<size_t>((padded - l) * kRows));
    }
  }
  // Sixteen sums: rows of even groups of four, then rows of odd ones.
  alignas(64) uint32_t sums[16];
  SumDigits(c.side.row_digits, index, 1, bytes / 64, sums);
  auto* corrections = reinterpret_cast<uint32_t*>(group + c.side.terms * c.term_bytes_a);
  for (int64_t r = 0; r < kRows; ++r) corrections[r] = sums[r] + sums[kRows + r];
  for (int t = 0; t < c.side.terms; ++t) {
    LookUp(c.side.row_terms + 256 * t, index, bytes, group + t * c.term_bytes_a);
  }
}

void PackColumns(const void* context, const float* tile, int64_t, int64_t k, uint8_t* panel) {
  const auto& c = *static_cast<const Context*>(context);
  const int64_t padded = CeilDiv(k, kStep) * kStep, bytes = padded * kCols;
  uint8_t* index = panel + (c.side.terms - 1) * c.term_bytes_b;
  const __m512i mask = _mm512_set1_epi32((1 << c.bits.columns) - 1);
  for (int64_t l = 0; l < padded; l += 4) {
    const int64_t rows = std::clamp<int64_t>(k - l, 0, 4);
    for (int64_t v = 0; v < kVectors; ++v) {
      const __m512i quads = rows == 4 ? Interleave(tile + l * kCols + 16 * v, kCols, 4, mask)
                                      : Interleave(tile + l * kCols + 16 * v, kCols, rows, mask);
      _mm512_store_si512(index + l * kCols + 64 * v, quads);
    }
  }
  auto* corrections = reinterpret_cast<uint32_t*>(panel + c.side.terms * c.term_bytes_b);
  SumDigits(c.side.column_digits, index, kVectors, padded / 4, corrections);
  for (int64_t i = 0; i < kCols; ++i) corrections[i] += SumOfConstants(c.side, k, padded);
  for (int t = 0; t < c.side.terms; ++t) {
    LookUp(c.side.column_terms + 256 * t, index, bytes, panel + t * c.term_bytes_b);
  }
}

/// kRows × (16·chunks) sums in registers.
template <int64_t chunks>
MULBERRY_VNNI void MultiplyChunks(const Context& c, const uint8_t* group, const QuadView& columns,
                                  const uint32_t* corrections, int32_t* sums, int64_t stride) {
  __m512i sum[kRows][chunks];
  for (int64_t r = 0; r < kRows; ++r) {
    for (int64_t v = 0; v < chunks; ++v) sum[r][v] = _mm512_setzero_si512();
  }
  for (int t = 0; t < c.side.terms; ++t) {
    const uint8_t* a = group + t * c.term_bytes_a;
    const uint8_t* b[chunks];
    for (int64_t v = 0; v < chunks; ++v) b[v] = columns.start[v] + t * columns.plane_bytes;
    for (int64_t s = 0; s < columns.steps; ++s) {
      const int64_t at = columns.offset[s];
      __m512i column[chunks];
      for (int64_t v = 0; v < chunks; ++v) column[v] = _mm512_loadu_si512(b[v] + at);
      for (int64_t r = 0; r < kRows; ++r) {
        int32_t quad;
        std::memcpy(&quad, a + 4 * r, 4);
        const __m512i row = _mm512_set1_epi32(quad);
        for (int64_t v = 0; v < chunks; ++v) {
          sum[r][v] = _mm512_dpbusd_epi32(sum[r][v], column[v], row);
        }
      }
      a += 4 * kRows;
    }
    if (const int shift = c.side.shifts[t]; shift > 0) {
      const __m128i by = _mm_cvtsi32_si128(shift);
      for (int64_t r = 0; r < kRows; ++r) {
        for (int64_t v = 0; v < chunks; ++v) sum[r][v] = _mm512_sll_epi32(sum[r][v], by);
      }
    }
  }
  const auto* of_rows = reinterpret_cast<const int32_t*>(group + c.side.terms * c.term_bytes_a);
  for (int64_t r = 0; r < kRows; ++r) {
    const __m512i row = _mm512_set1_epi32(of_rows[r]);
    for (int64_t v = 0; v < chunks; ++v) {
      const __m512i both = _mm512_add_epi32(row, _mm512_loadu_si512(corrections + 16 * v));
      int32_t* to = sums + r * stride + 16 * v;
      _mm512_storeu_si512(
          to, _mm512_add_epi32(_mm512_add_epi32(sum[r][v], both), _mm512_loadu_si512(to)));
    }
  }
}

void MultiplyView(const void* context, const uint8_t* group, const QuadView& columns,
                  const uint32_t* corrections, int32_t* sums, int64_t stride) {
  const auto& c = *static_cast<const Context*>(context);
  if (columns.chunks == 3) return MultiplyChunks<3>(c, group, columns, corrections, sums, stride);
  if (columns.chunks == 2) return MultiplyChunks<2>(c, group, columns, corrections, sums, stride);
  return MultiplyChunks<1>(c, group, columns, corrections, sums, stride);
}

/// A packed panel's columns.
void Multiply(const void* context, const uint8_t* group, const uint8_t* panel, int64_t cols,
              int64_t k, int32_t* sums, int64_t stride) {
  static constexpr auto kOffsets = [] {
    std::array<int32_t, kPackedSteps / 4> offsets{};
    for (size_t s = 0; s < offsets.size(); ++s) offsets[s] = static_cast<int32_t>(s * 4 * kCols);
    return offsets;
  }();
  const auto& c = *static_cast<const Context*>(context);
  const QuadView view{{panel, panel + 64, panel + 128},
                      CeilDiv(cols, 16),
                      kOffsets.data(),
                      CeilDiv(k, kStep) * kStep / 4,
                      c.term_bytes_b};
  const auto* corrections =
      reinterpret_cast<const uint32_t*>(panel + c.side.terms * c.term_bytes_b);
  MultiplyView(context, group, view, corrections, sums, stride);
}

void Narrow(const void* context, const float* in, int64_t n, uint8_t* out) {
  const auto& c = *static_cast<const Context*>(context);
  const __m512i mask = _mm512_set1_epi32((1 << c.bits.columns) - 1);
  for (int64_t i = 0; i < n; i += 16) {
    const auto lanes = static_cast<__mmask16>((1u << std::min<int64_t>(n - i, 16)) - 1);
    const __m512i element = _mm512_cvttps_epi32(_mm512_maskz_loadu_ps(lanes, in + i));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i),
                     _mm512_cvtepi32_epi8(_mm512_and_si512(element, mask)));
  }
}

/// The planes: the terms, then the digits of the columns' function.
void InterleaveQuads(const void* context, const uint8_t* const (&steps)[4], int64_t n,
                     int64_t plane_bytes, uint8_t* out) {
  const auto& c = *static_cast<const Context*>(context);
  const auto load = [&](int64_t j, int64_t i) HWY_ATTR {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(steps[j] + i));
  };
  // The encodings lie where the last plane will be: it is looked up in place.
  const int planes = c.side.terms + c.side.column_digits.count;
  uint8_t* index = out + (planes - 1) * plane_bytes;
  for (int64_t i = 0; i < n; i += 16) {
    const __m128i a = load(0, i), b = load(1, i), d = load(2, i), e = load(3, i);
    const __m128i low_ab = _mm_unpacklo_epi8(a, b), high_ab = _mm_unpackhi_epi8(a, b);
    const __m128i low_de = _mm_unpacklo_epi8(d, e), high_de = _mm_unpackhi_epi8(d, e);
    auto* to = reinterpret_cast<__m128i*>(index + 4 * i);
    _mm_store_si128(to, _mm_unpacklo_epi16(low_ab, low_de));
    _mm_store_si128(to + 1, _mm_unpackhi_epi16(low_ab, low_de));
    _mm_store_si128(to + 2, _mm_unpacklo_epi16(high_ab, high_de));
    _mm_store_si128(to + 3, _mm_unpackhi_epi16(high_ab, high_de));
  }
  for (int t = 0; t < planes; ++t) {
    const uint8_t* table = t < c.side.terms
                               ? c.side.column_terms + 256 * t
                               : c.side.column_digits.tables + 256 * (t - c.side.terms);
    LookUp(table, index, 4 * n, out + t * plane_bytes);
  }
}

MULBERRY_VNNI void Correct(const void* context, const QuadView& columns, int64_t k,
                           uint32_t* corrections) {
  const auto& side = static_cast<const Context*>(context)->side;
  // The rows are packed to a multiple of kStep steps: their function of the encoding 0 was summed
  // that many times too often.
  const int64_t steps = 4 * columns.steps, packed = CeilDiv(steps, kStep) * kStep;
  uint32_t zero = 0;
  for (int d = side.row_digits.count - 1; d >= 0; --d) {
    zero = zero << 8 | side.row_digits.tables[256 * d];
  }
  const uint32_t constant =
      SumOfConstants(side, k, steps) - static_cast<uint32_t>(packed - steps) * zero;
  const __m512i ones = _mm512_set1_epi8(1);
  for (int64_t v = 0; v < columns.chunks; ++v) {
    __m512i sum = _mm512_setzero_si512();
    for (int d = side.column_digits.count - 1; d >= 0; --d) {
      const uint8_t* digits = columns.start[v] + (side.terms + d) * columns.plane_bytes;
      sum = _mm512_slli_epi32(sum, 8);
      for (int64_t s = 0; s < columns.steps; ++s) {
        sum = _mm512_dpbusd_epi32(sum, _mm512_loadu_si512(digits + columns.offset[s]), ones);
      }
    }
    _mm512_storeu_si512(corrections + 16 * v,
                        _mm512_add_epi32(sum, _mm512_set1_epi32(static_cast<int>(constant))));
  }
}

// ---- AMX: two tiles of rows by two of columns ----

constexpr int64_t kAmxRows = 2 * kTileRows, kAmxCols = 2 * kTileRows;
constexpr int64_t kAmxStep = 64;           ///< k is padded to a multiple.
constexpr int64_t kAmxPackedSteps = 2048;  ///< Steps of k times terms of a packed block.

/// [step of 64][tile][row][64 encodings].
void PackAmxRows(const void* context, const float* tile, int64_t stride, int64_t rows, int64_t k,
                 uint8_t* group) {
  const auto& c = *static_cast<const Context*>(context);
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
  const auto& c = *static_cast<const Context*>(context);
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
  const auto& c = *static_cast<const Context*>(context);
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

#else  // Products of pairs of 16-bit integers, which every instruction set has.

using DI = hn::ScalableTag<int32_t>;
using DW = hn::ScalableTag<int16_t>;
using VI = hn::Vec<DI>;

constexpr int64_t kRows = 4;
constexpr int64_t kVectors = 2;
constexpr int64_t kStep = 2;
using Element = int16_t;
#define MULBERRY_LOW_RANK_COLS (kVectors * static_cast<int64_t>(hn::Lanes(DI())))

/// The sum over all digits of a one-operand function at an encoding, modulo 2^32.
uint32_t Value(const LowRankMultiplier::Digits& digits, uint32_t at) {
  uint32_t value = 0;
  for (int d = digits.count - 1; d >= 0; --d) value = value << 8 | digits.tables[256 * d + at];
  return value;
}

void PackRows(const void* context, const float* tile, int64_t stride, int64_t rows, int64_t k,
              uint8_t* group) {
  const auto& c = *static_cast<const Context*>(context);
  const int64_t padded = CeilDiv(k, kStep) * kStep;
  uint32_t corrections[kRows] = {};
  for (int64_t r = 0; r < kRows; ++r) {
    for (int64_t l = 0; l < padded; ++l) {
      const uint32_t at = r < rows && l < k ? Encoding(tile[r * stride + l], c.bits.rows) : 0;
      corrections[r] += Value(c.side.row_digits, at);
      for (int t = 0; t < c.side.terms; ++t) {
        auto* term = reinterpret_cast<int16_t*>(group + t * c.term_bytes_a);
        term[(l / 2 * kRows + r) * 2 + l % 2] = static_cast<int8_t>(c.side.row_terms[256 * t + at]);
      }
    }
  }
  std::memcpy(group + c.side.terms * c.term_bytes_a, corrections, sizeof(corrections));
}

void PackColumns(const void* context, const float* tile, int64_t cols, int64_t k, uint8_t* panel) {
  const auto& c = *static_cast<const Context*>(context);
  const int64_t kCols = MULBERRY_LOW_RANK_COLS;
  const int64_t padded = CeilDiv(k, kStep) * kStep;
  auto* corrections = reinterpret_cast<uint32_t*>(panel + c.side.terms * c.term_bytes_b);
  std::fill_n(corrections, kCols, SumOfConstants(c.side, k, padded));
  for (int64_t l = 0; l < padded; ++l) {
    for (int64_t j = 0; j < cols; ++j) {
      const uint32_t at = l < k ? Encoding(tile[l * kCols + j], c.bits.columns) : 0;
      if (c.side.column_digits.count > 0) corrections[j] += Value(c.side.column_digits, at);
      for (int t = 0; t < c.side.terms; ++t) {
        auto* term = reinterpret_cast<int16_t*>(panel + t * c.term_bytes_b);
        term[(l / 2 * kCols + j) * 2 + l % 2] = c.side.column_terms[256 * t + at];
      }
    }
  }
}

/// A vector of sums. The instruction may keep the two products of a pair apart.
struct PairSums {
  VI joined, apart;

  // Written out, since an implicit constructor would not be compiled for this instruction set.
  HWY_INLINE PairSums() : joined(hn::Zero(DI())), apart(hn::Zero(DI())) {}

#if HWY_TARGET == HWY_SCALAR  // Its vectors hold no pair.
  HWY_INLINE void Add(const int16_t* columns, int32_t row) {
    int16_t rows[2];
    std::memcpy(rows, &row, sizeof(rows));
    joined = hn::Add(joined, hn::Set(DI(), columns[0] * rows[0] + columns[1] * rows[1]));
  }
  HWY_INLINE VI Sum() const {
    return joined;
  }
#else
  HWY_INLINE void Add(const int16_t* columns, int32_t row) {
    const DW dw;
    joined = hn::ReorderWidenMulAccumulate(DI(), hn::LoadU(dw, columns),
                                           hn::BitCast(dw, hn::Set(DI(), row)), joined, apart);
  }
  HWY_INLINE VI Sum() const {
    return hn::RearrangeToOddPlusEven(joined, apart);
  }
#endif
};

void Multiply(const void* context, const uint8_t* group, const uint8_t* panel, int64_t, int64_t k,
              int32_t* sums, int64_t stride) {
  const auto& c = *static_cast<const Context*>(context);
  const DI di;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(di)), steps = CeilDiv(k, kStep);
  VI sum[kRows][kVectors];
  for (int64_t r = 0; r < kRows; ++r) {
    for (int64_t v = 0; v < kVectors; ++v) sum[r][v] = hn::Zero(di);
  }
  for (int t = 0; t < c.side.terms; ++t) {
    const auto* a = reinterpret_cast<const int32_t*>(group + t * c.term_bytes_a);
    const auto* b = reinterpret_cast<const int16_t*>(panel + t * c.term_bytes_b);
    PairSums of_term[kRows][kVectors];
    for (int64_t s = 0; s < steps; ++s) {
      for (int64_t r = 0; r < kRows; ++r) {
        for (int64_t v = 0; v < kVectors; ++v) of_term[r][v].Add(b + 2 * v * lanes, a[r]);
      }
      a += kRows;
      b += 2 * kVectors * lanes;
    }
    for (int64_t r = 0; r < kRows; ++r) {
      for (int64_t v = 0; v < kVectors; ++v) {
        sum[r][v] = hn::Add(sum[r][v], of_term[r][v].Sum());
        for (int shift = c.side.shifts[t]; shift > 0; --shift) {
          sum[r][v] = hn::Add(sum[r][v], sum[r][v]);
        }
      }
    }
  }
  const auto* of_rows = reinterpret_cast<const int32_t*>(group + c.side.terms * c.term_bytes_a);
  const auto* of_columns = reinterpret_cast<const int32_t*>(panel + c.side.terms * c.term_bytes_b);
  for (int64_t r = 0; r < kRows; ++r) {
    for (int64_t v = 0; v < kVectors; ++v) {
      const auto both = hn::Add(hn::Set(di, of_rows[r]), hn::LoadU(di, of_columns + v * lanes));
      int32_t* to = sums + r * stride + v * lanes;
      hn::StoreU(hn::Add(hn::Add(sum[r][v], both), hn::LoadU(di, to)), di, to);
    }
  }
}

#endif

/// What differs between the ways of multiplying: the tile, the steps that k is padded to, those of
/// a packed block times terms, bytes of an element, and the functions.
struct Way {
  int64_t rows, cols, step, packed_steps, element_bytes;
  decltype(IntegerKernel::pack_rows) pack_rows;
  decltype(IntegerKernel::pack_columns) pack_columns;
  decltype(IntegerKernel::multiply) multiply;
};

Way PlainWay() {
#if HWY_TARGET <= HWY_AVX3_DL
  constexpr int64_t cols = kCols;
#else
  const int64_t cols = MULBERRY_LOW_RANK_COLS;
#endif
  return {kRows, cols, kStep, kPackedSteps, sizeof(Element), &PackRows, &PackColumns, &Multiply};
}

int64_t BlockOf(const Way& way, const LowRankMultiplier::Side& side) {
  const int64_t least = RoundUp(kMinBlockK, way.step);
  return std::max(least, way.packed_steps / side.terms / way.step * way.step);
}

const LowRankMultiplier::Side& SideOf(const LowRankMultiplier& multiplier,
                                      const GemmProblem& problem) {
  return problem.b_first ? multiplier.second_in_rows : multiplier.first_in_rows;
}

/// Takes the problem as it stands.
void RunWay(const Way& way, const GemmProblem& problem, const LowRankMultiplier& multiplier,
            TileProduct tile_product, const IntegerImageKernel* images) {
  const LowRankMultiplier::Side& side = SideOf(multiplier, problem);
  const int64_t block_k = BlockOf(way, side);
  const auto term_bytes = [&](int64_t size) {
    return RoundUp(block_k * size * way.element_bytes, 64);
  };
  const Context context{side, ElementBitsOf(problem, multiplier), term_bytes(way.rows),
                        term_bytes(way.cols), tile_product};
  const auto with_corrections = [&](int64_t bytes, int64_t size) {
    return RoundUp(side.terms * bytes + 4 * size, 64);
  };
  RunIntegerTiles(problem,
                  {way.rows, way.cols, block_k, with_corrections(context.term_bytes_a, way.rows),
                   with_corrections(context.term_bytes_b, way.cols), multiplier.max_product,
                   way.pack_rows, way.pack_columns, way.multiply, &context, images});
}

}  // namespace

void RunLowRank(const GemmProblem& problem, const LowRankMultiplier& multiplier) {
  const Way plain = PlainWay();
#if HWY_TARGET <= HWY_AVX3_DL
  const LowRankMultiplier::Side& side = SideOf(multiplier, problem);
  if (TakesIntegerImages(problem, multiplier.max_product, BlockOf(plain, side),
                         multiplier.keeps_zero)) {
    const IntegerImageKernel images{side.terms + side.column_digits.count, &Narrow,
                                    &InterleaveQuads, &Correct, &MultiplyView};
    return RunWay(plain, problem, multiplier, nullptr, &images);
  }
  if (const TileProduct tile_product = BestTileProduct()) {
    const Way amx{kAmxRows, kAmxCols,     kAmxStep,        kAmxPackedSteps,
                  1,        &PackAmxRows, &PackAmxColumns, &MultiplyAmx};
    return RunWay(amx, ChooseOrientation(problem, kAmxRows, kAmxCols), multiplier, tile_product,
                  nullptr);
  }
#endif
  RunWay(plain, ChooseOrientation(problem, plain.rows, plain.cols), multiplier, nullptr, nullptr);
}

}  // namespace HWY_NAMESPACE
}  // namespace mulberry
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mulberry {

HWY_EXPORT(RunLowRank);

void LowRankGemm(const GemmProblem& problem, const LowRankMultiplier& multiplier) {
  HWY_DYNAMIC_DISPATCH(RunLowRank)(problem, multiplier);
}

}  // namespace mulberry
#endif
