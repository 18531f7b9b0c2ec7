// Rounding of FP32 magnitudes with vectors, for every floating format: included once per
// instruction set (Highway's scheme, hence no include guard in the usual form). Not here: signs,
// the largest value, infinities and NaN, which are the callers'.
//
// Everything happens on the bits of the magnitude, as integers. They order as the magnitudes do,
// and a carry out of the mantissa is the right step into the next exponent. So a value of at least
// the format's smallest positive one is rounded by clearing its low `dropped` bits, perhaps after
// adding to them; what lies below that has only two values to go to, zero and the smallest one.
#if defined(MULBERRY_KERNELS_CPU_ROUND_MAGNITUDE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MULBERRY_KERNELS_CPU_ROUND_MAGNITUDE_INL_H_
#undef MULBERRY_KERNELS_CPU_ROUND_MAGNITUDE_INL_H_
#else
#define MULBERRY_KERNELS_CPU_ROUND_MAGNITUDE_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace mulberry::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int32_t kInfinity = 0x7f800000, kQuietNan = 0x7fc00000, kHiddenBit = 0x00800000;
constexpr int32_t kSign = static_cast<int32_t>(0x80000000), kMagnitude = 0x7fffffff;

/// What rounding needs to know of a format, as bits of FP32 magnitudes.
struct MagnitudeRounding {
  int32_t dropped;  ///< Mantissa bits that FP32 has more; below 2^min_exponent one more a binade:
  int32_t dropped_plus_exponent;  ///< ... this less the exponent field.
  int32_t smallest;               ///< The smallest positive value.
  int32_t half_smallest;  ///< Of its half, rounded down: FP32's largest that is not above the half.
  int32_t largest;        ///< The largest finite value.
};

/// The number of low bits that the magnitude a drops: more than 23 for all of the significand and
/// more.
template <class D, class V = hn::Vec<D>>
V Dropped(D d, const MagnitudeRounding& format, V a) {
  const V exponent = hn::ShiftRight<23>(a);
  return hn::Max(hn::Set(d, format.dropped),
                 hn::Sub(hn::Set(d, format.dropped_plus_exponent), exponent));
}

/// The bits below bit `count`, 0 <= count <= 30.
template <class D, class V = hn::Vec<D>>
V LowBits(D d, V count) {
  const V one = hn::Set(d, 1);
  return hn::Sub(hn::Shl(one, count), one);
}

/// The functions below round the magnitude bits a (any, NaN included, whose result does not matter)
/// to those of a value of the format if it had no largest one. `sign` has the sign bit of the
/// value, `random` the random numbers.
struct NearestEven {
  template <class D, class V = hn::Vec<D>>
  static V Round(D d, const MagnitudeRounding& format, V a, V /*sign*/, V /*random*/) {
    const V smallest = hn::Set(d, format.smallest), one = hn::Set(d, 1);
    const auto above_half = hn::Gt(a, hn::Set(d, format.half_smallest));
    a = hn::IfThenElseZero(above_half, hn::Max(a, smallest));
    const V dropped = hn::Min(Dropped(d, format, a), hn::Set(d, 23));
    const V low = LowBits(d, dropped);
    // Half a gap less one, and one more if the significand, hidden bit included, is odd where it is
    // cut: only a tie on an even significand then makes no carry. Both are 0 if nothing is dropped.
    const V odd = hn::And(hn::And(hn::Shr(hn::Or(a, hn::Set(d, kHiddenBit)), dropped), one), low);
    return hn::AndNot(low, hn::Add(a, hn::Add(hn::ShiftRight<1>(low), odd)));
  }
};

struct NearestUp {
  template <class D, class V = hn::Vec<D>>
  static V Round(D d, const MagnitudeRounding& format, V a, V sign, V /*random*/) {
    const V smallest = hn::Set(d, format.smallest), zero = hn::Zero(d);
    // Ties of positive values go up, which is away from zero; of negative ones toward it.
    const V positive = hn::IfThenElseZero(hn::Eq(sign, zero), hn::Set(d, 1));
    const V half_smallest = hn::Max(hn::Sub(hn::Set(d, format.half_smallest), positive), zero);
    a = hn::IfThenElseZero(hn::Gt(a, half_smallest), hn::Max(a, smallest));
    const V low = LowBits(d, hn::Min(Dropped(d, format, a), hn::Set(d, 23)));
    // Half a gap, less one for negative values: as for nearest even.
    return hn::AndNot(low, hn::Add(a, hn::Add(hn::ShiftRight<1>(low), hn::And(positive, low))));
  }
};

struct TowardZero {
  template <class D, class V = hn::Vec<D>>
  static V Round(D d, const MagnitudeRounding& format, V a, V /*sign*/, V /*random*/) {
    const auto finite = hn::Lt(a, hn::Set(d, kInfinity));
    a = hn::IfThenElse(finite, hn::Min(a, hn::Set(d, format.largest)), a);
    a = hn::IfThenZeroElse(hn::Lt(a, hn::Set(d, format.smallest)), a);
    const V low = LowBits(d, hn::Min(Dropped(d, format, a), hn::Set(d, 23)));
    return hn::AndNot(low, a);
  }
};

struct Stochastic {
  template <class D, class V = hn::Vec<D>>
  static V Round(D d, const MagnitudeRounding& format, V a, V /*sign*/, V random) {
    const hn::RebindToUnsigned<D> du;
    const V zero = hn::Zero(d), most = hn::Set(d, 31);
    const V dropped = Dropped(d, format, a);
    const V low = LowBits(d, hn::Min(dropped, hn::Set(d, 24)));
    const V hidden = hn::IfThenZeroElse(hn::Lt(a, hn::Set(d, kHiddenBit)), hn::Set(d, kHiddenBit));
    const V mantissa = hn::And(a, hn::Set(d, kHiddenBit - 1));
    const V rest = hn::And(hn::Or(mantissa, hidden), low);

    // The fraction rest / 2^dropped in units of 2^-32: one of the two shifts is by 0. (By 31
    // instead of 32 if nothing is dropped, when rest is 0.)
    const V room = hn::Sub(hn::Set(d, 32), dropped);
    const V left = hn::Min(hn::Max(room, zero), most);
    const V right = hn::Min(hn::Max(hn::Neg(room), zero), most);
    const auto fraction =
        hn::Shr(hn::Shl(hn::BitCast(du, rest), hn::BitCast(du, left)), hn::BitCast(du, right));
    const auto away = hn::RebindMask(d, hn::Gt(fraction, hn::BitCast(du, random)));

    const V smallest = hn::Set(d, format.smallest);
    const auto below = hn::Lt(a, smallest);
    const V kept = hn::IfThenZeroElse(below, hn::AndNot(low, a));
    const V gap = hn::IfThenElse(below, smallest, hn::Add(low, hn::Set(d, 1)));
    return hn::Add(kept, hn::IfThenElseZero(away, gap));
  }
};

}  // namespace
}  // namespace mulberry::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
