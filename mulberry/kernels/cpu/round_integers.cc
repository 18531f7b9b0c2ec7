// QuantizeArray and ExtentOf with vectors, compiled for every instruction set; see kernels/round.h
// for the contract.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mulberry/kernels/cpu/round_integers.cc"
#include "hwy/foreach_target.h"  // Must come before highway.h.
#include "hwy/highway.h"

#include <algorithm>
#include <vector>

#include "mulberry/kernels/cpu/pieces.h"
#include "mulberry/kernels/cpu/round-inl.h"
#include "mulberry/kernels/cpu/round_integer-inl.h"
#include "mulberry/kernels/round.h"

HWY_BEFORE_NAMESPACE();
namespace mulberry::HWY_NAMESPACE {
namespace {

template <class Mode, class D, class V = hn::Vec<D>>
V RoundInteger(D d, const Quantizer& quantizer, V value, const uint32_t* randoms) {
  const IntegerFormat& format = quantizer.format;
  const V in = hn::Div(value, hn::Set(d, quantizer.step));
  const V lowest = hn::Set(d, static_cast<float>(format.min() - quantizer.zero));
  const V highest = hn::Set(d, static_cast<float>(format.max() - quantizer.zero));
  const V number = hn::IfThenElseZero(hn::Eq(in, in), in);
  const V clamped = hn::Min(hn::Max(number, lowest), highest);
  // Adding +0 makes a negative zero positive: integers have one zero.
  return hn::Add(Mode::Round(d, clamped, randoms), hn::Set(d, static_cast<float>(quantizer.zero)));
}

/// Rounds n values; `randoms` as WithRandoms gives them, or null where they are not read.
template <class Mode>
void RoundIntegers(const Quantizer& quantizer, const float* in, float* out, int64_t n,
                   const uint32_t* randoms) {
  RoundVectors(in, out, n, [&](auto d, auto values, int64_t i) HWY_ATTR {
    return RoundInteger<Mode>(d, quantizer, values, randoms ? randoms + i : nullptr);
  });
}

void RoundIntegerPiece(const Quantizer& quantizer, Rounding rounding, const float* in, float* out,
                       int64_t n, RandomStream stream, uint64_t first) {
  InMode<IntegerNearestEven, IntegerNearestUp, IntegerTowardZero, IntegerStochastic>(
      rounding, n, stream, first,
      [&](auto mode, int64_t i, int64_t count, const uint32_t* randoms) {
        RoundIntegers<decltype(mode)>(quantizer, in + i, out + i, count, randoms);
      });
}

Extent ExtentOfPiece(const float* in, int64_t n) {
  const hn::ScalableTag<float> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  auto smallest = hn::Zero(d), largest = hn::Zero(d), not_finite = hn::Zero(d);
  const auto add = [&](auto value) HWY_ATTR {
    smallest = hn::Min(smallest, value);
    largest = hn::Max(largest, value);
    // 0 · infinity and 0 · NaN are NaN, and stay so.
    not_finite = hn::MulAdd(value, hn::Zero(d), not_finite);
  };
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) add(hn::LoadU(d, in + i));
  if (i < n) {
    HWY_ALIGN float rest[hn::MaxLanes(d)] = {};
    std::copy(in + i, in + n, rest);
    add(hn::Load(d, rest));
  }
  Extent extent;
  extent.finite = hn::AllTrue(d, hn::Eq(not_finite, not_finite));
  extent.smallest = hn::GetLane(hn::MinOfLanes(d, smallest));
  extent.largest = hn::GetLane(hn::MaxOfLanes(d, largest));
  return extent;
}

}  // namespace
}  // namespace mulberry::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mulberry {
namespace {

HWY_EXPORT(RoundIntegerPiece);
HWY_EXPORT(ExtentOfPiece);

}  // namespace

void QuantizeArray(const Quantizer& quantizer, Rounding rounding, const float* in, float* out,
                   int64_t n, RandomStream stream, uint64_t first) {
  ForEachPiece(n, kPieceSize, [&](int64_t begin, int64_t count) {
    HWY_DYNAMIC_DISPATCH(RoundIntegerPiece)
    (quantizer, rounding, in + begin, out + begin, count, stream,
     first + static_cast<uint64_t>(begin));
  });
}

Extent ExtentOf(const float* in, int64_t n) {
  std::vector<Extent> extents(static_cast<size_t>((n + kPieceSize - 1) / kPieceSize));
  ForEachPiece(n, kPieceSize, [&](int64_t begin, int64_t count) {
    extents[static_cast<size_t>(begin / kPieceSize)] =
        HWY_DYNAMIC_DISPATCH(ExtentOfPiece)(in + begin, count);
  });
  Extent extent;
  for (const Extent& of_piece : extents) {
    extent.smallest = std::min(extent.smallest, of_piece.smallest);
    extent.largest = std::max(extent.largest, of_piece.largest);
    extent.finite = extent.finite && of_piece.finite;
  }
  return extent;
}

}  // namespace mulberry
#endif  // HWY_ONCE
