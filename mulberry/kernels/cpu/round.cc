// RoundArray into float formats with vectors, compiled for every instruction set; see
// kernels/round.h for the contract.
//
// Everything happens on the bits of the FP32 magnitude, as integers. They order as the magnitudes
// do, and a carry out of the mantissa is the right step into the next exponent. So a value of at
// least the format's smallest positive one is rounded by clearing its low `dropped` bits, perhaps
// after adding to them; what lies below that has only two values to go to, zero and the smallest
// one.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mulberry/kernels/cpu/round.cc"
#include "hwy/foreach_target.h"  // Must come before highway.h.
#include "hwy/highway.h"

#include <algorithm>
#include <bit>
#include <type_traits>

#include "mulberry/base/threads.h"
#include "mulberry/kernels/cpu/random-inl.h"
#include "mulberry/kernels/cpu/round-inl.h"
#include "mulberry/kernels/round.h"

HWY_BEFORE_NAMESPACE();
namespace mulberry::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int32_t kInfinity = 0x7f800000, kQuietNan = 0x7fc00000, kHiddenBit = 0x00800000;
constexpr int32_t kSign = static_cast<int32_t>(0x80000000), kMagnitude = 0x7fffffff;

/// What the loops need to know of a format, as bits of FP32 magnitudes.
struct Constants {
  int32_t dropped;  ///< Mantissa bits that FP32 has more; below 2^min_exponent one more a binade:
  int32_t dropped_plus_exponent;  ///< ... this less the exponent field.
  int32_t smallest;               ///< The smallest positive value.
  int32_t half_smallest;          ///< Of its half: FP32's largest magnitude that rounds to zero.
  int32_t largest;                ///< The largest finite value.
  int32_t overflow;               ///< What a magnitude beyond `largest` becomes ...
  int32_t overflow_sign;          ///< ... with the sign bit where this has it: NaN has none.

  explicit Constants(const FloatFormat& format)
      : dropped(23 - format.mantissa_bits),
        smallest(std::bit_cast<int32_t>(format.min_positive())),
        largest(std::bit_cast<int32_t>(format.max_finite())),
        overflow(largest),
        overflow_sign(kSign) {
    // With 8 exponent bits the format's subnormals are FP32's and drop no more bits than the rest.
    const bool fp32_exponents = format.exponent_bits == 8;
    dropped_plus_exponent = dropped + (fp32_exponents ? 0 : format.min_exponent() + 127);
    half_smallest = fp32_exponents ? smallest / 2 : smallest - kHiddenBit;
    if (format.overflow == Overflow::kSpecial) {
      const bool infinity = format.specials == Specials::kIeee;
      overflow = infinity ? kInfinity : kQuietNan;
      overflow_sign = infinity ? kSign : 0;
    }
  }
};

/// The number of low bits that the magnitude a drops: more than 23 for all of the significand and
/// more.
template <class D, class V = hn::Vec<D>>
V Dropped(D d, const Constants& constants, V a) {
  const V exponent = hn::ShiftRight<23>(a);
  return hn::Max(hn::Set(d, constants.dropped),
                 hn::Sub(hn::Set(d, constants.dropped_plus_exponent), exponent));
}

/// The bits below bit `count`, 0 <= count <= 30.
template <class D, class V = hn::Vec<D>>
V LowBits(D d, V count) {
  const V one = hn::Set(d, 1);
  return hn::Sub(hn::Shl(one, count), one);
}

/// The functions below round the magnitude bits a (any, NaN included, whose result does not matter)
/// to those of a value of the format if it had no largest one. `random` holds the random numbers.
struct NearestEven {
  template <class D, class V = hn::Vec<D>>
  static V Round(D d, const Constants& constants, V a, V /*random*/) {
    const V smallest = hn::Set(d, constants.smallest), one = hn::Set(d, 1);
    const auto above_half = hn::Gt(a, hn::Set(d, constants.half_smallest));
    a = hn::IfThenElseZero(above_half, hn::Max(a, smallest));
    const V dropped = hn::Min(Dropped(d, constants, a), hn::Set(d, 23));
    const V low = LowBits(d, dropped);
    // Half a gap less one, and one more if the significand, hidden bit included, is odd where it is
    // cut: only a tie on an even significand then makes no carry. Both are 0 if nothing is dropped.
    const V odd = hn::And(hn::And(hn::Shr(hn::Or(a, hn::Set(d, kHiddenBit)), dropped), one), low);
    return hn::AndNot(low, hn::Add(a, hn::Add(hn::ShiftRight<1>(low), odd)));
  }
};

