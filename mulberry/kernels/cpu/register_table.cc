// Register table: the row of the table for one mantissa of A sits in two vector registers (four for
// 8 bits), and one byte permute looks up the products with 64 mantissas of B at once. The looked-up
// byte is moved into the float's mantissa and carry position, where an integer addition joins it
// with the exponent and sign of B's element; a fused multiply-add by A's ±2^exponent does the rest.
// Without byte permutes the row is one of words in four registers (eight); on AVX2 it is one of
// bytes that are looked up sixteen at a time.
//
// Cost of 64 products with one byte plane: 1 permute, 4 shuffles, 4 integer additions, 4 fused
// multiply-adds; with words: 4 permutes, 2 blends, 8 shifts and masks, and the same additions; on
// AVX2, for 32: 8 shuffles and 8 ors, 4 conversions, shifts, additions and fused multiply-adds
// each, and 4 to prepare the shuffles. Raw intrinsics, since Highway 1.0 has no permutes over two
// registers.
#include <algorithm>

#include "mulberry/kernels/cpu/driver.h"
#include "mulberry/kernels/cpu/gemm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mulberry/kernels/cpu/register_table.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include "mulberry/kernels/cpu/pack-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mulberry {
namespace HWY_NAMESPACE {

#if HWY_TARGET <= HWY_AVX2
namespace {

/// What the packing and the tiles need: planes with rows for A's mantissas.
struct RegisterContext {
  int mantissa_bits;
  RegisterTableMultiplier::Planes planes;
};

/// log2 of a row's bytes.
constexpr int RowShift(int mantissa_bits) {
  return mantissa_bits == 8 ? 8 : 7;
}

/// Words tell zeros by their values, bytes by bit 7 of the index.
struct Elements {
  static HWY_INLINE void Encode(const void* context, const float* in, int64_t n, float* value,
                                uint8_t* index, RangeCollector& collector) {
    constexpr bool kWords = HWY_TARGET == HWY_AVX3;
    const int bits = static_cast<const RegisterContext*>(context)->mantissa_bits;
    EncodeMantissas<!kWords>(23 - bits, in, n, value, index, collector);
  }
};

#if HWY_TARGET <= HWY_AVX3

/// The sum with the product whose code is in `mantissa`, moved to its place in a float.
template <TileMode kMode>
HWY_INLINE __m512 AddProduct(__m512i mantissa, __m512i b_bits, __m512 a_scale, __m512 sum) {
  if constexpr (kMode == TileMode::kFast) {
    const __m512 partial = _mm512_castsi512_ps(_mm512_add_epi32(mantissa, b_bits));
    return _mm512_fmadd_ps(partial, a_scale, sum);
  } else {
    const __m512 significand =
        _mm512_castsi512_ps(_mm512_add_epi32(mantissa, _mm512_set1_epi32(0x3f800000)));
    const __m512 both = _mm512_mul_ps(a_scale, _mm512_castsi512_ps(b_bits));
    const __m512 product = _mm512_mul_ps(significand, both);
    const __mmask16 normal =
        _mm512_cmp_ps_mask(_mm512_abs_ps(product), _mm512_set1_ps(0x1p-126f), _CMP_GE_OQ);
    return _mm512_mask_add_ps(sum, normal, sum, product);
  }
}

#endif

#if HWY_TARGET <= HWY_AVX3_DL

/// The bytes row[index] for 64 indices; zero where `nonzero` has no bit.
template <bool kWide>
HWY_INLINE __m512i LookUp(const uint8_t* row, __m512i index, __mmask64 nonzero) {
  const __m512i low = _mm512_maskz_permutex2var_epi8(nonzero, _mm512_loadu_si512(row), index,
                                                     _mm512_loadu_si512(row + 64));
  if constexpr (!kWide) return low;
  const __m512i high =
      _mm512_permutex2var_epi8(_mm512_loadu_si512(row + 128), index, _mm512_loadu_si512(row + 192));
  return _mm512_mask_mov_epi8(low, _mm512_movepi8_mask(index) & nonzero, high);
}

/// Shuffle patterns: byte v of each 32-bit element to byte `position`, the others zero.
HWY_INLINE __m512i MoveByte(int v, int position) {
  const uint32_t from = 0x0c080400u + static_cast<uint32_t>(v) * 0x01010101u;
  // Element e of a 128-bit lane reads byte 4e + v and has 0x80 (zero) elsewhere.
  alignas(16) uint32_t lane[4];
  for (int e = 0; e < 4; ++e) {
    const uint32_t source = from >> (8 * e) & 0xff;
    lane[e] = (0x80808080u & ~(0xffu << (8 * position))) | source << (8 * position);
  }
  return _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(lane)));
}

