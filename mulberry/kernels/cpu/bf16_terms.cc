// Sums of products of bf16 numbers (AVX512_BF16: two products a lane and instruction, each exact,
// added to an FP32 sum). An element becomes one bf16 number for each of the multiplier's terms, and
// two steps of k one pair. Product-exact: the order of the sums is the instruction's, not the
// contract's.
//
// Packed, a block of k has `pairs` = ceil(k / 2) steps a term: step t * pairs + p holds the
// elements of k = 2p, in the low half, and 2p + 1.
#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "mulberry/kernels/cpu/blocking.h"
#include "mulberry/kernels/cpu/driver.h"
#include "mulberry/kernels/cpu/gemm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mulberry/kernels/cpu/bf16_terms.cc"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mulberry {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET <= HWY_AVX3_DL

// Highway knows the instruction only as part of a later target.
#define MULBERRY_BF16 __attribute__((target("avx512bf16")))

/// The multiplier's functions of one operand.
struct Terms {
  const uint16_t* tables;
  int count;
  int shift;                       ///< From a bf16 number to its mantissa's place in a table.
  int min_exponent, max_exponent;  ///< Of the functions.
};

struct Context {
  Terms rows, columns;
};

/// The exponents of elements, and what the functions make of them.
class Exponents {
 public:
  // Written out, since an implicit constructor would not be compiled for this instruction set.
  HWY_INLINE Exponents() : min_(_mm512_set1_epi16(255)), max_(_mm512_setzero_si512()) {}

  /// `words`: bf16 numbers.
  HWY_INLINE void Add(__m512i words) {
    const __m512i exponent = _mm512_and_si512(_mm512_srli_epi16(words, 7), _mm512_set1_epi16(0xff));
    const __mmask32 zero = _mm512_testn_epi16_mask(exponent, exponent);
    min_ = _mm512_mask_min_epu16(min_, ~zero, min_, exponent);
    max_ = _mm512_max_epu16(max_, exponent);
  }
  /// Of the functions' values; 255 as the largest if one of them is not a normal number.
  HWY_INLINE ExponentRange Range(const Terms& terms) const {
    alignas(64) uint16_t min[32], max[32];
    _mm512_store_si512(min, min_);
    _mm512_store_si512(max, max_);
    const int lowest = *std::min_element(min, min + 32), highest = *std::max_element(max, max + 32);
    if (highest == 0) return {};
    const ExponentRange range{lowest + terms.min_exponent - 127,
                              highest + terms.max_exponent - 127};
    const bool normal = highest < 255 && range.min >= 1 && range.max <= 254;
    return normal ? range : ExponentRange{range.min, 255};
  }

 private:
  __m512i min_, max_;
};

/// Sixteen pairs of FP32 elements that bf16 holds.
HWY_INLINE __m512i Pairs(__m512i low, __m512i high) {
  return _mm512_or_si512(_mm512_srli_epi32(low, 16), high);
}

/// A term of 32 bf16 numbers: the function's value for the mantissa, with the number's sign and
/// scaled by its exponent. Numbers and values of magnitudes below 2^-126 give +0.
HWY_INLINE __m512i TermOf(const uint16_t* table, int shift, __m512i words) {
  const __m512i exponent_mask = _mm512_set1_epi16(0x7f80);
  const __m512i index =
      _mm512_srl_epi16(_mm512_and_si512(words, _mm512_set1_epi16(0x7f)), _mm_cvtsi32_si128(shift));
  const __m512i low =
      _mm512_permutex2var_epi16(_mm512_loadu_si512(table), index, _mm512_loadu_si512(table + 32));
  const __m512i high = _mm512_permutex2var_epi16(_mm512_loadu_si512(table + 64), index,
                                                 _mm512_loadu_si512(table + 96));
  const __mmask32 upper = _mm512_test_epi16_mask(index, _mm512_set1_epi16(64));
  const __m512i value = _mm512_mask_mov_epi16(low, upper, high);
  const __m512i exponent = _mm512_and_si512(words, exponent_mask);
  const __mmask32 nonzero =
      _mm512_test_epi16_mask(exponent, exponent) & _mm512_test_epi16_mask(value, exponent_mask);
  const __m512i scaled =
      _mm512_add_epi16(value, _mm512_sub_epi16(exponent, _mm512_set1_epi16(int16_t{127} << 7)));
  const __m512i sign = _mm512_and_si512(words, _mm512_set1_epi16(INT16_MIN));
  return _mm512_maskz_mov_epi16(nonzero, _mm512_xor_si512(scaled, sign));
}

