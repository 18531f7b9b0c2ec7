// Integer register table: the row of the table for one integer of A, 256 products as planes of
// their low and high bytes, sits in eight vector registers; byte permutes look up the products with
// 64 integers of B at once, each as two bytes, and the bytes are summed in 16-bit lanes, which 256
// steps of k cannot overflow. Without byte permutes the row is one of words, which are summed in
// 32-bit lanes.
//
// Cost of 64 products by bytes: 4 permutes, 2 blends, 2 shifts and 4 additions; by words: 8
// permutes, 6 blends, 4 shifts and masks and 4 additions. Raw intrinsics, since Highway 1.0 has no
// permutes over two registers.
#include <cstring>

#include "mulberry/kernels/cpu/blocking.h"
#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/kernels/cpu/integer_driver.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mulberry/kernels/cpu/integer_register_table.cc"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mulberry {
namespace HWY_NAMESPACE {
namespace {

#if HWY_TARGET <= HWY_AVX3

constexpr int64_t kRows = 8;
constexpr int64_t kVectors = 4;  // Of 64 columns: the loads of a row of the table serve them all.
constexpr int64_t kCols = 64 * kVectors;
constexpr int64_t kBlockK = 256;
constexpr int64_t kRowBytes = 512;  ///< Of the table: 256 words, or their low bytes, then the high.
static_assert(kBlockK * 255 < 1 << 16, "sums of bytes fit 16 bits");

/// The problem's side of the multiplier.
struct Context {
  ElementBits bits;
  IntegerRegisterTableMultiplier::Tables tables;
  int32_t offset;
};

/// Row r's place in the table at step l: places[l * kRows + r].
void PackRows(const void* context, const float* tile, int64_t stride, int64_t rows, int64_t k,
              uint8_t* group) {
  const uint32_t mask = (1u << static_cast<const Context*>(context)->bits.rows) - 1;
  auto* places = reinterpret_cast<uint32_t*>(group);
  for (int64_t r = 0; r < kRows; ++r) {
    for (int64_t l = 0; l < k; ++l) {
      const int32_t element = r < rows ? static_cast<int32_t>(tile[r * stride + l]) : 0;
      places[l * kRows + r] = (static_cast<uint32_t>(element) & mask) * kRowBytes;
    }
  }
}

#if HWY_TARGET <= HWY_AVX3_DL

/// 32 encodings as 16-bit integers.
HWY_INLINE __m512i Encodings(const float* from, __m512i mask) {
  const __m512i low = _mm512_and_si512(_mm512_cvttps_epi32(_mm512_loadu_ps(from)), mask);
  const __m512i high = _mm512_and_si512(_mm512_cvttps_epi32(_mm512_loadu_ps(from + 16)), mask);
  return _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi32_epi16(low)),
                            _mm512_cvtepi32_epi16(high), 1);
}

/// Of 64 columns, byte 2i is column i and byte 2i + 1 column 32 + i, so that the 16-bit lanes'
/// halves are columns in order.
void PackColumns(const void* context, const float* tile, int64_t, int64_t k, uint8_t* panel) {
  const __m512i mask =
      _mm512_set1_epi32((1 << static_cast<const Context*>(context)->bits.columns) - 1);
  for (int64_t i = 0; i < k * kCols; i += 64) {
    const __m512i even = Encodings(tile + i, mask), odd = Encodings(tile + i + 32, mask);
    _mm512_store_si512(panel + i, _mm512_or_si512(even, _mm512_slli_epi16(odd, 8)));
  }
}

/// The sums of the even bytes modulo 2^16 (with 256 times those of the odd ones), and of the odd.
struct ByteSums {
  __m512i all, odd;

  // Written out, since an implicit constructor would not be compiled for this instruction set.
  HWY_INLINE ByteSums() : all(_mm512_setzero_si512()), odd(_mm512_setzero_si512()) {}
  HWY_INLINE void Add(__m512i bytes) {
    all = _mm512_add_epi16(all, bytes);
    odd = _mm512_add_epi16(odd, _mm512_srli_epi16(bytes, 8));
  }
  HWY_INLINE __m512i Even() const { return _mm512_sub_epi16(all, _mm512_slli_epi16(odd, 8)); }
};