/// The indices of a step's 64 columns, interleaved (PackRegisterColumns), and which are not zero.
struct Indices {
  __m512i index;
  __mmask64 nonzero;
};

/// Of a packed panel, or of an image's elements, whose bit 7 tells the nonzero.
template <bool kPacked>
HWY_INLINE Indices IndicesOf(const ColumnView& columns, int64_t l) {
  const int64_t at = columns.offset[l];
  if constexpr (kPacked) {
    return {_mm512_load_si512(columns.index[0] + at), columns.nonzero[l]};
  } else {
    const auto spread = [&](int v) HWY_ATTR {
      const auto* chunk = reinterpret_cast<const __m128i*>(columns.index[v] + at);
      return _mm512_slli_epi32(_mm512_cvtepu8_epi32(_mm_loadu_si128(chunk)), 8 * v);
    };
    const __m512i index = _mm512_or_si512(_mm512_or_si512(spread(0), spread(1)),
                                          _mm512_or_si512(spread(2), spread(3)));
    return {index, _mm512_movepi8_mask(index)};
  }
}

template <TileMode kMode, bool kWide, bool kHasLow, bool kPacked>
void MultiplyTile(const RegisterContext& table, const RowGroup& rows, const ColumnView& columns,
                  int64_t k, float* sums, int64_t stride) {
  const __m512i move_high[4] = {MoveByte(0, 2), MoveByte(1, 2), MoveByte(2, 2), MoveByte(3, 2)};
  const __m512i move_low[4] = {MoveByte(0, 1), MoveByte(1, 1), MoveByte(2, 1), MoveByte(3, 1)};
  // Two rows at a time: 8 sums, 4 vectors of B, 4 or 8 patterns and the table rows fit 32
  // registers.
  constexpr int kRows = kHasLow ? 2 : 4;
  for (int r0 = 0; r0 < kGroupRows; r0 += kRows) {
    __m512 sum[kRows][4];
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < 4; ++v) sum[r][v] = _mm512_loadu_ps(sums + (r0 + r) * stride + 16 * v);
    }
    for (int64_t l = 0; l < k; ++l) {
      const auto [index, nonzero] = IndicesOf<kPacked>(columns, l);
      __m512i b_bits[4];
      for (int v = 0; v < 4; ++v) {
        b_bits[v] = _mm512_loadu_si512(columns.value[v] + columns.offset[l]);
      }
      for (int r = 0; r < kRows; ++r) {
        const uint32_t row = rows.low[l][r0 + r];
        const __m512i high = LookUp<kWide>(table.planes.high + row, index, nonzero);
        const __m512i low = kHasLow ? LookUp<kWide>(table.planes.low + row, index, nonzero) : high;
        const __m512 a_scale = _mm512_set1_ps(rows.scale[l][r0 + r]);
        for (int v = 0; v < 4; ++v) {
          __m512i mantissa = _mm512_shuffle_epi8(high, move_high[v]);
          if (kHasLow) mantissa = _mm512_or_si512(mantissa, _mm512_shuffle_epi8(low, move_low[v]));
          sum[r][v] = AddProduct<kMode>(mantissa, b_bits[v], a_scale, sum[r][v]);
        }
      }
    }
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < 4; ++v) _mm512_storeu_ps(sums + (r0 + r) * stride + 16 * v, sum[r][v]);
    }
  }
}

