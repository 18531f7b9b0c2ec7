// Random numbers with vectors: included once per instruction set (Highway's scheme, hence no
// include guard in the usual form). The numbers are those of base/random.h.
#if defined(MULBERRY_KERNELS_CPU_RANDOM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MULBERRY_KERNELS_CPU_RANDOM_INL_H_
#undef MULBERRY_KERNELS_CPU_RANDOM_INL_H_
#else
#define MULBERRY_KERNELS_CPU_RANDOM_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

#include "mulberry/base/random.h"

HWY_BEFORE_NAMESPACE();
namespace mulberry::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// Writes the words of blocks block, block + 1, ... of the stream to `out`: at least `count` blocks
/// and at most a vector's 64-bit lanes more.
#if HWY_TARGET == HWY_SCALAR
void FillRandom(RandomStream stream, uint64_t block, int64_t count, uint32_t* out) {
  for (int64_t i = 0; i < 4 * count; ++i) out[i] = stream.At(4 * block + static_cast<uint64_t>(i));
}
#else
/// Philox4x32-10 of base/random.h with one block in each 64-bit lane, whose low half is a word of
/// the counter. The high halves hold garbage, which no step brings down.
void FillRandom(RandomStream stream, uint64_t block, int64_t count, uint32_t* out) {
  const hn::ScalableTag<uint64_t> d;
  const hn::RepartitionToNarrow<decltype(d)> d32;
  using V = hn::Vec<decltype(d)>;
  const auto multiply = [&](uint32_t x, V y)
                            HWY_ATTR { return hn::MulEven(hn::Set(d32, x), hn::BitCast(d32, y)); };
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  // A stream has 2^62 blocks and then repeats.
  const V last_block = hn::Set(d, (uint64_t{1} << 62) - 1), low_half = hn::Set(d, 0xffffffff);
  V counter = hn::Iota(d, block);
  for (int64_t i = 0; i < count; i += lanes) {
    V c0 = hn::And(counter, last_block);
    counter = hn::Add(counter, hn::Set(d, static_cast<uint64_t>(lanes)));
    V c1 = hn::ShiftRight<32>(c0);
    V c2 = hn::Set(d, stream.stream), c3 = hn::Set(d, stream.stream >> 32);
    uint32_t key0 = static_cast<uint32_t>(stream.seed);
    uint32_t key1 = static_cast<uint32_t>(stream.seed >> 32);
    for (int round = 0; round < philox::kRounds; ++round) {
      const V product0 = multiply(philox::kMultipliers[0], c0),
              product1 = multiply(philox::kMultipliers[1], c2);
      c0 = hn::Xor(hn::Xor(hn::ShiftRight<32>(product1), c1), hn::Set(d, key0));
      c1 = product1;
      c2 = hn::Xor(hn::Xor(hn::ShiftRight<32>(product0), c3), hn::Set(d, key1));
      c3 = product0;
      key0 += philox::kWeyl[0];
      key1 += philox::kWeyl[1];
    }
    const V words01 = hn::Or(hn::And(c0, low_half), hn::ShiftLeft<32>(c1));
    const V words23 = hn::Or(hn::And(c2, low_half), hn::ShiftLeft<32>(c3));
    hn::StoreInterleaved2(words01, words23, d, reinterpret_cast<uint64_t*>(out + 4 * i));
  }
}
#endif

/// Calls body(i, count, randoms) for consecutive pieces of 0..n, with the random numbers first + i,
/// first + i + 1, ...; `randoms` is readable to the next full vector. They are made a buffer at a
/// time, from the start of the block in which the first lies.
template <class Body>
void WithRandoms(int64_t n, RandomStream stream, uint64_t first, const Body& body) {
  constexpr int64_t kBuffer = 1024;
  constexpr size_t kMaxLanes = hn::MaxLanes(hn::ScalableTag<uint64_t>());
  HWY_ALIGN uint32_t randoms[kBuffer + 4 + 4 * kMaxLanes];
  for (int64_t i = 0; i < n; i += kBuffer) {
    const int64_t count = std::min(kBuffer, n - i);
    const uint64_t index = first + static_cast<uint64_t>(i);
    const int64_t skipped = static_cast<int64_t>(index % 4);
    FillRandom(stream, index / 4, (skipped + count + 3) / 4, randoms);
    body(i, count, randoms + skipped);
  }
}

}  // namespace
}  // namespace mulberry::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
