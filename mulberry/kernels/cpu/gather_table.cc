// Gather table: significand products are read from a table in cache, as floats, and scaled by
// powers of two. Serves any multiplier of mantissas of up to 8 bits; runs on every instruction set.
#include "mulberry/kernels/cpu/driver.h"
#include "mulberry/kernels/cpu/gemm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mulberry/kernels/cpu/gather_table.cc"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include "mulberry/kernels/cpu/gather_table-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mulberry {
namespace HWY_NAMESPACE {
namespace {

template <TileMode kMode>
HWY_INLINE void MultiplyTile(const GatherContext& table, const RowGroup& rows,
                             const ColumnView& columns, int64_t k, float* sums, int64_t stride) {
  const hn::CappedTag<float, kChunkCols> df;
  const hn::CappedTag<int32_t, kChunkCols> di;
  const hn::Rebind<uint8_t, decltype(di)> du8;
  for (int64_t c = 0; c < columns.chunks * kChunkCols; c += hn::Lanes(df)) {
    const uint8_t* indices = columns.index[c / kChunkCols] + c % kChunkCols;
    const float* scales = columns.value[c / kChunkCols] + c % kChunkCols;
    hn::Vec<decltype(df)> sum[kGroupRows];
    for (int64_t r = 0; r < kGroupRows; ++r) sum[r] = hn::LoadU(df, sums + r * stride + c);
    for (int64_t l = 0; l < k; ++l) {
      const auto index = hn::PromoteTo(di, hn::LoadU(du8, indices + columns.offset[l]));
      const auto b_scale = hn::LoadU(df, scales + columns.offset[l]);
      for (int64_t r = 0; r < kGroupRows; ++r) {
        const float* row = table.products + rows.low[l][r];
        const auto a_scale = hn::Set(df, rows.scale[l][r]);
        if constexpr (kMode == TileMode::kFast) {
          // Both scalings are exact, so the fused addition rounds the sum only.
          const auto significand = hn::GatherIndex(df, row, index);
          sum[r] = hn::MulAdd(hn::Mul(significand, b_scale), a_scale, sum[r]);
        } else {
          sum[r] = hn::Add(sum[r], TableProduct<kMode>(df, row, index, a_scale, b_scale));
        }
      }
    }
    for (int64_t r = 0; r < kGroupRows; ++r) hn::StoreU(sum[r], df, sums + r * stride + c);
  }
}

void MultiplyGather(const void* context, const RowGroup& rows, const ColumnView& columns, int64_t k,
                    TileMode mode, float* sums, int64_t stride) {
  const auto& table = *static_cast<const GatherContext*>(context);
  if (mode != TileMode::kCareful) {
    MultiplyTile<TileMode::kFast>(table, rows, columns, k, sums, stride);
  } else {
    MultiplyTile<TileMode::kCareful>(table, rows, columns, k, sums, stride);
  }
}

}  // namespace

void RunGatherTable(const GemmProblem& problem, const GatherTableMultiplier& multiplier) {
  const GatherContext context{multiplier.mantissa_bits,
                              problem.b_first ? multiplier.products_b_first : multiplier.products};
  RunTiles(problem,
           {&PackGatherRows, &PackColumnElements<TableElements>, &EncodeElements<TableElements>,
            &MultiplyGather, &context, multiplier.min_log2, 2, multiplier.product});
}

}  // namespace HWY_NAMESPACE
}  // namespace mulberry
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mulberry {

HWY_EXPORT(RunGatherTable);

void GatherTableGemm(const GemmProblem& problem, const GatherTableMultiplier& multiplier) {
  HWY_DYNAMIC_DISPATCH(RunGatherTable)(ChooseOrientation(problem), multiplier);
}

}  // namespace mulberry
#endif