template <bool kWide, bool kHasLow, bool kPacked>
void MultiplyIn(TileMode mode, const RegisterContext& table, const RowGroup& rows,
                const ColumnView& columns, int64_t k, float* sums, int64_t stride) {
  if (mode != TileMode::kCareful) {
    MultiplyTile<TileMode::kFast, kWide, kHasLow, kPacked>(table, rows, columns, k, sums, stride);
  } else {
    MultiplyTile<TileMode::kCareful, kWide, kHasLow, kPacked>(table, rows, columns, k, sums,
                                                              stride);
  }
}

template <bool kWide, bool kHasLow>
void MultiplyPlanes(const void* context, const RowGroup& rows, const ColumnView& columns, int64_t k,
                    TileMode mode, float* sums, int64_t stride) {
  const auto& table = *static_cast<const RegisterContext*>(context);
  if constexpr (!kWide) {
    if (!columns.nonzero) {
      return MultiplyIn<kWide, kHasLow, false>(mode, table, rows, columns, k, sums, stride);
    }
  }
  MultiplyIn<kWide, kHasLow, true>(mode, table, rows, columns, k, sums, stride);
}

/// Indices are interleaved so that a 32-bit element of the looked-up bytes holds one column of each
/// of the four vectors: byte 4e + v is column 16v + e.
void PackRegisterColumns(const void* context, const float* tile, int64_t stride, int64_t k,
                         ColumnPanel* panel) {
  const hn::CappedTag<int32_t, kChunkCols> di;
  const int shift = 23 - static_cast<const RegisterContext*>(context)->mantissa_bits;
  const __m512i mantissa_mask = _mm512_set1_epi32(0x007fffff);
  RangeCollector collector;
  for (int64_t l = 0; l < k; ++l) {
    __m512i index = _mm512_setzero_si512();
    __m512i nonzero = _mm512_setzero_si512();
    for (int v = 0; v < 4; ++v) {
      const __m512i bits = FlushedElements(di, tile + l * stride + 16 * v, 16, collector).raw;
      _mm512_store_si512(&panel->value[l][16 * v], _mm512_andnot_si512(mantissa_mask, bits));
      const __m512i mantissa =
          _mm512_srl_epi32(_mm512_and_si512(bits, mantissa_mask), _mm_cvtsi32_si128(shift));
      const __m512i byte = _mm512_set1_epi32(0xff << 8 * v);
      const __mmask16 set = _mm512_test_epi32_mask(bits, _mm512_set1_epi32(0x7f800000));
      index = _mm512_or_si512(index, _mm512_sll_epi32(mantissa, _mm_cvtsi32_si128(8 * v)));
      nonzero = _mm512_mask_or_epi32(nonzero, set, nonzero, byte);
    }
    _mm512_store_si512(panel->index[l], index);
    panel->nonzero[l] = _mm512_movepi8_mask(nonzero);
  }
  panel->range = collector.Range();
}

void ChooseMultiply(bool wide, bool has_low, TileKernel& kernel) {
  if (wide) {
    kernel.encode = nullptr;  // All eight bits of an index are taken.
    kernel.multiply = has_low ? &MultiplyPlanes<true, true> : &MultiplyPlanes<true, false>;
  } else {
    kernel.multiply = has_low ? &MultiplyPlanes<false, true> : &MultiplyPlanes<false, false>;
  }
}

#elif HWY_TARGET <= HWY_AVX3  // Words.

