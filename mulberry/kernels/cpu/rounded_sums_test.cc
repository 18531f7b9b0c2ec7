// Rounded sums against the reference, bit for bit, on every instruction set: single additions near
// the midpoints of the format's values, in its subnormals, at its overflow and at FP32's. Long
// sums, shapes and multipliers are in plan/strategies_test.cc.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "mulberry/base/threads.h"
#include "mulberry/kernels/cpu/gemm.h"
#include "mulberry/kernels/test_multiplier.h"
#include "mulberry/kernels/test_targets.h"

namespace mulberry {
namespace {

/// Products by 1.
float Exactly(const void*, float a, float b) {
  return a * b;
}

FloatFormat Saturating(FloatFormat format) {
  format.overflow = Overflow::kSaturate;
  return format;
}

/// Pairs of numbers to be added: the first a value of the format, and the second such that the sum
/// is near to one halfway between two values.
std::vector<float> Pairs(const FloatFormat& format, size_t count) {
  std::mt19937 random(3);
  const auto value = [&](int low, int high) {
    const int exponent = low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
    const float significand = 1 + static_cast<float>(random() >> 9) * 0x1p-23f;
    return std::ldexp(random() % 2 ? significand : -significand, exponent);
  };
  // Down to where products still are normal numbers of FP32.
  const int smallest = std::max(format.min_exponent() - format.mantissa_bits - 3, -120);
  const int largest = std::min(format.max_exponent() + 2, 126);
  std::vector<float> pairs;
  while (pairs.size() < 2 * count) {
    const float sum = Round(format, Rounding::kNearestEven, value(smallest, largest));
    if (!std::isfinite(sum)) continue;
    const float near = Round(format, Rounding::kTowardZero, value(smallest, largest));
    const float gap =
        std::ldexp(1.0f, std::max(near == 0 ? smallest : std::ilogb(near), format.min_exponent()) -
                             format.mantissa_bits);
    float product = near + gap / 2 - sum;
    if (random() % 4 == 0) product = value(smallest, largest);
    if (random() % 4 == 0) product = value(-120, std::min(largest, smallest + 10));
    if (random() % 2) product = std::nextafter(product, static_cast<float>(random()) - 0x1p31f);
    if (product != 0 && std::fabs(product) < 0x1p-120f) continue;
    if (std::fabs(product) > 0x1p126f) continue;
    pairs.push_back(sum);
    pairs.push_back(product);
  }
  return pairs;
}

TEST(RoundedSums, SingleAdditionsAreTheReferences) {
  FloatFormat e4m3_nan = kE4m3;
  e4m3_nan.overflow = Overflow::kSpecial;
  for (const FloatFormat& format :
       {MakeFloatFormat(4, 3), kE4m3, e4m3_nan, kE5m2, Saturating(kE5m2), kFp16, kBf16, kTf32,
        Saturating(kBf16), MakeFloatFormat(8, 21), MakeFloatFormat(7, 21), MakeFloatFormat(2, 1),
        MakeFloatFormat(8, 1), MakeFloatFormat(3, 4)}) {
    const int64_t rows = 4000;
    const std::vector<float> pairs = Pairs(format, rows);
    const std::vector<float> ones = {1.0f, 1.0f};
    for (const Rounding rounding : {Rounding::kNearestEven, Rounding::kTowardZero}) {
      for (const int chunk : {0, 1}) {
        SCOPED_TRACE(testing::Message() << Name(format) << " " << Name(rounding) << " " << chunk);
        const FloatAccumulator accumulator{format, rounding, chunk};
        std::vector<float> expected(rows), actual(rows);
        GemmProblem problem;
        problem.a = StridedOperand(pairs.data(), rows, 2, 2, 1);
        problem.b = StridedOperand(ones.data(), 2, 1, 1, 1);
        problem.c = {.data = expected.data(), .row_stride = 1, .inner = 1};
        ReferenceGemm(problem, {Exactly, nullptr}, accumulator);
        problem.c.data = actual.data();
        ForEachTarget([&] {
          RoundedSumsGemm(problem, RoundedSums{accumulator},
                          ClosedFormMultiplier{ClosedForm::kExact, false, {Exactly, nullptr}});
          ExpectSameBits(expected, actual);
        });
        if (HasFatalFailure()) return;
      }
    }
  }
}

}  // namespace
}  // namespace mulberry
