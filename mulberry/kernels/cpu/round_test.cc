// RoundArray equals Round of formats/rounding.h and formats/posit.h, and QuantizeArray Quantize of
// formats/quantizer.h, bit for bit on every instruction set of this machine.
#include "mulberry/kernels/round.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <vector>

#include "mulberry/base/threads.h"
#include "mulberry/kernels/test_rounding.h"
#include "mulberry/kernels/test_targets.h"

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace mulberry {
namespace {

std::vector<float> Rounded(const IntegerFormat& format, Rounding rounding,
                           const std::vector<float>& in, RandomStream stream = {},
                           uint64_t first = 0) {
  std::vector<float> out(in.size());
  QuantizeArray({format}, rounding, in.data(), out.data(), static_cast<int64_t>(in.size()), stream,
                first);
  return out;
}

/// Of floats and posits.
template <class Format>
std::vector<float> Rounded(const Format& format, Rounding rounding, const std::vector<float>& in,
                           RandomStream stream = {}, uint64_t first = 0) {
  std::vector<float> out(in.size());
  RoundArray(format, rounding, in.data(), out.data(), static_cast<int64_t>(in.size()), stream,
             first);
  return out;
}

/// On every target, for each rounding.
template <class Format>
void CheckOnEveryTarget(const Format& format, const std::vector<float>& in) {
  const RandomStream stream{11, 12};
  for (const Rounding rounding : kAllRoundings) {
    SCOPED_TRACE(Name(format) + " " + std::string(Name(rounding)));
    const std::vector<float> expected = Expected(format, rounding, in, stream, 3);
    ForEachTarget([&] { ExpectSameBits(Rounded(format, rounding, in, stream, 3), expected, in); });
  }
}

FloatFormat With(FloatFormat format, Overflow overflow) {
  format.overflow = overflow;
  return format;
}

// All upper halves, that is all signs, exponents and 7 mantissa bits, over lower halves at the
// edges.
TEST(RoundArray, AllUpperHalvesForNamedFormats) {
  std::vector<float> in;
  for (uint32_t upper = 0; upper < 1 << 16; ++upper) {
    for (const uint32_t lower : {0x0000u, 0x0001u, 0x8000u, 0xffffu}) {
      in.push_back(FromBits(upper << 16 | lower));
    }
  }
  for (const NamedFormat& named : NamedFormats()) {
    CheckOnEveryTarget(With(named.format, Overflow::kSpecial), in);
    CheckOnEveryTarget(With(named.format, Overflow::kSaturate), in);
  }
}

// Values, midpoints and their neighbours of every format: a set bit anywhere and ones below or
// above.
TEST(RoundArray, DirectedAndRandomValuesForEveryFormat) {
  std::vector<float> in = RandomValues(2000);
  for (uint32_t top = 0; top < 512; ++top) {  // Sign and exponent.
    for (int bit = 0; bit < 23; ++bit) {
      const uint32_t one = 1u << bit;
      for (const uint32_t mantissa : {one, one - 1, one + 1, 0x800000 - one}) {
        in.push_back(FromBits(top << 23 | (mantissa & 0x7fffff)));
      }
    }
  }
  const FloatFormat nan_only{3, 1, Specials::kNanOnly, Overflow::kSpecial};
  CheckOnEveryTarget(nan_only, in);
  for (int e = 2; e <= 8; ++e) {
    for (int m = 0; m <= 23; ++m) {
      // A tenth of the values for each format, another tenth for the next.
      std::vector<float> some;
      for (size_t i = (24 * e + m) % 10; i < in.size(); i += 10) some.push_back(in[i]);
      CheckOnEveryTarget(MakeFloatFormat(e, m), some);
    }
  }
}

/// The values of the format and the midpoints of neighbouring ones, of both signs, each with its
/// FP32 neighbours.
std::vector<float> AroundBoundaries(const PositFormat& format) {
  std::vector<float> around;
  const PositFormat halves{format.bits + 1, format.exponent_bits};
  for (uint32_t encoding = 0; encoding <= halves.maxpos(); ++encoding) {
    const float at = Decode(halves, encoding);
    for (const float x : {at, std::nextafter(at, 0.0f), std::nextafter(at, HUGE_VALF)}) {
      around.insert(around.end(), {x, -x});
    }
  }
  return around;
}

// Every posit of up to 16 bits, and everything where the result changes; subnormals, specials and
// any values.
TEST(RoundArray, BoundariesSpecialsAndRandomValuesForEveryPositFormat) {
  std::vector<float> others = RandomValues(2000);
  for (uint32_t upper = 0; upper < 1 << 16; upper += 64) {
    for (const uint32_t lower : {0x0000u, 0x0001u, 0xffffu}) {
      others.push_back(FromBits(upper << 16 | lower));
    }
  }
  for (int bits = PositFormat::kMinBits; bits <= 32; ++bits) {
    for (int exponent_bits = 0; exponent_bits <= 6; ++exponent_bits) {
      const PositFormat format{bits, exponent_bits};
      if (WhyNotCarried(format)) continue;
      std::vector<float> in = others;
      if (bits <= 16) {
        const std::vector<float> around = AroundBoundaries(format);
        in.insert(in.end(), around.begin(), around.end());
      }
      CheckOnEveryTarget(format, in);
    }
  }
}

// Every integer of the format and its neighbours, ties and what lies beside them, and any values.
TEST(RoundArray, IntegersTiesAndRandomValuesForEveryIntegerFormat) {
  std::vector<float> in = RandomValues(2000);
  for (int i = -300; i <= 300; ++i) {
    for (const float at : {static_cast<float>(i), static_cast<float>(i) + 0.5f}) {
      for (const float x : {at, std::nextafter(at, -1e9f), std::nextafter(at, 1e9f)}) {
        in.insert(in.end(), {x, 1 / x, 109 * x, 32768 + x, -32768 + x, 65535 + x});
      }
    }
  }
  for (int bits = IntegerFormat::kMinBits; bits <= IntegerFormat::kMaxBits; ++bits) {
    for (const bool is_signed : {false, true}) {
      CheckOnEveryTarget(IntegerFormat{bits, is_signed}, in);
    }
  }
}

// Every alignment of the data and of the stream's blocks, every remainder of the vector's lanes.
TEST(RoundArray, AnyLengthOffsetAndStreamPosition) {
  const std::vector<float> values = RandomValues(200);
  const RandomStream stream{0x123456789abcdef0, 0xfedcba9876543210};
  ForEachTarget([&] {
    for (size_t begin = 0; begin < 5; ++begin) {
      for (size_t n = 0; n < 70; ++n) {
        constexpr IntegerFormat kInt5{5, true};
        constexpr PositFormat kPosit{8, 1};
        const std::vector<float> in(values.begin() + begin, values.begin() + begin + n);
        const uint64_t first = 7 * n + begin;
        for (const Rounding rounding : kAllRoundings) {
          std::vector<float> out(values);
          RoundArray(kBf16, rounding, out.data() + begin, out.data() + begin,
                     static_cast<int64_t>(n), stream, first);
          std::vector<float> expected(values);
          std::ranges::copy(Expected(kBf16, rounding, in, stream, first), expected.begin() + begin);
          ExpectSameBits(out, expected, values);  // In place, and nothing beside it is touched.
          ExpectSameBits(Rounded(kInt5, rounding, in, stream, first),
                         Expected(kInt5, rounding, in, stream, first), in);
          ExpectSameBits(Rounded(kPosit, rounding, in, stream, first),
                         Expected(kPosit, rounding, in, stream, first), in);
        }
      }
    }
  });
}

TEST(QuantizeArray, AnyStepAndZeroPoint) {
  std::vector<float> in = RandomValues(1000);
  for (int i = -40; i < 40; ++i) in.push_back(0.05f * static_cast<float>(i));  // Ties of step 0.1.
  const RandomStream stream{11, 12};
  for (const IntegerFormat& format : {IntegerFormat{8, true}, {8, false}, {4, true}, {16, false}}) {
    for (const float step : {0.1f, 3.0f, 0x1p-140f, 0x1p120f}) {
      for (const int32_t zero : {format.min(), 0, 5, format.max()}) {
        const Quantizer quantizer{format, step, zero};
        for (const Rounding rounding : kAllRoundings) {
          std::vector<float> expected;
          for (size_t i = 0; i < in.size(); ++i) {
            expected.push_back(Quantize(quantizer, rounding, in[i], stream.At(i)));
          }
          ForEachTarget([&] {
            std::vector<float> out(in.size());
            QuantizeArray(quantizer, rounding, in.data(), out.data(),
                          static_cast<int64_t>(in.size()), stream);
            ExpectSameBits(out, expected, in);
          });
        }
      }
    }
  }
}

TEST(ExtentOf, IsTheRangeOfAllValuesAndZero) {
  std::vector<float> in(70000);
  for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i % 97) / 97;
  ForEachTarget([&] {
    for (const size_t n : {size_t{0}, size_t{1}, size_t{37}, in.size()}) {
      const Extent extent = ExtentOf(in.data(), static_cast<int64_t>(n));
      EXPECT_EQ(extent.smallest, 0.0f);
      EXPECT_EQ(extent.largest, n == 0 ? 0.0f : *std::max_element(in.begin(), in.begin() + n));
      EXPECT_TRUE(extent.finite);
    }
    for (const size_t at : {size_t{0}, size_t{65537}, in.size() - 1}) {
      const float before = in[at];
      in[at] = -5.0f;
      EXPECT_EQ(ExtentOf(in.data(), static_cast<int64_t>(in.size())).smallest, -5.0f);
      for (const float special : {HUGE_VALF, -HUGE_VALF, std::nanf("")}) {
        in[at] = special;
        EXPECT_FALSE(ExtentOf(in.data(), static_cast<int64_t>(in.size())).finite);
      }
      in[at] = before;
    }
  });
}

TEST(RoundArray, ReadsTheStreamAtFarPositions) {
  const std::vector<float> in(64, 1.001f);
  const RandomStream stream{1, 2};
  ForEachTarget([&] {
    for (const uint64_t first : {(uint64_t{1} << 34) - 9, uint64_t{1} << 63, ~uint64_t{0} - 20}) {
      ExpectSameBits(Rounded(kBf16, Rounding::kStochastic, in, stream, first),
                     Expected(kBf16, Rounding::kStochastic, in, stream, first), in);
    }
  });
}

TEST(RoundArray, DoesNotDependOnTheNumberOfThreads) {
  const std::vector<float> in = RandomValues(3 * 65536 + 4097);
  const RandomStream stream{3, 4};
  const int before = Threads();
  for (const Rounding rounding : kAllRoundings) {
    const std::vector<float> expected = Expected(kBf16, rounding, in, stream, 5);
    const std::vector<float> posits = Expected(PositFormat{16, 1}, rounding, in, stream, 5);
    for (const int threads : {1, 2, 3}) {
      SetThreads(threads);
      ExpectSameBits(Rounded(kBf16, rounding, in, stream, 5), expected, in);
      ExpectSameBits(Rounded(PositFormat{16, 1}, rounding, in, stream, 5), posits, in);
    }
  }
  SetThreads(before);
}

#if defined(__SSE__)
TEST(RoundArray, DoesNotDependOnFlushToZero) {
  std::vector<float> in;
  for (uint32_t i = 0; i < 1 << 10; ++i) in.push_back(FromBits(i << 14));  // Most are subnormal.
  const auto check = [&](const auto& format) {
    for (const Rounding rounding : kAllRoundings) {
      const std::vector<float> expected = Expected(format, rounding, in);
      constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
      const unsigned before = _mm_getcsr();
      _mm_setcsr(before | kFlushToZero | kDenormalsAreZero);
      const std::vector<float> got = Rounded(format, rounding, in);
      _mm_setcsr(before);
      ExpectSameBits(got, expected, in);
    }
  };
  for (const FloatFormat& format : {kBf16, kTf32, kFp32, kFp16, MakeFloatFormat(8, 0)}) {
    check(format);
  }
  check(PositFormat{16, 1});
}
#endif

}  // namespace
}  // namespace mulberry