/// The codes row[index] for 32 indices.
template <bool kWide>
HWY_INLINE __m512i LookUp(const uint16_t* row, __m512i index) {
  const auto pair = [&](int64_t from) HWY_ATTR {
    return _mm512_permutex2var_epi16(_mm512_loadu_si512(row + from), index,
                                     _mm512_loadu_si512(row + from + 32));
  };
  const auto half = [&](int64_t from) HWY_ATTR {
    const __mmask32 upper = _mm512_test_epi16_mask(index, _mm512_set1_epi16(64));
    return _mm512_mask_mov_epi16(pair(from), upper, pair(from + 64));
  };
  if constexpr (!kWide) return half(0);
  return _mm512_mask_mov_epi16(half(0), _mm512_test_epi16_mask(index, _mm512_set1_epi16(128)),
                               half(128));
}

template <TileMode kMode, bool kWide>
void MultiplyTile(const RegisterContext& table, const RowGroup& rows, const ColumnView& columns,
                  int64_t k, float* sums, int64_t stride) {
  __m512 sum[kGroupRows][4];
  for (int r = 0; r < kGroupRows; ++r) {
    for (int v = 0; v < 4; ++v) sum[r][v] = _mm512_loadu_ps(sums + r * stride + 16 * v);
  }
  const __m512i upper_code = _mm512_set1_epi32(0x00ffff00);
  for (int64_t l = 0; l < k; ++l) {
    const int64_t at = columns.offset[l];
    const auto indices = [&](int v) HWY_ATTR {
      return _mm512_cvtepu8_epi32(
          _mm_loadu_si128(reinterpret_cast<const __m128i*>(columns.index[v] + at)));
    };
    // Words 2e and 2e + 1 are column e of two chunks.
    __m512i index[2], b_bits[4];
    for (int h = 0; h < 2; ++h) {
      index[h] = _mm512_or_si512(indices(2 * h), _mm512_slli_epi32(indices(2 * h + 1), 16));
    }
    __mmask16 nonzero[4];
    for (int v = 0; v < 4; ++v) {
      b_bits[v] = _mm512_loadu_si512(columns.value[v] + at);
      nonzero[v] = _mm512_test_epi32_mask(b_bits[v], _mm512_set1_epi32(0x7f800000));
    }
    for (int r = 0; r < kGroupRows; ++r) {
      const uint16_t* row = table.planes.words + rows.low[l][r];
      const __m512 a_scale = _mm512_set1_ps(rows.scale[l][r]);
      for (int h = 0; h < 2; ++h) {
        const __m512i code = LookUp<kWide>(row, index[h]);
        const __m512i low = _mm512_maskz_srli_epi32(nonzero[2 * h], _mm512_slli_epi32(code, 16), 8);
        const __m512i high =
            _mm512_maskz_and_epi32(nonzero[2 * h + 1], _mm512_srli_epi32(code, 8), upper_code);
        sum[r][2 * h] = AddProduct<kMode>(low, b_bits[2 * h], a_scale, sum[r][2 * h]);
        sum[r][2 * h + 1] = AddProduct<kMode>(high, b_bits[2 * h + 1], a_scale, sum[r][2 * h + 1]);
      }
    }
  }
  for (int r = 0; r < kGroupRows; ++r) {
    for (int v = 0; v < 4; ++v) _mm512_storeu_ps(sums + r * stride + 16 * v, sum[r][v]);
  }
}

template <bool kWide>
void MultiplyWords(const void* context, const RowGroup& rows, const ColumnView& columns, int64_t k,
                   TileMode mode, float* sums, int64_t stride) {
  const auto& table = *static_cast<const RegisterContext*>(context);
  if (mode != TileMode::kCareful) {
    MultiplyTile<TileMode::kFast, kWide>(table, rows, columns, k, sums, stride);
  } else {
    MultiplyTile<TileMode::kCareful, kWide>(table, rows, columns, k, sums, stride);
  }
}

constexpr auto PackRegisterColumns = &PackColumnElements<Elements>;

void ChooseMultiply(bool wide, bool, TileKernel& kernel) {
  kernel.multiply = wide ? &MultiplyWords<true> : &MultiplyWords<false>;
}

#else  // AVX2: bytes, sixteen of a row at a time.