/// to[i] += low[i] + 256·high[i] + offset, for 32 sums of bytes.
HWY_INLINE void AddTo(int32_t* to, __m512i low, __m512i high, __m512i offset) {
  for (int half = 0; half < 2; ++half) {
    const __m256i low_half = half ? _mm512_extracti64x4_epi64(low, 1) : _mm512_castsi512_si256(low);
    const __m256i high_half =
        half ? _mm512_extracti64x4_epi64(high, 1) : _mm512_castsi512_si256(high);
    const __m512i sum = _mm512_add_epi32(_mm512_cvtepu16_epi32(low_half),
                                         _mm512_slli_epi32(_mm512_cvtepu16_epi32(high_half), 8));
    int32_t* at = to + 16 * half;
    _mm512_storeu_si512(at,
                        _mm512_add_epi32(_mm512_add_epi32(sum, offset), _mm512_loadu_si512(at)));
  }
}

/// One row by 64·vectors columns.
template <int64_t vectors>
HWY_INLINE void MultiplyRow(const Context& c, const uint32_t* places, const uint8_t* panel,
                            int64_t k, int32_t* sums) {
  ByteSums low[vectors], high[vectors];
  for (int64_t l = 0; l < k; ++l) {
    const uint8_t* row = c.tables.bytes + places[l * kRows];
    const __m512i l0 = _mm512_loadu_si512(row), l1 = _mm512_loadu_si512(row + 64);
    const __m512i l2 = _mm512_loadu_si512(row + 128), l3 = _mm512_loadu_si512(row + 192);
    const __m512i h0 = _mm512_loadu_si512(row + 256), h1 = _mm512_loadu_si512(row + 320);
    const __m512i h2 = _mm512_loadu_si512(row + 384), h3 = _mm512_loadu_si512(row + 448);
    for (int64_t v = 0; v < vectors; ++v) {
      const __m512i at = _mm512_load_si512(panel + l * kCols + 64 * v);
      const __mmask64 upper = _mm512_movepi8_mask(at);
      low[v].Add(_mm512_mask_mov_epi8(_mm512_permutex2var_epi8(l0, at, l1), upper,
                                      _mm512_permutex2var_epi8(l2, at, l3)));
      high[v].Add(_mm512_mask_mov_epi8(_mm512_permutex2var_epi8(h0, at, h1), upper,
                                       _mm512_permutex2var_epi8(h2, at, h3)));
    }
  }
  const __m512i offset = _mm512_set1_epi32(static_cast<int32_t>(k) * c.offset);
  for (int64_t v = 0; v < vectors; ++v) {
    AddTo(sums + 64 * v, low[v].Even(), high[v].Even(), offset);
    AddTo(sums + 64 * v + 32, low[v].odd, high[v].odd, offset);
  }
}

#else  // Words.

/// Of 64 columns, words 2i and 2i + 1 of a vector are columns i and 16 + i of its 32.
void PackColumns(const void* context, const float* tile, int64_t, int64_t k, uint8_t* panel) {
  const __m512i mask =
      _mm512_set1_epi32((1 << static_cast<const Context*>(context)->bits.columns) - 1);
  const auto encodings = [&](const float* from) HWY_ATTR {
    return _mm512_and_si512(_mm512_cvttps_epi32(_mm512_loadu_ps(from)), mask);
  };
  for (int64_t i = 0; i < k * kCols; i += 32) {
    const __m512i words =
        _mm512_or_si512(encodings(tile + i), _mm512_slli_epi32(encodings(tile + i + 16), 16));
    _mm256_store_si256(reinterpret_cast<__m256i*>(panel + i), _mm512_cvtepi16_epi8(words));
  }
}

/// The words row[index] for 32 indices.
HWY_INLINE __m512i LookUp(const uint16_t* row, __m512i index, __mmask32 bit6, __mmask32 bit7) {
  const auto pair = [&](int64_t from) HWY_ATTR {
    return _mm512_permutex2var_epi16(_mm512_loadu_si512(row + from), index,
                                     _mm512_loadu_si512(row + from + 32));
  };
  const __m512i low = _mm512_mask_mov_epi16(pair(0), bit6, pair(64));
  const __m512i high = _mm512_mask_mov_epi16(pair(128), bit6, pair(192));
  return _mm512_mask_mov_epi16(low, bit7, high);
}

