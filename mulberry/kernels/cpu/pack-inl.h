// Packing of column panels with SIMD: included once per instruction set by the kernels (Highway's
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
  using D = hn::ScalableTag<int32_t>;
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

/// The element's bits, masked, with magnitudes below 2^-126 made zero; adds its exponent to
/// `collector`.
template <class D>
HWY_INLINE hn::Vec<D> FlushedBits(D di, const float* from, RangeCollector& collector,
                                  const OperandMask& mask = {}) {
  const auto bits = hn::Load(di, reinterpret_cast<const int32_t*>(from));
  const auto exponent = hn::And(hn::ShiftRight<23>(bits), hn::Set(di, 0xff));
  collector.Add(exponent);
  const auto sign = hn::And(bits, hn::Set(di, INT32_MIN));
  const auto masked = hn::Or(hn::And(bits, hn::Set(di, static_cast<int32_t>(mask.keep))),
                             hn::Set(di, static_cast<int32_t>(mask.set)));
  return hn::IfThenElse(hn::Eq(exponent, hn::Zero(di)), sign, masked);
}

}  // namespace HWY_NAMESPACE
}  // namespace mulberry
HWY_AFTER_NAMESPACE();

#endif
