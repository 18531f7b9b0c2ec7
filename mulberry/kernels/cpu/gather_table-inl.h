// Products from a table of significand products, and the packing of their operands: included once
// per instruction set (Highway's scheme, hence no include guard in the usual form). Not here: sums
// (gather_table.cc in FP32, rounded_sums.cc in narrower formats).
#if defined(MULBERRY_KERNELS_CPU_GATHER_TABLE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MULBERRY_KERNELS_CPU_GATHER_TABLE_INL_H_
#undef MULBERRY_KERNELS_CPU_GATHER_TABLE_INL_H_
#else
#define MULBERRY_KERNELS_CPU_GATHER_TABLE_INL_H_
#endif

#include <hwy/highway.h>

#include "mulberry/kernels/cpu/driver.h"
#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/kernels/cpu/pack-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mulberry {
namespace HWY_NAMESPACE {
namespace {

/// What the packing and the tiles need: the table with rows for A's mantissas.
struct GatherContext {
  int mantissa_bits;
  const float* products;
};

/// The product of a column's elements and a row's, `row` being its row of the table.
template <TileMode kMode, class DF, class V = hn::Vec<DF>, class VI>
HWY_INLINE V TableProduct(DF df, const float* row, VI index, V a_scale, V b_scale) {
  const V significand = hn::GatherIndex(df, row, index);
  // Both scalings are exact where the products, and what is scaled by b's exponent only, are
  // normal.
  if constexpr (kMode != TileMode::kCareful) {
    return hn::Mul(hn::Mul(significand, b_scale), a_scale);
  }
  const V product = hn::Mul(significand, hn::Mul(a_scale, b_scale));
  const auto normal = hn::Ge(hn::Abs(product), hn::Set(df, 0x1p-126f));
  return hn::IfThenElseZero(normal, product);
}

void PackGatherRows(const void* context, const float* tile, int64_t stride, int64_t rows, int64_t k,
                    RowGroup* group) {
  const auto& table = *static_cast<const GatherContext*>(context);
  PackRowVectors({23 - table.mantissa_bits, table.mantissa_bits, false}, tile, stride, rows, k,
                 group);
}

struct TableElements {
  static HWY_INLINE void Encode(const void* context, const float* in, int64_t n, float* value,
                                uint8_t* index, RangeCollector& collector) {
    const int bits = static_cast<const GatherContext*>(context)->mantissa_bits;
    EncodeMantissas<false>(23 - bits, in, n, value, index, collector);
  }
};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mulberry
HWY_AFTER_NAMESPACE();

#endif