struct TowardZero {
  template <class D, class V = hn::Vec<D>>
  static V Round(D d, const Constants& constants, V a, V /*random*/) {
    const auto finite = hn::Lt(a, hn::Set(d, kInfinity));
    a = hn::IfThenElse(finite, hn::Min(a, hn::Set(d, constants.largest)), a);
    a = hn::IfThenZeroElse(hn::Lt(a, hn::Set(d, constants.smallest)), a);
    const V low = LowBits(d, hn::Min(Dropped(d, constants, a), hn::Set(d, 23)));
    return hn::AndNot(low, a);
  }
};

struct Stochastic {
  template <class D, class V = hn::Vec<D>>
  static V Round(D d, const Constants& constants, V a, V random) {
    const hn::RebindToUnsigned<D> du;
    const V zero = hn::Zero(d), most = hn::Set(d, 31);
    const V dropped = Dropped(d, constants, a);
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

    const V smallest = hn::Set(d, constants.smallest);
    const auto below = hn::Lt(a, smallest);
    const V kept = hn::IfThenZeroElse(below, hn::AndNot(low, a));
    const V gap = hn::IfThenElse(below, smallest, hn::Add(low, hn::Set(d, 1)));
    return hn::Add(kept, hn::IfThenElseZero(away, gap));
  }
};

/// Rounds a vector of floats; lane j reads randoms[i + j] if Mode is Stochastic.
template <class Mode, class D, class V = hn::Vec<D>>
V RoundVector(D df, const Constants& constants, V in, const uint32_t* randoms, int64_t i) {
  const hn::RebindToSigned<D> d;
  const auto bits = hn::BitCast(d, in);
  const auto a = hn::And(bits, hn::Set(d, kMagnitude));
  const auto sign = hn::And(bits, hn::Set(d, kSign));
  auto random = hn::Zero(d);
  if constexpr (std::is_same_v<Mode, Stochastic>) {
    random = hn::BitCast(d, hn::LoadU(hn::RebindToUnsigned<D>(), randoms + i));
  }
  const auto rounded = Mode::Round(d, constants, a, random);
  const auto overflow =
      hn::Or(hn::Set(d, constants.overflow), hn::And(sign, hn::Set(d, constants.overflow_sign)));
  const auto number = hn::IfThenElse(hn::Gt(rounded, hn::Set(d, constants.largest)), overflow,
                                     hn::Or(rounded, sign));
  const auto is_nan = hn::Gt(a, hn::Set(d, kInfinity));
  return hn::BitCast(df, hn::IfThenElse(is_nan, hn::Set(d, kQuietNan), number));
}

/// Rounds n values. If Mode is Stochastic, `randoms` has n numbers and is readable to the next full
/// vector.
template <class Mode>
void RoundAll(const Constants& constants, const float* in, float* out, int64_t n,
              const uint32_t* randoms) {
  RoundVectors(in, out, n, [&](auto d, auto values, int64_t i) HWY_ATTR {
    return RoundVector<Mode>(d, constants, values, randoms, i);
  });
}

void RoundStochastic(const Constants& constants, const float* in, float* out, int64_t n,
                     RandomStream stream, uint64_t first) {
  WithRandoms(n, stream, first, [&](int64_t i, int64_t count, const uint32_t* randoms) {
    RoundAll<Stochastic>(constants, in + i, out + i, count, randoms);
  });
}

void RoundPiece(const FloatFormat& format, Rounding rounding, const float* in, float* out,
                int64_t n, RandomStream stream, uint64_t first) {
  const Constants constants(format);
  switch (rounding) {
    case Rounding::kNearestEven:
      return RoundAll<NearestEven>(constants, in, out, n, nullptr);
    case Rounding::kTowardZero:
      return RoundAll<TowardZero>(constants, in, out, n, nullptr);
    case Rounding::kStochastic:
      return RoundStochastic(constants, in, out, n, stream, first);
  }
}

}  // namespace
}  // namespace mulberry::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mulberry {
namespace {

HWY_EXPORT(RoundPiece);

}  // namespace

void RoundArray(const FloatFormat& format, Rounding rounding, const float* in, float* out,
                int64_t n, RandomStream stream, uint64_t first) {
  constexpr int64_t kPiece = int64_t{1} << 16;
  ParallelFor((n + kPiece - 1) / kPiece, [&](int64_t piece) {
    const int64_t begin = piece * kPiece;
    HWY_DYNAMIC_DISPATCH(RoundPiece)
    (format, rounding, in + begin, out + begin, std::min(kPiece, n - begin), stream,
     first + static_cast<uint64_t>(begin));
  });
}

}  // namespace mulberry
#endif  // HWY_ONCE
