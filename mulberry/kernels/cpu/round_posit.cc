// RoundArray into posits with vectors, compiled for every instruction set; see kernels/round.h for
// the contract.
//
// Everything happens on the bits of the FP32 magnitude, as integers. Less the exponent's bias, they
// are exponent·2^23 + mantissa, whose low es + 23 bits are a posit's tail, the exponent and
// fraction bits, and what is above them is the regime's r. So a magnitude from minpos to maxpos is
// rounded by clearing the low bits for which the regime leaves no room, perhaps after adding to
// them: a carry out of the tail is the right step into the next regime. Only the last kept bit,
// which decides ties, is not among these bits where the regime leaves no room at all: there it is
// the bit that ends the regime.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mulberry/kernels/cpu/round_posit.cc"
#include "hwy/foreach_target.h"  // Must come before highway.h.
#include "hwy/highway.h"

#include <algorithm>
#include <type_traits>

#include "mulberry/kernels/cpu/pieces.h"
#include "mulberry/kernels/cpu/round-inl.h"
#include "mulberry/kernels/round.h"

HWY_BEFORE_NAMESPACE();
namespace mulberry::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int32_t kInfinity = 0x7f800000, kQuietNan = 0x7fc00000, kMantissaBits = 23;
constexpr int32_t kSign = static_cast<int32_t>(0x80000000), kMagnitude = 0x7fffffff;
constexpr int32_t kBias = 127 << kMantissaBits;

/// What the loops need to know of a format.
struct PositConstants {
  int tail_bits;          ///< Exponent and fraction bits of FP32: es + 23, at most 29.
  int32_t least_dropped;  ///< Of them, those for which the shortest regime, of 2 bits, has no room.
  int32_t minpos, maxpos;  ///< As bits of FP32.

  explicit PositConstants(const PositFormat& format)
      : tail_bits(format.exponent_bits + kMantissaBits),
        least_dropped(tail_bits - (format.bits - 3)),
        minpos(kBias - (format.max_exponent() << kMantissaBits)),
        maxpos(kBias + (format.max_exponent() << kMantissaBits)) {}
};

/// The modes below say what is added to `number`, exponent·2^23 + mantissa of a magnitude from
/// minpos to maxpos, before its low `dropped` bits, those set in `low`, are cleared. Bit 0 of
/// `last` is the last bit that the posit keeps.
struct PositNearestEven {
  template <class D, class V = hn::Vec<D>>
  static V Addend(D d, V /*number*/, V low, V /*dropped*/, V last, V /*sign*/, V /*random*/) {
    // Half a step less one, and one more if the last kept bit is 1. Both are 0 if nothing is
    // dropped.
    const V odd = hn::And(hn::And(last, hn::Set(d, 1)), low);
    return hn::Add(hn::ShiftRight<1>(low), odd);
  }
};

struct PositNearestUp {
  template <class D, class V = hn::Vec<D>>
  static V Addend(D d, V /*number*/, V low, V /*dropped*/, V /*last*/, V sign, V /*random*/) {
    // Half a step, less one where the value is negative. Both are 0 if nothing is dropped.
    const V positive = hn::IfThenElseZero(hn::Eq(sign, hn::Zero(d)), hn::Set(d, 1));
    return hn::Add(hn::ShiftRight<1>(low), hn::And(positive, low));
  }
};

struct PositTowardZero {
  template <class D, class V = hn::Vec<D>>
  static V Addend(D d, V /*number*/, V /*low*/, V /*dropped*/, V /*last*/, V /*sign*/,
                  V /*random*/) {
    return hn::Zero(d);
  }
};

struct PositStochastic {
  template <class D, class V = hn::Vec<D>>
  static V Addend(D d, V number, V low, V dropped, V /*last*/, V /*sign*/, V random) {
    const hn::RebindToUnsigned<D> du;
    // The dropped bits as a fraction in units of 2^-32; if none are, 0, by whatever shift.
    const V shift = hn::Min(hn::Sub(hn::Set(d, 32), dropped), hn::Set(d, 31));
    const auto fraction = hn::BitCast(du, hn::Shl(hn::And(number, low), shift));
    const auto up = hn::RebindMask(d, hn::Gt(fraction, hn::BitCast(du, random)));
    return hn::IfThenElseZero(up, hn::Add(low, hn::Set(d, 1)));
  }
};

