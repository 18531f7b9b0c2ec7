// Integer table: products of integers of up to 8 bits are read from a table in cache, one gather
// instruction for a vector of them.
#include "mulberry/kernels/cpu/blocking.h"
#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/kernels/cpu/integer_driver.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mulberry/kernels/cpu/integer_table.cc"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mulberry {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr int64_t kRows = 4;
constexpr int64_t kCols = 64;
constexpr int64_t kBlockK = 256;

/// What the packing and the tiles need: the table with rows for A's elements.
struct IntegerContext {
  ElementBits bits;
  const int32_t* products;
};

void MultiplyIntegers(const void* context, const uint8_t* group, const uint8_t* panel, int64_t cols,
                      int64_t k, int32_t* sums, int64_t stride) {
  const auto& table = *static_cast<const IntegerContext*>(context);
  const auto* places = reinterpret_cast<const uint32_t*>(group);
  const hn::ScalableTag<int32_t> di;
  const hn::Rebind<uint8_t, decltype(di)> du8;
  for (int64_t c = 0; c < cols; c += hn::Lanes(di)) {
    hn::Vec<decltype(di)> sum[kRows];
    for (int64_t r = 0; r < kRows; ++r) sum[r] = hn::LoadU(di, sums + r * stride + c);
    for (int64_t l = 0; l < k; ++l) {
      const auto index = hn::PromoteTo(di, hn::LoadU(du8, panel + l * kCols + c));
      for (int64_t r = 0; r < kRows; ++r) {
        sum[r] =
            hn::Add(sum[r], hn::GatherIndex(di, table.products + places[l * kRows + r], index));
      }
    }
    for (int64_t r = 0; r < kRows; ++r) hn::StoreU(sum[r], di, sums + r * stride + c);
  }
}

void PackIntegerRows(const void* context, const float* tile, int64_t stride, int64_t rows,
                     int64_t k, uint8_t* group) {
  const ElementBits bits = static_cast<const IntegerContext*>(context)->bits;
  auto* places = reinterpret_cast<uint32_t*>(group);
  for (int64_t r = 0; r < kRows; ++r) {
    for (int64_t l = 0; l < k; ++l) {
      places[l * kRows + r] =
          r < rows ? Encoding(tile[r * stride + l], bits.rows) << bits.columns : 0;
    }
  }
}

void PackIntegerColumns(const void* context, const float* tile, int64_t, int64_t k,
                        uint8_t* panel) {
  const int bits = static_cast<const IntegerContext*>(context)->bits.columns;
  const hn::ScalableTag<float> df;
  const hn::ScalableTag<int32_t> di;
  const hn::Rebind<uint8_t, decltype(di)> du8;
  const auto mask = hn::Set(di, (1 << bits) - 1);
  for (int64_t i = 0; i < k * kCols; i += hn::Lanes(di)) {
    const auto encoding = hn::And(hn::ConvertTo(di, hn::Load(df, tile + i)), mask);
    hn::StoreU(hn::DemoteTo(du8, encoding), du8, panel + i);
  }
}

void RunIntegerTable(const GemmProblem& given, const IntegerTableMultiplier& multiplier) {
  const GemmProblem problem = ChooseOrientation(given, kRows, kCols);
  const IntegerContext context{ElementBitsOf(problem, multiplier),
                               problem.b_first ? multiplier.products_b_first : multiplier.products};
  RunIntegerTiles(
      problem, {kRows, kCols, kBlockK, 4 * kRows * kBlockK, kCols * kBlockK, multiplier.max_product,
                &PackIntegerRows, &PackIntegerColumns, &MultiplyIntegers, &context});
}

}  // namespace HWY_NAMESPACE
}  // namespace mulberry
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mulberry {

HWY_EXPORT(RunIntegerTable);

void IntegerTableGemm(const GemmProblem& problem, const IntegerTableMultiplier& multiplier) {
  HWY_DYNAMIC_DISPATCH(RunIntegerTable)(problem, multiplier);
}

}  // namespace mulberry
#endif