HWY_INLINE __m512i LoadElements(const float* from, int64_t n) {
  const auto inside = static_cast<__mmask16>((1u << std::clamp<int64_t>(n, 0, 16)) - 1);
  return _mm512_castps_si512(_mm512_maskz_loadu_ps(inside, from));
}

void PackRows(const void* context, const float* tile, int64_t stride, int64_t rows, int64_t k,
              RowGroup* group) {
  static_assert(kGroupRows == 4, "rows are interleaved by four");
  const Terms& terms = static_cast<const Context*>(context)->rows;
  const hn::CappedTag<int32_t, 16> di;
  const int64_t pairs = CeilDiv(k, 2);
  // Of a vector of 16 neighbours, the elements of even steps of k, and those of odd ones.
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
  Exponents exponents;
  for (int64_t p = 0; p < pairs; p += 16) {
    __m512i words[kGroupRows];
    for (int64_t r = 0; r < kGroupRows; ++r) {
      words[r] = _mm512_setzero_si512();
      if (r >= rows) continue;
      const float* from = tile + r * stride + 2 * p;
      const __m512i near = LoadElements(from, k - 2 * p);
      const __m512i far = LoadElements(from + 16, k - 2 * p - 16);
      words[r] = Pairs(_mm512_permutex2var_epi32(near, even, far),
                       _mm512_permutex2var_epi32(near, odd, far));
      exponents.Add(words[r]);
    }
    for (int t = 0; t < terms.count; ++t) {
      const auto term = [&](int64_t r) HWY_ATTR {
        return hn::Vec<decltype(di)>{TermOf(terms.tables + 128 * t, terms.shift, words[r])};
      };
      alignas(64) int32_t steps[16 * kGroupRows];
      hn::StoreInterleaved4(term(0), term(1), term(2), term(3), di, steps);
      std::copy_n(steps, std::min<int64_t>(16, pairs - p) * kGroupRows,
                  reinterpret_cast<int32_t*>(group->low[t * pairs + p]));
    }
  }
  group->range = exponents.Range(terms);
}

void PackColumns(const void* context, const float* tile, int64_t stride, int64_t k,
                 ColumnPanel* panel) {
  const Terms& terms = static_cast<const Context*>(context)->columns;
  const int64_t pairs = CeilDiv(k, 2);
  Exponents exponents;
  for (int64_t p = 0; p < pairs; ++p) {
    for (int64_t c = 0; c < kPanelCols; c += 16) {
      const float* from = tile + 2 * p * stride + c;
      const __m512i low = LoadElements(from, 16);
      const __m512i high = 2 * p + 1 < k ? LoadElements(from + stride, 16) : _mm512_setzero_si512();
      const __m512i words = Pairs(low, high);
      exponents.Add(words);
      for (int t = 0; t < terms.count; ++t) {
        _mm512_store_si512(&panel->value[t * pairs + p][c],
                           TermOf(terms.tables + 128 * t, terms.shift, words));
      }
    }
  }
  panel->range = exponents.Range(terms);
}

/// kGroupRows × (16·chunks) sums in registers, over all steps.
template <int64_t chunks>
MULBERRY_BF16 void MultiplyFast(const RowGroup& rows, const ColumnView& columns, int64_t steps,
                                float* sums, int64_t stride) {
  __m512 sum[kGroupRows][chunks];
  for (int64_t r = 0; r < kGroupRows; ++r) {
    for (int64_t v = 0; v < chunks; ++v) sum[r][v] = _mm512_loadu_ps(sums + r * stride + 16 * v);
  }
  for (int64_t s = 0; s < steps; ++s) {
    const int64_t at = columns.offset[s];
    __m512i column[chunks];
    for (int64_t v = 0; v < chunks; ++v) column[v] = _mm512_loadu_si512(columns.value[v] + at);
    for (int64_t r = 0; r < kGroupRows; ++r) {
      const __m512i row = _mm512_set1_epi32(static_cast<int32_t>(rows.low[s][r]));
      for (int64_t v = 0; v < chunks; ++v) {
        sum[r][v] = _mm512_dpbf16_ps(sum[r][v], (__m512bh)column[v], (__m512bh)row);
      }
    }
  }
  for (int64_t r = 0; r < kGroupRows; ++r) {
    for (int64_t v = 0; v < chunks; ++v) _mm512_storeu_ps(sums + r * stride + 16 * v, sum[r][v]);
  }
}

