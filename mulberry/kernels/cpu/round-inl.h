// How the rounding kernels choose a mode and go through an array: included once per instruction set
// (Highway's scheme, hence no include guard in the usual form).
#if defined(MULBERRY_KERNELS_CPU_ROUND_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MULBERRY_KERNELS_CPU_ROUND_INL_H_
#undef MULBERRY_KERNELS_CPU_ROUND_INL_H_
#else
#define MULBERRY_KERNELS_CPU_ROUND_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

#include "mulberry/formats/rounding.h"
#include "mulberry/kernels/cpu/random-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mulberry::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// out[i] = round(d, in[i], i) for vectors of elements from i on; the last one reads zeros beyond
/// n.
template <class Round>
void RoundVectors(const float* in, float* out, int64_t n, const Round& round) {
  const hn::ScalableTag<float> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(round(d, hn::LoadU(d, in + i), i), d, out + i);
  if (i == n) return;
  // Through a buffer, not one lane at a time: Highway 1.0.3's Shl is wrong for vectors of one lane.
  HWY_ALIGN float rest[hn::MaxLanes(d)] = {};
  std::copy(in + i, in + n, rest);
  hn::Store(round(d, hn::Load(d, rest), i), d, rest);
  std::copy(rest, rest + (n - i), out + i);
}

/// Calls body(mode, i, count, randoms) with that one of the four modes which is `rounding`'s: for
/// all of 0..n, or, if it is the stochastic one, for parts of it with their random numbers
/// (WithRandoms). The others read none.
template <class NearestEvenMode, class NearestUpMode, class TowardZeroMode, class StochasticMode,
          class Body>
void InMode(Rounding rounding, int64_t n, RandomStream stream, uint64_t first, const Body& body) {
  switch (rounding) {
    case Rounding::kNearestEven:
      return body(NearestEvenMode(), 0, n, nullptr);
    case Rounding::kNearestUp:
      return body(NearestUpMode(), 0, n, nullptr);
    case Rounding::kTowardZero:
      return body(TowardZeroMode(), 0, n, nullptr);
    case Rounding::kStochastic:
      return WithRandoms(n, stream, first, [&](int64_t i, int64_t count, const uint32_t* randoms) {
        body(StochasticMode(), i, count, randoms);
      });
  }
}

}  // namespace
}  // namespace mulberry::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
