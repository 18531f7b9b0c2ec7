// RoundArray into fixed-point formats with vectors, compiled for every instruction set; see
// kernels/round.h for the contract.
//
// A value is taken in units of eps: a scaling by a power of two, which is exact in FP32 but where
// the quotient exceeds its range, and so the format's, or is subnormal, and so rounds to zero
// (formats/fixed.h bounds eps such that it does).

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mulberry/kernels/cpu/round_fixed.cc"
#include "hwy/foreach_target.h"  // Must come before highway.h.
#include "hwy/highway.h"

#include <algorithm>
#include <atomic>

#include "mulberry/kernels/cpu/pieces.h"
#include "mulberry/kernels/cpu/round-inl.h"
#include "mulberry/kernels/cpu/round_integer-inl.h"
#include "mulberry/kernels/round.h"

HWY_BEFORE_NAMESPACE();
namespace mulberry::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// What the loops need to know of a format; all but `epsilon` in units of it.
struct Constants {
  float epsilon, units;  ///< 2^-fl and 2^fl.
  float lowest, highest;
  float bound;  ///< FP32's first value that overflows upwards; downwards it is `lowest`.

  explicit Constants(const FixedFormat& format)
      : epsilon(format.epsilon()),
        units(1 / epsilon),
        lowest(format.min() * units),
        highest(format.max() * units),
        bound(format.length() <= 24 ? highest : -lowest) {}
};

/// Rounds a vector and adds to `overflows` how many of its values overflow.
template <class Mode, class D, class V = hn::Vec<D>>
V RoundVector(D d, const Constants& constants, V in, const uint32_t* randoms, int64_t& overflows) {
  const V lowest = hn::Set(d, constants.lowest), highest = hn::Set(d, constants.highest);
  const V value = hn::Mul(in, hn::Set(d, constants.units));
  // NaN compares false.
  const auto overflow = hn::Or(hn::Ge(value, hn::Set(d, constants.bound)), hn::Le(value, lowest));
  overflows += static_cast<int64_t>(hn::CountTrue(d, overflow));
  const V number = hn::IfThenElseZero(hn::Eq(value, value), value);
  const V clamped = hn::Min(hn::Max(number, lowest), highest);
  const V rounded = hn::Mul(Mode::Round(d, clamped, randoms), hn::Set(d, constants.epsilon));
  // Adding +0 makes a negative zero positive: fixed point has one zero.
  return hn::Add(rounded, hn::Zero(d));
}

/// Rounds n values and returns how many overflow; `randoms` as WithRandoms gives them, or null
/// where they are not read.
template <class Mode>
int64_t RoundAll(const Constants& constants, const float* in, float* out, int64_t n,
                 const uint32_t* randoms) {
  const hn::ScalableTag<float> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0, overflows = 0;
  for (; i + lanes <= n; i += lanes) {
    const uint32_t* of_vector = randoms ? randoms + i : nullptr;
    hn::StoreU(RoundVector<Mode>(d, constants, hn::LoadU(d, in + i), of_vector, overflows), d,
               out + i);
  }
  if (i == n) return overflows;
  HWY_ALIGN float rest[hn::MaxLanes(d)] = {};  // Zeros do not overflow.
  std::copy(in + i, in + n, rest);
  const uint32_t* of_rest = randoms ? randoms + i : nullptr;
  hn::Store(RoundVector<Mode>(d, constants, hn::Load(d, rest), of_rest, overflows), d, rest);
  std::copy(rest, rest + (n - i), out + i);
  return overflows;
}

int64_t RoundFixedPiece(const FixedFormat& format, Rounding rounding, const float* in, float* out,
                        int64_t n, RandomStream stream, uint64_t first) {
  const Constants constants(format);
  int64_t overflows = 0;
  InMode<IntegerNearestEven, IntegerNearestUp, IntegerTowardZero, IntegerStochastic>(
      rounding, n, stream, first,
      [&](auto mode, int64_t i, int64_t count, const uint32_t* randoms) {
        overflows += RoundAll<decltype(mode)>(constants, in + i, out + i, count, randoms);
      });
  return overflows;
}

}  // namespace
}  // namespace mulberry::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mulberry {
namespace {

HWY_EXPORT(RoundFixedPiece);

}  // namespace

int64_t RoundArray(const FixedFormat& format, Rounding rounding, const float* in, float* out,
                   int64_t n, RandomStream stream, uint64_t first) {
  std::atomic<int64_t> overflows = 0;
  ForEachPiece(n, kPieceSize, [&](int64_t begin, int64_t count) {
    overflows +=
        HWY_DYNAMIC_DISPATCH(RoundFixedPiece)(format, rounding, in + begin, out + begin, count,
                                              stream, first + static_cast<uint64_t>(begin));
  });
  return overflows;
}

}  // namespace mulberry
#endif  // HWY_ONCE