/// The number in the low half of a pair, or in the high one.
double HalfOf(uint32_t pair, bool high) {
  return std::bit_cast<float>(high ? pair & 0xffff0000 : pair << 16);
}

/// Where products may fall below 2^-126: in double, which holds them and the sums of their terms,
/// so that they can be flushed to zero before they are added.
void MultiplyCareful(const RowGroup& rows, const ColumnView& columns, int64_t terms, int64_t pairs,
                     float* sums, int64_t stride) {
  for (int64_t s = 0; s < pairs; ++s) {
    for (const bool high : {false, true}) {
      for (int64_t r = 0; r < kGroupRows; ++r) {
        for (int64_t c = 0; c < columns.chunks * kChunkCols; ++c) {
          double product = 0;
          for (int64_t step = s; step < terms * pairs; step += pairs) {
            const float* value = columns.value[c / kChunkCols] + columns.offset[step];
            product += HalfOf(rows.low[step][r], high) *
                       HalfOf(std::bit_cast<uint32_t>(value[c % kChunkCols]), high);
          }
          if (std::abs(product) >= 0x1p-126) sums[r * stride + c] += static_cast<float>(product);
        }
      }
    }
  }
}

void Multiply(const void* context, const RowGroup& rows, const ColumnView& columns, int64_t k,
              TileMode mode, float* sums, int64_t stride) {
  const int64_t terms = static_cast<const Context*>(context)->rows.count, pairs = CeilDiv(k, 2);
  if (mode == TileMode::kCareful) {
    return MultiplyCareful(rows, columns, terms, pairs, sums, stride);
  }
  const int64_t steps = terms * pairs;
  if (columns.chunks == 4) return MultiplyFast<4>(rows, columns, steps, sums, stride);
  if (columns.chunks == 3) return MultiplyFast<3>(rows, columns, steps, sums, stride);
  if (columns.chunks == 2) return MultiplyFast<2>(rows, columns, steps, sums, stride);
  return MultiplyFast<1>(rows, columns, steps, sums, stride);
}

}  // namespace

bool SupportsBf16Terms() {
  return __builtin_cpu_supports("avx512bf16");
}

void RunBf16Terms(const GemmProblem& problem, const Bf16TermsMultiplier& multiplier) {
  static_assert(Bf16TermsMultiplier::kMostTerms * (kBlockK / 2) <= kBlockK, "a block's steps");
  const auto terms = [&](const uint16_t* tables) {
    return Terms{tables, multiplier.terms, 7 - multiplier.mantissa_bits, multiplier.min_exponent,
                 multiplier.max_exponent};
  };
  Context context{terms(multiplier.first), terms(multiplier.second)};
  if (problem.b_first) std::swap(context.rows, context.columns);
  // bf16 numbers are multiples of 2^(exponent - 7) below 2^(exponent + 1): a product of two is 1 or
  // more times the powers of two, the difference of two products at least 2^-14 of them.
  const bool one = multiplier.terms == 1;
  RunTiles(problem, {&PackRows, &PackColumns, /*encode=*/nullptr, &Multiply, &context,
                     one ? 0 : -14, one ? 2 : 3, multiplier.product});
}

#else  // Without AVX-512 for neural networks.

}  // namespace

bool SupportsBf16Terms() {
  return false;
}

void RunBf16Terms(const GemmProblem&, const Bf16TermsMultiplier&) {
  HWY_ABORT("Bf16TermsGemm needs AVX512_BF16: ask Bf16TermsSupported() first");
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace mulberry
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mulberry {

HWY_EXPORT(SupportsBf16Terms);
HWY_EXPORT(RunBf16Terms);

bool Bf16TermsSupported() {
  return HWY_DYNAMIC_DISPATCH(SupportsBf16Terms)();
}

void Bf16TermsGemm(const GemmProblem& problem, const Bf16TermsMultiplier& multiplier) {
  HWY_DYNAMIC_DISPATCH(RunBf16Terms)
  (ChooseOrientation(problem, kGroupRows, 2 * kChunkCols), multiplier);
}

}  // namespace mulberry
#endif
