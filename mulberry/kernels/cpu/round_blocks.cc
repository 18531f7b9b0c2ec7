// RoundArray into block formats with vectors, compiled for every instruction set; see
// kernels/round.h for the contract.
//
// Scale times element is rounded at once: scaled, an element's values are those of a float format
// whose exponents the scale has moved. Where FP32 subnormals matter, whose bits are no exponent and
// mantissa, the block is rounded 2^149 times as large.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mulberry/kernels/cpu/round_blocks.cc"
#include "hwy/foreach_target.h"  // Must come before highway.h.
#include "hwy/highway.h"

#include <algorithm>
#include <bit>
#include <type_traits>

#include "mulberry/kernels/cpu/pieces.h"
#include "mulberry/kernels/cpu/random-inl.h"
#include "mulberry/kernels/cpu/round_magnitude-inl.h"
#include "mulberry/kernels/round.h"

HWY_BEFORE_NAMESPACE();
namespace mulberry::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int kLift = 149;

/// How the elements of one block are rounded.
struct BlockRounding {
  MagnitudeRounding magnitude;
  bool lifted;    ///< Magnitudes are multiplied by 2^kLift first, results divided by it.
  bool one_zero;  ///< Zeros are +0.
};

/// The rounding of a block of which `largest` has the bits of the largest magnitude.
BlockRounding RoundingOf(const BlockFormat& format, int32_t largest) {
  // A subnormal's field of 0 stands for more than its exponent, but both give the smallest scale.
  int scale = std::max((largest >> 23) - 127 - format.max_exponent(), BlockFormat::kMinScale);
  int gap = scale + format.min_exponent() - format.mantissa_bits;
  // A subnormal is less than 2^-32 of larger gaps, which no rounding sees.
  const bool lifted = gap < -94;
  if (lifted) scale += kLift, gap += kLift;
  const int32_t smallest = (gap + 127) << 23;
  const int32_t max_mantissa =
      (format.max_significand() << (23 - format.mantissa_bits)) & (kHiddenBit - 1);
  return {.magnitude = {.dropped = 23 - format.mantissa_bits,
                        .dropped_plus_exponent = gap + 150,
                        .smallest = smallest,
                        .half_smallest = smallest - kHiddenBit,
                        .largest = (scale + format.max_exponent() + 127) << 23 | max_mantissa},
          .lifted = lifted,
          .one_zero = format.is_integer()};
}

/// The bits of 2^kLift times the magnitude of bits a. A subnormal's bits are that number.
template <class D, class V = hn::Vec<D>>
V Lift(D d, V a) {
  const hn::RebindToFloat<D> df;
  const auto subnormal = hn::Lt(a, hn::Set(d, kHiddenBit));
  return hn::IfThenElse(subnormal, hn::BitCast(d, hn::ConvertTo(df, a)),
                        hn::Add(a, hn::Set(d, kLift << 23)));
}

/// The reverse, for a multiple of 1.
template <class D, class V = hn::Vec<D>>
V Lower(D d, V a) {
  const hn::RebindToFloat<D> df;
  const auto to_subnormal = hn::Lt(a, hn::Set(d, (kLift + 1) << 23));
  return hn::IfThenElse(to_subnormal, hn::ConvertTo(d, hn::BitCast(df, a)),
                        hn::Sub(a, hn::Set(d, kLift << 23)));
}

/// The bits of the largest magnitude; those of an infinity or NaN are larger than any other's.
template <class D>
int32_t LargestMagnitude(D df, const float* in, int64_t n) {
  const hn::RebindToSigned<D> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(df));
  auto largest = hn::Zero(d);
  const auto add = [&](auto values) HWY_ATTR {
    largest = hn::Max(largest, hn::And(hn::BitCast(d, values), hn::Set(d, kMagnitude)));
  };
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) add(hn::LoadU(df, in + i));
  if (i < n) {
    HWY_ALIGN float rest[hn::MaxLanes(df)] = {};
    std::copy(in + i, in + n, rest);
    add(hn::Load(df, rest));
  }
  return hn::GetLane(hn::MaxOfLanes(d, largest));
}

