// Integer table: products of integers of up to 8 bits are read from a table in cache and summed in
// 32-bit lanes, which one block of k cannot overflow, then in 64 bits.
#include "mulberry/kernels/cpu/driver.h"
#include "mulberry/kernels/cpu/gemm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mulberry/kernels/cpu/integer_table.cc"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mulberry {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

static_assert(kBlockK << 23 <= int64_t{1} << 31, "a block's sum of products fits 32 bits");

/// What the packing and the tiles need: the table with rows for A's elements.
struct IntegerContext {
  int bits;
  const int32_t* products;
};

void MultiplyIntegers(const void* context, const RowGroup& rows, const ColumnPanel& columns,
                      int64_t k, TileMode, int64_t* sums, int64_t stride) {
  const auto& table = *static_cast<const IntegerContext*>(context);
  const hn::ScalableTag<int32_t> di;
  const hn::Rebind<uint8_t, decltype(di)> du8;
  HWY_ALIGN int32_t block[hn::MaxLanes(di)];
  for (int64_t c = 0; c < kPanelCols; c += hn::Lanes(di)) {
    hn::Vec<decltype(di)> sum[kGroupRows];
    for (int64_t r = 0; r < kGroupRows; ++r) sum[r] = hn::Zero(di);
    for (int64_t l = 0; l < k; ++l) {
      const auto index = hn::PromoteTo(di, hn::LoadU(du8, &columns.index[l][c]));
      for (int64_t r = 0; r < kGroupRows; ++r) {
        sum[r] = hn::Add(sum[r], hn::GatherIndex(di, table.products + rows.low[l][r], index));
      }
    }
    for (int64_t r = 0; r < kGroupRows; ++r) {
      hn::Store(sum[r], di, block);
      for (size_t i = 0; i < hn::Lanes(di); ++i) sums[r * stride + c + i] += block[i];
    }
  }
}

uint32_t Encoding(float value, int bits) {
  return static_cast<uint32_t>(static_cast<int32_t>(value)) & ((1u << bits) - 1);
}

void PackIntegerRows(const void* context, const float* tile, int64_t stride, int64_t rows,
                     int64_t k, RowGroup* group) {
  const int bits = static_cast<const IntegerContext*>(context)->bits;
  for (int64_t r = 0; r < kGroupRows; ++r) {
    for (int64_t l = 0; l < k; ++l) {
      group->low[l][r] = r < rows ? Encoding(tile[r * stride + l], bits) << bits : 0;
    }
  }
}

void PackIntegerColumns(const void* context, const float* tile, int64_t k, ColumnPanel* panel) {
  const int bits = static_cast<const IntegerContext*>(context)->bits;
  const hn::ScalableTag<float> df;
  const hn::ScalableTag<int32_t> di;
  const hn::Rebind<uint8_t, decltype(di)> du8;
  const auto mask = hn::Set(di, (1 << bits) - 1);
  for (int64_t i = 0; i < k * kPanelCols; i += hn::Lanes(di)) {
    const auto encoding = hn::And(hn::ConvertTo(di, hn::Load(df, tile + i)), mask);
    hn::StoreU(hn::DemoteTo(du8, encoding), du8, &panel->index[0][0] + i);
  }
}

void RunIntegerTable(const GemmProblem& problem, const IntegerTableMultiplier& multiplier) {
  const IntegerContext context{multiplier.bits,
                               problem.b_first ? multiplier.products_b_first : multiplier.products};
  RunTiles<int64_t>(problem, {&PackIntegerRows, &PackIntegerColumns, &MultiplyIntegers, &context});
}

}  // namespace HWY_NAMESPACE
}  // namespace mulberry
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mulberry {

HWY_EXPORT(RunIntegerTable);

void IntegerTableGemm(const GemmProblem& problem, const IntegerTableMultiplier& multiplier) {
  HWY_DYNAMIC_DISPATCH(RunIntegerTable)(ChooseOrientation(problem), multiplier);
}

}  // namespace mulberry
#endif
