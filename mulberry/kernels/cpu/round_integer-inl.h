// Rounding of FP32 values to integers with vectors: included once per instruction set (Highway's
// scheme, hence no include guard in the usual form). Not here: scales and ranges.
#if defined(MULBERRY_KERNELS_CPU_ROUND_INTEGER_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MULBERRY_KERNELS_CPU_ROUND_INTEGER_INL_H_
#undef MULBERRY_KERNELS_CPU_ROUND_INTEGER_INL_H_
#else
#define MULBERRY_KERNELS_CPU_ROUND_INTEGER_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace mulberry::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// Modes round any finite value; zeros may have either sign. What FP32 has of a fraction is exact,
/// and stays so when the whole part is taken away. IntegerStochastic reads a vector of random
/// numbers.
struct IntegerNearestEven {
  template <class D, class V = hn::Vec<D>>
  static V Round(D, V value, const uint32_t*) {
    return hn::Round(value);
  }
};

struct IntegerNearestUp {
  template <class D, class V = hn::Vec<D>>
  static V Round(D d, V value, const uint32_t*) {
    // The difference is exact but for values from -1/2 to 0, where it is 1/2 or more all the same.
    const V below = hn::Floor(value), half = hn::Set(d, 0.5f);
    const auto up = hn::Ge(hn::Sub(value, below), half);
    return hn::Add(below, hn::IfThenElseZero(up, hn::Set(d, 1.0f)));
  }
};

struct IntegerTowardZero {
  template <class D, class V = hn::Vec<D>>
  static V Round(D, V value, const uint32_t*) {
    return hn::Trunc(value);
  }
};

struct IntegerStochastic {
  template <class D, class V = hn::Vec<D>>
  static V Round(D d, V value, const uint32_t* randoms) {
    const hn::RebindToSigned<D> di;
    const hn::RebindToUnsigned<D> du;
    const V kept = hn::Trunc(value), rest = hn::Abs(hn::Sub(value, kept));
    // The fraction in units of 2^-32, as its high and low halves: FP32 converts to signed integers.
    const V half = hn::Set(d, 0x1p16f), high = hn::Mul(rest, half);
    const V whole = hn::Trunc(high), low = hn::Mul(hn::Sub(high, whole), half);
    const auto fraction =
        hn::Or(hn::ShiftLeft<16>(hn::ConvertTo(di, whole)), hn::ConvertTo(di, low));
    const auto away = hn::Gt(hn::BitCast(du, fraction), hn::LoadU(du, randoms));
    const V step = hn::CopySign(hn::Set(d, 1.0f), value);
    return hn::Add(kept, hn::IfThenElseZero(hn::RebindMask(d, away), step));
  }
};

}  // namespace
}  // namespace mulberry::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