/// The posit that a magnitude from minpos to maxpos is rounded to, all as bits of FP32.
template <class Mode, class D, class V = hn::Vec<D>>
V RoundMagnitude(D d, const PositConstants& constants, V magnitude, V sign, V random) {
  const V one = hn::Set(d, 1), bias = hn::Set(d, kBias);
  const V tail_bits = hn::Set(d, constants.tail_bits);
  const V number = hn::Sub(magnitude, bias);
  const V r = hn::ShiftRightSame(number, constants.tail_bits);
  const V negative = hn::BroadcastSignBit(r);
  // The regime has r + 2 bits, or 1 - r where r is negative: two more than r, or than its inverse.
  // At maxpos it has one more than there are, and no tail.
  const V dropped =
      hn::Min(hn::Add(hn::Xor(r, negative), hn::Set(d, constants.least_dropped)), tail_bits);
  const V low = hn::Sub(hn::Shl(one, dropped), one);
  // Without room for the tail the string ends with the regime: in 0 after ones, in 1 after zeros.
  const V last = hn::IfThenElse(hn::Eq(dropped, tail_bits), negative, hn::Shr(number, dropped));
  const V addend = Mode::Addend(d, number, low, dropped, last, sign, random);
  return hn::Add(hn::AndNot(low, hn::Add(number, addend)), bias);
}

/// Rounds a vector of floats; lane j reads randoms[j] if Mode is PositStochastic.
template <class Mode, class D, class V = hn::Vec<D>>
V RoundPosit(D df, const PositConstants& constants, V in, const uint32_t* randoms) {
  const hn::RebindToSigned<D> d;
  const auto bits = hn::BitCast(d, in);
  const auto a = hn::And(bits, hn::Set(d, kMagnitude));
  auto random = hn::Zero(d);
  if constexpr (std::is_same_v<Mode, PositStochastic>) {
    random = hn::BitCast(d, hn::LoadU(hn::RebindToUnsigned<D>(), randoms));
  }
  const auto clamped =
      hn::Min(hn::Max(a, hn::Set(d, constants.minpos)), hn::Set(d, constants.maxpos));
  const auto sign = hn::And(bits, hn::Set(d, kSign));
  const auto number = hn::Or(RoundMagnitude<Mode>(d, constants, clamped, sign, random), sign);
  const auto posit = hn::IfThenZeroElse(hn::Eq(a, hn::Zero(d)), number);
  const auto is_number = hn::Lt(a, hn::Set(d, kInfinity));
  return hn::BitCast(df, hn::IfThenElse(is_number, posit, hn::Set(d, kQuietNan)));
}

/// Rounds n values; `randoms` as WithRandoms gives them, or null where they are not read.
template <class Mode>
void RoundPosits(const PositConstants& constants, const float* in, float* out, int64_t n,
                 const uint32_t* randoms) {
  RoundVectors(in, out, n, [&](auto d, auto values, int64_t i) HWY_ATTR {
    return RoundPosit<Mode>(d, constants, values, randoms ? randoms + i : nullptr);
  });
}

void RoundPositPiece(const PositFormat& format, Rounding rounding, const float* in, float* out,
                     int64_t n, RandomStream stream, uint64_t first) {
  const PositConstants constants(format);
  InMode<PositNearestEven, PositNearestUp, PositTowardZero, PositStochastic>(
      rounding, n, stream, first,
      [&](auto mode, int64_t i, int64_t count, const uint32_t* randoms) {
        RoundPosits<decltype(mode)>(constants, in + i, out + i, count, randoms);
      });
}

}  // namespace
}  // namespace mulberry::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mulberry {
namespace {

HWY_EXPORT(RoundPositPiece);

}  // namespace

void RoundArray(const PositFormat& format, Rounding rounding, const float* in, float* out,
                int64_t n, RandomStream stream, uint64_t first) {
  ForEachPiece(n, kPieceSize, [&](int64_t begin, int64_t count) {
    HWY_DYNAMIC_DISPATCH(RoundPositPiece)
    (format, rounding, in + begin, out + begin, count, stream,
     first + static_cast<uint64_t>(begin));
  });
}

}  // namespace mulberry
#endif  // HWY_ONCE
