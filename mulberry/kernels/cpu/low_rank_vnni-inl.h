// Low rank on AVX-512 VNNI: four products of bytes an instruction and lane. Included once per
// instruction set (Highway's scheme, hence no include guard in the usual form).
#if defined(MULBERRY_KERNELS_CPU_LOW_RANK_VNNI_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MULBERRY_KERNELS_CPU_LOW_RANK_VNNI_INL_H_
#undef MULBERRY_KERNELS_CPU_LOW_RANK_VNNI_INL_H_
#else
#define MULBERRY_KERNELS_CPU_LOW_RANK_VNNI_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "mulberry/kernels/cpu/low_rank.h"

#if HWY_TARGET <= HWY_AVX3_DL
HWY_BEFORE_NAMESPACE();
namespace mulberry {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// Highway takes VNNI for granted on this target, but does not tell the compiler.
#define MULBERRY_VNNI __attribute__((target("avx512vnni")))

constexpr int64_t kVnniSteps = 768;  ///< Steps of k times terms of a packed block.
constexpr int64_t kRows = 8, kVectors = 3, kCols = 16 * kVectors;
constexpr int64_t kStep = 8;  ///< k is padded to a multiple: an even number of groups of four.

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
  const auto& c = *static_cast<const LowRankContext*>(context);
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
  const auto& c = *static_cast<const LowRankContext*>(context);
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
MULBERRY_VNNI void MultiplyChunks(const LowRankContext& c, const uint8_t* group,
                                  const QuadView& columns, const uint32_t* corrections,
                                  int32_t* sums, int64_t stride) {
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
  const auto& c = *static_cast<const LowRankContext*>(context);
  if (columns.chunks == 3) return MultiplyChunks<3>(c, group, columns, corrections, sums, stride);
  if (columns.chunks == 2) return MultiplyChunks<2>(c, group, columns, corrections, sums, stride);
  return MultiplyChunks<1>(c, group, columns, corrections, sums, stride);
}

/// A packed panel's columns.
void Multiply(const void* context, const uint8_t* group, const uint8_t* panel, int64_t cols,
              int64_t k, int32_t* sums, int64_t stride) {
  static constexpr auto kOffsets = [] {
    std::array<int32_t, kVnniSteps / 4> offsets{};
    for (size_t s = 0; s < offsets.size(); ++s) offsets[s] = static_cast<int32_t>(s * 4 * kCols);
    return offsets;
  }();
  const auto& c = *static_cast<const LowRankContext*>(context);
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
  const auto& c = *static_cast<const LowRankContext*>(context);
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
  const auto& c = *static_cast<const LowRankContext*>(context);
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
  const auto& side = static_cast<const LowRankContext*>(context)->side;
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

LowRankWay PlainWay() {
  return {kRows, kCols, kStep, kVnniSteps, 1, &PackRows, &PackColumns, &Multiply};
}

IntegerImageKernel ImagesOf(const LowRankMultiplier::Side& side) {
  return {side.terms + side.column_digits.count, &Narrow, &InterleaveQuads, &Correct,
          &MultiplyView};
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mulberry
HWY_AFTER_NAMESPACE();
#endif

#endif
