// RoundArray into fixed point equals Round and Overflows of formats/fixed.h on every instruction
// set of this machine.
#include <gtest/gtest.h>

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

int64_t ExpectedOverflows(const FixedFormat& format, const std::vector<float>& in) {
  return std::ranges::count_if(in, [&](float x) { return Overflows(format, x); });
}

/// Values and the number of overflows.
void Check(const FixedFormat& format, const std::vector<float>& in, RandomStream stream = {11, 12},
           uint64_t first = 3) {
  const int64_t overflows = ExpectedOverflows(format, in);
  for (const Rounding rounding : kAllRoundings) {
    SCOPED_TRACE(Name(format) + " " + std::string(Name(rounding)));
    const std::vector<float> expected = Expected(format, rounding, in, stream, first);
    ForEachTarget([&] {
      std::vector<float> out(in.size());
      EXPECT_EQ(RoundArray(format, rounding, in.data(), out.data(), static_cast<int64_t>(in.size()),
                           stream, first),
                overflows);
      ExpectSameBits(out, expected, in);
    });
  }
}

/// Values, midpoints and their neighbours around zero and both bounds, and any bits.
std::vector<float> ValuesFor(const FixedFormat& format) {
  std::vector<float> in = RandomValues(500);
  const auto add = [&](float at) {
    in.insert(in.end(), {at, -at, std::nextafter(at, -HUGE_VALF), std::nextafter(at, HUGE_VALF),
                         -std::nextafter(at, HUGE_VALF)});
  };
  const float half = format.epsilon() / 2;
  for (int i = 0; i <= 40; ++i) {
    const float halves = static_cast<float>(i) * half;
    add(halves);
    add(format.max() - halves);
    add(-format.min() - halves);
    add(-format.min() + halves);
  }
  for (const uint32_t bits : {0x00000001u, 0x007fffffu, 0x00800000u, 0x7f7fffffu, 0x7f800000u,
                              0x7f800001u, 0xffc00000u, 0x80000001u, 0xff800000u}) {
    in.push_back(FromBits(bits));
  }
  return in;
}

TEST(RoundFixedArray, EveryLengthEqualsTheDefinition) {
  for (int length = 1; length <= FixedFormat::kMaxLength; ++length) {
    for (const int fraction_bits : {-63, -1, 0, 7, length, length + 30, 94}) {
      const FixedFormat format = MakeFixedFormat(length - fraction_bits, fraction_bits);
      Check(format, ValuesFor(format));
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(RoundFixedArray, AnyLengthOffsetAndStreamPosition) {
  std::vector<float> values = RandomValues(200);
  for (size_t i = 0; i < values.size(); i += 2) values[i] = static_cast<float>(i) / 7 - 10;
  const FixedFormat format{3, 4};
  const RandomStream stream{0x123456789abcdef0, 0xfedcba9876543210};
  ForEachTarget([&] {
    for (size_t begin = 0; begin < 5; ++begin) {
      for (size_t n = 0; n < 70; ++n) {
        const std::vector<float> in(values.begin() + begin, values.begin() + begin + n);
        const uint64_t first = 7 * n + begin;
        for (const Rounding rounding : kAllRoundings) {
          std::vector<float> out(values), expected(values);
          EXPECT_EQ(RoundArray(format, rounding, out.data() + begin, out.data() + begin,
                               static_cast<int64_t>(n), stream, first),
                    ExpectedOverflows(format, in));
          std::ranges::copy(Expected(format, rounding, in, stream, first),
                            expected.begin() + begin);
          ExpectSameBits(out, expected, values);  // In place, and nothing beside it is touched.
        }
      }
    }
  });
}

TEST(RoundFixedArray, DoesNotDependOnTheNumberOfThreads) {
  std::vector<float> in = RandomValues(3 * 65536 + 4097);
  for (size_t i = 0; i < in.size(); i += 3) in[i] = static_cast<float>(i % 4099) / 61 - 30;
  const int before = Threads();
  for (const int threads : {1, 2, 3}) {
    SetThreads(threads);
    Check(FixedFormat{4, 11}, in);
  }
  SetThreads(before);
}

#if defined(__SSE__)
TEST(RoundFixedArray, DoesNotDependOnFlushToZero) {
  for (const FixedFormat& format :
       {FixedFormat{-90, 94}, FixedFormat{94, -90}, FixedFormat{4, 4}}) {
    const std::vector<float> in = ValuesFor(format);
    for (const Rounding rounding : kAllRoundings) {
      const std::vector<float> expected = Expected(format, rounding, in);
      const int64_t overflows = ExpectedOverflows(format, in);
      std::vector<float> out(in.size());
      constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
      const unsigned before = _mm_getcsr();
      _mm_setcsr(before | kFlushToZero | kDenormalsAreZero);
      const int64_t counted =
          RoundArray(format, rounding, in.data(), out.data(), static_cast<int64_t>(in.size()));
      _mm_setcsr(before);
      EXPECT_EQ(counted, overflows);
      ExpectSameBits(out, expected, in);
    }
  }
}
#endif

}  // namespace
}  // namespace mulberry