/// Rounds a vector of a block's elements; lane j reads randoms[i + j] if Mode is Stochastic.
template <class Mode, class D, class V = hn::Vec<D>>
V RoundVector(D df, const BlockRounding& rounding, V in, const uint32_t* randoms, int64_t i) {
  const hn::RebindToSigned<D> d;
  const auto bits = hn::BitCast(d, in);
  const auto sign = hn::And(bits, hn::Set(d, kSign));
  auto random = hn::Zero(d);
  if constexpr (std::is_same_v<Mode, Stochastic>) {
    random = hn::BitCast(d, hn::LoadU(hn::RebindToUnsigned<D>(), randoms + i));
  }
  auto a = hn::And(bits, hn::Set(d, kMagnitude));
  if (rounding.lifted) a = Lift(d, a);
  a = Mode::Round(d, rounding.magnitude, a, sign, random);
  a = hn::Min(a, hn::Set(d, rounding.magnitude.largest));
  if (rounding.lifted) a = Lower(d, a);
  const auto has_sign = hn::Gt(a, hn::Set(d, rounding.one_zero ? 0 : -1));
  return hn::BitCast(df, hn::Or(a, hn::IfThenElseZero(has_sign, sign)));
}

/// Rounds n elements of a block; `randoms` as WithRandoms gives them, or null where they are not
/// read.
template <class Mode, class D>
void RoundAll(D d, const BlockRounding& rounding, const float* in, float* out, int64_t n,
              const uint32_t* randoms) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    hn::StoreU(RoundVector<Mode>(d, rounding, hn::LoadU(d, in + i), randoms, i), d, out + i);
  }
  if (i >= n) return;
  HWY_ALIGN float rest[hn::MaxLanes(d)] = {};
  std::copy(in + i, in + n, rest);
  hn::Store(RoundVector<Mode>(d, rounding, hn::Load(d, rest), randoms, i), d, rest);
  std::copy(rest, rest + (n - i), out + i);
}

template <class Mode, class D>
void RoundOneBlock(D d, const BlockFormat& format, const float* in, float* out, int64_t n,
                   RandomStream stream, uint64_t first) {
  const int32_t largest = LargestMagnitude(d, in, n);
  if (largest >= kInfinity) {
    std::fill(out, out + n, std::bit_cast<float>(kQuietNan));
    return;
  }
  const BlockRounding rounding = RoundingOf(format, largest);
  if constexpr (std::is_same_v<Mode, Stochastic>) {
    WithRandoms(n, stream, first, [&](int64_t i, int64_t count, const uint32_t* randoms) {
      RoundAll<Mode>(d, rounding, in + i, out + i, count, randoms);
    });
  } else {
    RoundAll<Mode>(d, rounding, in, out, n, nullptr);
  }
}

template <class Mode, class D>
void RoundBlocks(D d, const BlockFormat& format, const float* in, float* out, int64_t n,
                 RandomStream stream, uint64_t first) {
  for (int64_t i = 0; i < n; i += format.block) {
    RoundOneBlock<Mode>(d, format, in + i, out + i, std::min<int64_t>(format.block, n - i), stream,
                        first + static_cast<uint64_t>(i));
  }
}

/// With the vectors that fill blocks: what is left of a block goes through memory and back.
template <class Mode>
void RoundBlocks(const BlockFormat& format, const float* in, float* out, int64_t n,
                 RandomStream stream, uint64_t first) {
  const hn::ScalableTag<float> d;
  const hn::CappedTag<float, 4> four;
  const int lanes = static_cast<int>(hn::Lanes(d));
  if (format.block % lanes != 0 && format.block < 4 * lanes) {
    RoundBlocks<Mode>(four, format, in, out, n, stream, first);
  } else {
    RoundBlocks<Mode>(d, format, in, out, n, stream, first);
  }
}

void RoundBlocksPiece(const BlockFormat& format, Rounding rounding, const float* in, float* out,
                      int64_t n, RandomStream stream, uint64_t first) {
  switch (rounding) {
    case Rounding::kNearestEven:
      return RoundBlocks<NearestEven>(format, in, out, n, stream, first);
    case Rounding::kNearestUp:
      return RoundBlocks<NearestUp>(format, in, out, n, stream, first);
    case Rounding::kTowardZero:
      return RoundBlocks<TowardZero>(format, in, out, n, stream, first);
    case Rounding::kStochastic:
      return RoundBlocks<Stochastic>(format, in, out, n, stream, first);
  }
}

}  // namespace
}  // namespace mulberry::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mulberry {
namespace {

HWY_EXPORT(RoundBlocksPiece);

}  // namespace

void RoundArray(const BlockFormat& format, Rounding rounding, const float* in, float* out,
                int64_t n, RandomStream stream, uint64_t first) {
  // Whole blocks, of about as many elements as other formats' pieces have.
  const int64_t size = std::max<int64_t>(kPieceSize / format.block, 1) * format.block;
  ForEachPiece(n, size, [&](int64_t begin, int64_t count) {
    HWY_DYNAMIC_DISPATCH(RoundBlocksPiece)
    (format, rounding, in + begin, out + begin, count, stream,
     first + static_cast<uint64_t>(begin));
  });
}

}  // namespace mulberry
#endif  // HWY_ONCE