constexpr int64_t kParts = 8;   ///< Of a row of 128 bytes.
constexpr int64_t kHalf = 32;   ///< Columns at a time.
constexpr int64_t kSteps = 64;  ///< Of k, whose bytes are looked up before any is added.

/// The sum with the product whose code is in `mantissa`, moved to its place in a float.
template <TileMode kMode>
HWY_INLINE __m256 AddProduct(__m256i mantissa, __m256i b_bits, __m256 a_scale, __m256 sum) {
  if constexpr (kMode == TileMode::kFast) {
    return _mm256_fmadd_ps(_mm256_castsi256_ps(_mm256_add_epi32(mantissa, b_bits)), a_scale, sum);
  } else {
    const __m256 significand =
        _mm256_castsi256_ps(_mm256_add_epi32(mantissa, _mm256_set1_epi32(0x3f800000)));
    const __m256 both = _mm256_mul_ps(a_scale, _mm256_castsi256_ps(b_bits));
    const __m256 product = _mm256_mul_ps(significand, both);
    const __m256 magnitude =
        _mm256_and_ps(product, _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff)));
    const __m256 normal = _mm256_cmp_ps(magnitude, _mm256_set1_ps(0x1p-126f), _CMP_GE_OQ);
    return _mm256_add_ps(sum, _mm256_and_ps(product, normal));
  }
}

/// Shuffles for the parts of a row: the low four bits of an index where its part is meant and it is
/// flagged as not zero, else a byte with bit 7, which gives zero.
HWY_INLINE void PrepareShuffles(__m256i index, __m256i (&shuffle)[kParts]) {
  for (int part = 0; part < kParts; ++part) {
    const __m256i other =
        _mm256_xor_si256(index, _mm256_set1_epi8(static_cast<char>(0x80 | part << 4)));
    shuffle[part] = _mm256_adds_epu8(other, _mm256_set1_epi8(0x70));
  }
}

HWY_INLINE void LookUp(const uint8_t* row, const __m256i (&shuffle)[kParts], uint8_t* out) {
  __m256i bytes = _mm256_setzero_si256();
  for (int part = 0; part < kParts; ++part) {
    const __m256i sixteen = _mm256_broadcastsi128_si256(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + 16 * part)));
    bytes = _mm256_or_si256(bytes, _mm256_shuffle_epi8(sixteen, shuffle[part]));
  }
  _mm256_store_si256(reinterpret_cast<__m256i*>(out), bytes);
}

/// Eight bytes as 32-bit integers, shifted left.
template <int kShift>
HWY_INLINE __m256i Spread(const uint8_t* bytes) {
  return _mm256_slli_epi32(
      _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes))), kShift);
}

/// 32 columns, those of two chunks.
template <TileMode kMode, bool kHasLow>
void MultiplyHalf(const RegisterContext& table, const RowGroup& rows, const uint8_t* const* indices,
                  const float* const* values, const int32_t* offsets, int64_t k, float* sums,
                  int64_t stride) {
  alignas(32) uint8_t high[kSteps][kGroupRows][kHalf], low[kHasLow ? kSteps : 1][kGroupRows][kHalf];
  for (int64_t from = 0; from < k; from += kSteps) {
    const int64_t steps = std::min(kSteps, k - from);
    for (int64_t s = 0; s < steps; ++s) {
      const int64_t at = offsets[from + s];
      const auto load = [&](int chunk) HWY_ATTR {
        return _mm_loadu_si128(reinterpret_cast<const __m128i*>(indices[chunk] + at));
      };
      __m256i shuffle[kParts];
      PrepareShuffles(_mm256_set_m128i(load(1), load(0)), shuffle);
      for (int64_t r = 0; r < kGroupRows; ++r) {
        const uint32_t row = rows.low[from + s][r];
        LookUp(table.planes.high + row, shuffle, high[s][r]);
        if constexpr (kHasLow) LookUp(table.planes.low + row, shuffle, low[s][r]);
      }
    }
    for (int64_t r = 0; r < kGroupRows; ++r) {
      __m256 sum[4];
      for (int j = 0; j < 4; ++j) sum[j] = _mm256_loadu_ps(sums + r * stride + 8 * j);
      for (int64_t s = 0; s < steps; ++s) {
        const __m256 a_scale = _mm256_set1_ps(rows.scale[from + s][r]);
        for (int j = 0; j < 4; ++j) {
          const auto* b =
              reinterpret_cast<const __m256i*>(values[j / 2] + offsets[from + s] + 8 * (j % 2));
          __m256i mantissa = Spread<16>(high[s][r] + 8 * j);
          if constexpr (kHasLow) {
            mantissa = _mm256_or_si256(mantissa, Spread<8>(low[s][r] + 8 * j));
          }
          sum[j] = AddProduct<kMode>(mantissa, _mm256_loadu_si256(b), a_scale, sum[j]);
        }
      }
      for (int j = 0; j < 4; ++j) _mm256_storeu_ps(sums + r * stride + 8 * j, sum[j]);
    }
  }
}

