// Packing with SIMD: included once per instruction set by the kernels (Highway's
// scheme, hence no include guard in the usual form).
#if defined(MULBERRY_KERNELS_CPU_PACK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MULBERRY_KERNELS_CPU_PACK_INL_H_
#undef MULBERRY_KERNELS_CPU_PACK_INL_H_
#else
#define MULBERRY_KERNELS_CPU_PACK_INL_H_
#endif

#include <hwy/highway.h>

#include "mulberry/kernels/cpu/driver.h"

HWY_BEFORE_NAMESPACE();
namespace mulberry {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Exponent range of a block, gathered vector by vector.
class RangeCollector {
  using D = hn::CappedTag<int32_t, kChunkCols>;
  using V = hn::Vec<D>;

 public:
  // Written out, since an implicit constructor would not be compiled for this instruction set.
  HWY_INLINE RangeCollector() : min_(hn::Set(D(), 255)), max_(hn::Zero(D())) {}

  /// `exponent`: biased exponents; zero elements and subnormals have exponent 0 and do not count.
  HWY_INLINE void Add(V exponent) {
    const V none = hn::Zero(D());
    const V top = hn::Set(D(), 255);
    min_ = hn::Min(min_, hn::IfThenElse(hn::Eq(exponent, none), top, exponent));
    max_ = hn::Max(max_, exponent);
  }
  HWY_INLINE ExponentRange Range() const {
    const D d;
    ExponentRange range;
    range.min = hn::GetLane(hn::MinOfLanes(d, min_));
    range.max = hn::GetLane(hn::MaxOfLanes(d, max_));
    return range;
  }

 private:
  V min_;
  V max_;
};

/// The bits of elements, masked, with magnitudes below 2^-126 made zero; adds their exponents to
/// `collector`.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Flushed(D di, V bits, RangeCollector& collector, const OperandMask& mask) {
  const auto exponent = hn::And(hn::ShiftRight<23>(bits), hn::Set(di, 0xff));
  collector.Add(exponent);
  const auto sign = hn::And(bits, hn::Set(di, INT32_MIN));
  const auto masked = hn::Or(hn::And(bits, hn::Set(di, static_cast<int32_t>(mask.keep))),
                             hn::Set(di, static_cast<int32_t>(mask.set)));
  return hn::IfThenElse(hn::Eq(exponent, hn::Zero(di)), sign, masked);
}

/// The same of the elements from[0 ... n), zeros beyond; readable to the next full vector.
template <class D>
HWY_INLINE hn::Vec<D> FlushedElements(D di, const float* from, int64_t n, RangeCollector& collector,
                                      const OperandMask& mask = {}) {
  const auto bits = hn::LoadU(di, reinterpret_cast<const int32_t*>(from));
  const auto inside = hn::FirstN(di, static_cast<size_t>(n));
  return Flushed(di, hn::IfThenElseZero(inside, bits), collector, mask);
}

/// For tables: values are ±2^exponent (±0), indices the mantissas, shifted
/// right, with bit 7 set where not zero if kFlagNonzero.
template <bool kFlagNonzero>
HWY_INLINE void EncodeMantissas(int shift, const float* in, int64_t n, float* value, uint8_t* index,
                                RangeCollector& collector) {
  const hn::CappedTag<int32_t, kChunkCols> di;
  const hn::Rebind<uint8_t, decltype(di)> du8;
  const auto mantissa_mask = hn::Set(di, 0x007fffff);
  for (int64_t i = 0; i < n; i += static_cast<int64_t>(hn::Lanes(di))) {
    const auto bits = FlushedElements(di, in + i, n - i, collector);
    hn::StoreU(hn::AndNot(mantissa_mask, bits), di, reinterpret_cast<int32_t*>(value + i));
    auto mantissa = hn::ShiftRightSame(hn::And(bits, mantissa_mask), shift);
    if constexpr (kFlagNonzero) {
      const auto zero = hn::Eq(hn::And(bits, hn::Set(di, 0x7f800000)), hn::Zero(di));
      mantissa = hn::Or(mantissa, hn::IfThenZeroElse(zero, hn::Set(di, 0x80)));
    }
    hn::StoreU(hn::DemoteTo(du8, mantissa), du8, index + i);
  }
}

/// TileKernel::encode and ::pack_columns, by Elements::Encode(context, in, n, value, index,
/// collector).
template <class Elements>
ExponentRange EncodeElements(const void* context, const float* in, int64_t n, float* value,
                             uint8_t* index) {
  RangeCollector collector;
  Elements::Encode(context, in, n, value, index, collector);
  return collector.Range();
}

template <class Elements>
void PackColumnElements(const void* context, const float* tile, int64_t stride, int64_t k,
                        ColumnPanel* panel) {
  RangeCollector collector;
  for (int64_t l = 0; l < k; ++l) {
    Elements::Encode(context, tile + l * stride, kPanelCols, panel->value[l], panel->index[l],
                     collector);
  }
  panel->range = collector.Range();
}

/// PackRows (driver.h) with vectors. `tile` is readable to the next full vector of each row.
HWY_INLINE void PackRowVectors(const RowEncoding& encoding, const float* tile, int64_t stride,
                               int64_t rows, int64_t k, RowGroup* group) {
#if HWY_TARGET == HWY_SCALAR
  PackRows(encoding, tile, stride, rows, k, group);
#else
  static_assert(kGroupRows == 4, "rows are interleaved by four");
  const hn::CappedTag<int32_t, kChunkCols> di;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(di));
  RangeCollector collector;
  for (int64_t l = 0; l < k; l += lanes) {
    const auto pack = [&](int64_t r, auto& scale, auto& low) HWY_ATTR {
      auto bits = hn::Zero(di);
      if (r < rows) {
        bits = FlushedElements(di, tile + r * stride + l, k - l, collector, encoding.mask);
      }
      const auto mantissa = hn::And(bits, hn::Set(di, 0x7fffff));
      scale = hn::AndNot(hn::Set(di, 0x7fffff), bits);
      low = hn::ShiftLeftSame(hn::ShiftRightSame(mantissa, encoding.right), encoding.left);
      if (encoding.keep_all) low = hn::Or(low, scale);
    };
    hn::Vec<decltype(di)> s0, s1, s2, s3, l0, l1, l2, l3;
    pack(0, s0, l0);
    pack(1, s1, l1);
    pack(2, s2, l2);
    pack(3, s3, l3);
    hn::StoreInterleaved4(s0, s1, s2, s3, di, reinterpret_cast<int32_t*>(&group->scale[l][0]));
    hn::StoreInterleaved4(l0, l1, l2, l3, di, reinterpret_cast<int32_t*>(&group->low[l][0]));
  }
  group->range = collector.Range();
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace mulberry
HWY_AFTER_NAMESPACE();

#endif
