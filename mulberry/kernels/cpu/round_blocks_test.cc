// RoundArray into block formats equals RoundBlock of formats/block.h, block by block, on every
// instruction set of this machine.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "mulberry/base/threads.h"
#include "mulberry/kernels/round.h"
#include "mulberry/kernels/test_rounding.h"
#include "mulberry/kernels/test_targets.h"

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace mulberry {
namespace {

std::vector<BlockFormat> Formats() {
  std::vector<BlockFormat> formats;
  for (const NamedBlockFormat& named : NamedBlockFormats()) formats.push_back(named.format);
  for (const int block : {1, 3, 8, 16, 100, 1500}) {
    for (const int bits : {2, 5, 8, 24}) formats.push_back(MakeBlockFloatingPoint(bits, block));
  }
  return formats;
}

std::vector<float> ExpectedBlocks(const BlockFormat& format, Rounding rounding,
                                  const std::vector<float>& in, RandomStream stream = {},
                                  uint64_t first = 0) {
  std::vector<float> out(in.size());
  for (size_t i = 0; i < in.size(); i += format.block) {
    const size_t n = std::min<size_t>(format.block, in.size() - i);
    RoundBlock(format, rounding, in.data() + i, out.data() + i, static_cast<int64_t>(n), stream,
               first + i);
  }
  return out;
}

void Check(const BlockFormat& format, const std::vector<float>& in, uint64_t first = 3) {
  const RandomStream stream{11, 12};
  for (const Rounding rounding : kAllRoundings) {
    SCOPED_TRACE(Name(format) + " " + std::string(Name(rounding)));
    const std::vector<float> expected = ExpectedBlocks(format, rounding, in, stream, first);
    ForEachTarget([&] {
      std::vector<float> out(in.size());
      RoundArray(format, rounding, in.data(), out.data(), static_cast<int64_t>(in.size()), stream,
                 first);
      ExpectSameBits(out, expected, in);
    });
  }
}

/// Groups of 30 values within 2^12 of each other, of all exponents, with few significant bits in
/// half of them so that ties are common; zeros and subnormals among them.
std::vector<float> ValuesOfAllScales() {
  const RandomStream random{7, 8};
  std::vector<float> in;
  for (int exponent = -149; exponent <= 127; ++exponent) {
    for (int i = 0; i < 30; ++i) {
      const uint32_t r = random.At(in.size());
      const int bits = r % 2 == 0 ? 4 : 24;
      const float significand = std::ldexp(static_cast<float>(r >> (32 - bits)), -bits);
      const int below = static_cast<int>(r >> 1 & 15);
      const float value = std::ldexp(significand, exponent - std::max(0, below - 3));
      in.push_back(r >> 5 & 1 ? value : -value);
    }
  }
  return in;
}

TEST(RoundBlockArray, AllScalesEqualTheDefinition) {
  const std::vector<float> in = ValuesOfAllScales();
  for (const BlockFormat& format : Formats()) Check(format, in);
}

// Most blocks of a short format are finite, and those of a long one have an infinity or NaN.
TEST(RoundBlockArray, AnyBits) {
  const std::vector<float> in = RandomValues(4000);
  for (const BlockFormat& format : Formats()) Check(format, in);
}

TEST(RoundBlockArray, SpecialValuesAtEachPlace) {
  for (const BlockFormat& format : Formats()) {
    for (const float special : {HUGE_VALF, -HUGE_VALF, -std::nanf(""), -0.0f}) {
      for (size_t place = 0; place < 40; ++place) {
        std::vector<float> in(70, place % 2 == 0 ? 1.5f : 0.0f);
        in[place] = special;
        std::vector<float> out(in);
        RoundArray(format, Rounding::kNearestEven, out.data(), out.data(), 70);
        ExpectSameBits(out, ExpectedBlocks(format, Rounding::kNearestEven, in), in);
      }
    }
  }
}

// Every alignment of the data and of the stream's blocks, every length of the last block.
TEST(RoundBlockArray, AnyLengthOffsetAndStreamPosition) {
  std::vector<float> values(200);
  for (size_t i = 0; i < values.size(); ++i) values[i] = 10 - static_cast<float>(i * i % 97) / 5;
  const RandomStream stream{0x123456789abcdef0, 0xfedcba9876543210};
  for (const BlockFormat& format : {*FindBlockFormat("mxfp4"), MakeBlockFloatingPoint(5, 7)}) {
    ForEachTarget([&] {
      for (size_t begin = 0; begin < 3; ++begin) {
        for (size_t n = 0; n < 70; ++n) {
          const std::vector<float> in(values.begin() + begin, values.begin() + begin + n);
          const uint64_t first = 7 * n + begin;
          for (const Rounding rounding : kAllRoundings) {
            std::vector<float> out(values), expected(values);
            RoundArray(format, rounding, out.data() + begin, out.data() + begin,
                       static_cast<int64_t>(n), stream, first);
            std::ranges::copy(ExpectedBlocks(format, rounding, in, stream, first),
                              expected.begin() + begin);
            ExpectSameBits(out, expected, values);  // In place, and nothing beside it is touched.
          }
        }
      }
    });
  }
}

TEST(RoundBlockArray, DoesNotDependOnTheNumberOfThreads) {
  std::vector<float> in(3 * 65536 + 4097);
  for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i % 4099) / 61 - 30;
  const int before = Threads();
  for (const int threads : {1, 2, 3}) {
    SetThreads(threads);
    Check(*FindBlockFormat("mxfp8"), in);
    Check(MakeBlockFloatingPoint(8, 65536), in);
  }
  SetThreads(before);
}

#if defined(__SSE__)
TEST(RoundBlockArray, DoesNotDependOnFlushToZero) {
  const std::vector<float> in = ValuesOfAllScales();
  for (const BlockFormat& format : Formats()) {
    for (const Rounding rounding : kAllRoundings) {
      const std::vector<float> expected = ExpectedBlocks(format, rounding, in);
      std::vector<float> out(in.size());
      constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
      const unsigned before = _mm_getcsr();
      _mm_setcsr(before | kFlushToZero | kDenormalsAreZero);
      RoundArray(format, rounding, in.data(), out.data(), static_cast<int64_t>(in.size()));
      _mm_setcsr(before);
      ExpectSameBits(out, expected, in);
    }
  }
}
#endif

}  // namespace
}  // namespace mulberry
