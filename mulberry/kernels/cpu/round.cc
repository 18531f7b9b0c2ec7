// RoundArray into float formats with vectors, compiled for every instruction set; see
// kernels/round.h for the contract.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mulberry/kernels/cpu/round.cc"
#include "hwy/foreach_target.h"  // Must come before highway.h.
#include "hwy/highway.h"

#include <algorithm>
#include <bit>
#include <type_traits>

#include "mulberry/kernels/cpu/pieces.h"
#include "mulberry/kernels/cpu/round-inl.h"
#include "mulberry/kernels/cpu/round_magnitude-inl.h"
#include "mulberry/kernels/round.h"

HWY_BEFORE_NAMESPACE();
namespace mulberry::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// What the loops need to know of a format.
struct Constants {
  MagnitudeRounding magnitude;
  int32_t overflow;       ///< What a magnitude beyond the largest becomes ...
  int32_t overflow_sign;  ///< ... with the sign bit where this has it: NaN has none.

  explicit Constants(const FloatFormat& format)
      : magnitude{.dropped = 23 - format.mantissa_bits,
                  .dropped_plus_exponent = 23 - format.mantissa_bits,
                  .smallest = std::bit_cast<int32_t>(format.min_positive()),
                  .half_smallest = std::bit_cast<int32_t>(format.min_positive()) / 2,
                  .largest = std::bit_cast<int32_t>(format.max_finite())},
        overflow(magnitude.largest),
        overflow_sign(kSign) {
    // With 8 exponent bits the format's subnormals are FP32's and drop no more bits than the rest.
    if (format.exponent_bits < 8) {
      magnitude.dropped_plus_exponent += format.min_exponent() + 127;
      magnitude.half_smallest = magnitude.smallest - kHiddenBit;
    }
    if (format.overflow == Overflow::kSpecial) {
      const bool infinity = format.specials == Specials::kIeee;
      overflow = infinity ? kInfinity : kQuietNan;
      overflow_sign = infinity ? kSign : 0;
    }
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
  const auto rounded = Mode::Round(d, constants.magnitude, a, sign, random);
  const auto overflow =
      hn::Or(hn::Set(d, constants.overflow), hn::And(sign, hn::Set(d, constants.overflow_sign)));
  const auto number = hn::IfThenElse(hn::Gt(rounded, hn::Set(d, constants.magnitude.largest)),
                                     overflow, hn::Or(rounded, sign));
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

void RoundPiece(const FloatFormat& format, Rounding rounding, const float* in, float* out,
                int64_t n, RandomStream stream, uint64_t first) {
  const Constants constants(format);
  InMode<NearestEven, NearestUp, TowardZero, Stochastic>(
      rounding, n, stream, first,
      [&](auto mode, int64_t i, int64_t count, const uint32_t* randoms) {
        RoundAll<decltype(mode)>(constants, in + i, out + i, count, randoms);
      });
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
  ForEachPiece(n, kPieceSize, [&](int64_t begin, int64_t count) {
    HWY_DYNAMIC_DISPATCH(RoundPiece)
    (format, rounding, in + begin, out + begin, count, stream,
     first + static_cast<uint64_t>(begin));
  });
}

}  // namespace mulberry
#endif  // HWY_ONCE
