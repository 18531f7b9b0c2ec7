// Low rank by products of pairs of 16-bit integers, which every instruction set has. Included once
// per instruction set (Highway's scheme, hence no include guard in the usual form).
#if defined(MULBERRY_KERNELS_CPU_LOW_RANK_PAIRS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MULBERRY_KERNELS_CPU_LOW_RANK_PAIRS_INL_H_
#undef MULBERRY_KERNELS_CPU_LOW_RANK_PAIRS_INL_H_
#else
#define MULBERRY_KERNELS_CPU_LOW_RANK_PAIRS_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "mulberry/kernels/cpu/low_rank.h"

#if HWY_TARGET > HWY_AVX3_DL
HWY_BEFORE_NAMESPACE();
namespace mulberry {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using DI = hn::ScalableTag<int32_t>;
using DW = hn::ScalableTag<int16_t>;
using VI = hn::Vec<DI>;

constexpr int64_t kPairSteps = 768;  ///< Steps of k times terms of a packed block.
constexpr int64_t kRows = 4;
constexpr int64_t kVectors = 2;
constexpr int64_t kStep = 2;

inline int64_t Columns() {
  return kVectors * static_cast<int64_t>(hn::Lanes(DI()));
}

/// The sum over all digits of a one-operand function at an encoding, modulo 2^32.
uint32_t Value(const LowRankMultiplier::Digits& digits, uint32_t at) {
  uint32_t value = 0;
  for (int d = digits.count - 1; d >= 0; --d) value = value << 8 | digits.tables[256 * d + at];
  return value;
}

void PackRows(const void* context, const float* tile, int64_t stride, int64_t rows, int64_t k,
              uint8_t* group) {
  const auto& c = *static_cast<const LowRankContext*>(context);
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
  const auto& c = *static_cast<const LowRankContext*>(context);
  const int64_t kCols = Columns();
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
  const auto& c = *static_cast<const LowRankContext*>(context);
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

LowRankWay PlainWay() {
  return {kRows, Columns(), kStep, kPairSteps, sizeof(int16_t), &PackRows, &PackColumns, &Multiply};
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mulberry
HWY_AFTER_NAMESPACE();
#endif

#endif