/// One row by 64·vectors columns, 64 at a time: a row of the table is loaded anew for each.
template <int64_t vectors>
HWY_INLINE void MultiplyRow(const Context& c, const uint32_t* places, const uint8_t* panel,
                            int64_t k, int32_t* sums) {
  const __m512i offset = _mm512_set1_epi32(static_cast<int32_t>(k) * c.offset);
  for (int64_t column = 0; column < 64 * vectors; column += 64) {
    __m512i sum[4] = {offset, offset, offset, offset};
    for (int64_t l = 0; l < k; ++l) {
      const uint16_t* row = c.tables.words + places[l * kRows] / 2;
      for (int64_t h = 0; h < 2; ++h) {
        const auto* from = reinterpret_cast<const __m256i*>(panel + l * kCols + column + 32 * h);
        const __m512i index = _mm512_cvtepu8_epi16(_mm256_load_si256(from));
        const __m512i code =
            LookUp(row, index, _mm512_test_epi16_mask(index, _mm512_set1_epi16(64)),
                   _mm512_test_epi16_mask(index, _mm512_set1_epi16(128)));
        const __m512i low = _mm512_and_si512(code, _mm512_set1_epi32(0xffff));
        sum[2 * h] = _mm512_add_epi32(sum[2 * h], low);
        sum[2 * h + 1] = _mm512_add_epi32(sum[2 * h + 1], _mm512_srli_epi32(code, 16));
      }
    }
    for (int64_t v = 0; v < 4; ++v) {
      int32_t* to = sums + column + 16 * v;
      _mm512_storeu_si512(to, _mm512_add_epi32(sum[v], _mm512_loadu_si512(to)));
    }
  }
}

#endif

void Multiply(const void* context, const uint8_t* group, const uint8_t* panel, int64_t cols,
              int64_t k, int32_t* sums, int64_t stride) {
  const auto& c = *static_cast<const Context*>(context);
  const auto* places = reinterpret_cast<const uint32_t*>(group);
  for (int64_t r = 0; r < kRows; ++r) {
    int32_t* to = sums + r * stride;
    if (cols > 192) {
      MultiplyRow<4>(c, places + r, panel, k, to);
    } else if (cols > 128) {
      MultiplyRow<3>(c, places + r, panel, k, to);
    } else if (cols > 64) {
      MultiplyRow<2>(c, places + r, panel, k, to);
    } else {
      MultiplyRow<1>(c, places + r, panel, k, to);
    }
  }
}

}  // namespace

bool IntegerRegisterTableHere() {
  return true;
}

void RunIntegerRegisterTable(const GemmProblem& given,
                             const IntegerRegisterTableMultiplier& multiplier) {
  // Columns are skipped by 64, so that a panel of few is no waste.
  const GemmProblem problem = ChooseOrientation(given, kRows, 64);
  const Context context{ElementBitsOf(problem, multiplier),
                        problem.b_first ? multiplier.tables_b_first : multiplier.tables,
                        multiplier.offset};
  RunIntegerTiles(problem, {kRows, kCols, kBlockK, kRows * kBlockK * 4, kCols * kBlockK,
                            multiplier.max_product, &PackRows, &PackColumns, &Multiply, &context});
}

#else  // No permutes over two registers.

}  // namespace

bool IntegerRegisterTableHere() {
  return false;
}

void RunIntegerRegisterTable(const GemmProblem&, const IntegerRegisterTableMultiplier&) {
  HWY_ABORT("IntegerRegisterTableGemm needs AVX-512: ask IntegerRegisterTableSupported()");
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace mulberry
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mulberry {

HWY_EXPORT(IntegerRegisterTableHere);
HWY_EXPORT(RunIntegerRegisterTable);

bool IntegerRegisterTableSupported() {
  return HWY_DYNAMIC_DISPATCH(IntegerRegisterTableHere)();
}

void IntegerRegisterTableGemm(const GemmProblem& problem,
                              const IntegerRegisterTableMultiplier& multiplier) {
  HWY_DYNAMIC_DISPATCH(RunIntegerRegisterTable)(problem, multiplier);
}

}  // namespace mulberry
#endif