template <bool kHasLow>
void MultiplyBytes(const void* context, const RowGroup& rows, const ColumnView& columns, int64_t k,
                   TileMode mode, float* sums, int64_t stride) {
  const auto& table = *static_cast<const RegisterContext*>(context);
  for (int64_t chunk = 0; chunk < columns.chunks; chunk += 2) {
    const auto multiply = mode != TileMode::kCareful ? &MultiplyHalf<TileMode::kFast, kHasLow>
                                                     : &MultiplyHalf<TileMode::kCareful, kHasLow>;
    multiply(table, rows, columns.index + chunk, columns.value + chunk, columns.offset, k,
             sums + chunk * kChunkCols, stride);
  }
}

constexpr auto PackRegisterColumns = &PackColumnElements<Elements>;

void ChooseMultiply(bool, bool has_low, TileKernel& kernel) {
  kernel.multiply = has_low ? &MultiplyBytes<true> : &MultiplyBytes<false>;
}

#endif

void PackRegisterRows(const void* context, const float* tile, int64_t stride, int64_t rows,
                      int64_t k, RowGroup* group) {
  const int bits = static_cast<const RegisterContext*>(context)->mantissa_bits;
  PackRowVectors({23 - bits, RowShift(bits), false}, tile, stride, rows, k, group);
}

}  // namespace

bool Supported(int mantissa_bits) {
  return mantissa_bits <= (HWY_TARGET == HWY_AVX2 ? 7 : 8);
}

void RunRegisterTable(const GemmProblem& problem, const RegisterTableMultiplier& multiplier) {
  const RegisterContext context{multiplier.mantissa_bits,
                                problem.b_first ? multiplier.planes_b_first : multiplier.planes};
  TileKernel kernel{
      &PackRegisterRows, PackRegisterColumns, &EncodeElements<Elements>, nullptr, &context, 0, 2,
      multiplier.product};
  ChooseMultiply(multiplier.mantissa_bits == 8, context.planes.low != nullptr, kernel);
  RunTiles(problem, kernel);
}

#else  // Nothing that looks up many bytes at once.
bool Supported(int) {
  return false;
}

void RunRegisterTable(const GemmProblem&, const RegisterTableMultiplier&) {
  HWY_ABORT("RegisterTableGemm needs AVX2: ask RegisterTableSupported() first");
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace mulberry
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mulberry {

HWY_EXPORT(Supported);
HWY_EXPORT(RunRegisterTable);

bool RegisterTableSupported(int mantissa_bits) {
  return HWY_DYNAMIC_DISPATCH(Supported)(mantissa_bits);
}

void RegisterTableGemm(const GemmProblem& problem, const RegisterTableMultiplier& multiplier) {
  HWY_DYNAMIC_DISPATCH(RunRegisterTable)(ChooseOrientation(problem), multiplier);
}

}  // namespace mulberry
#endif
