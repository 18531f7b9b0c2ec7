#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "mulberry/base/threads.h"
#include "mulberry/kernels/round.h"

namespace mulberry {
namespace {

/// The definition, one logarithm an element.
double Expected(const std::vector<float>& values, float smallest, float largest) {
  double sum = 0;
  for (const float value : values) {
    sum += std::log2(double{std::min(std::max(std::abs(value), smallest), largest)});
  }
  return sum / static_cast<double>(values.size());
}

TEST(MeanLog2, IsTheMeanOfLogarithms) {
  const RandomStream random{1, 0};
  for (const size_t n : {1, 7, 8, 9, 4095, 4096, 4097, 100'000}) {
    std::vector<float> values(n);
    for (size_t i = 0; i < n; ++i) {
      values[i] = std::ldexp(static_cast<float>(random.At(i)) - 0x1p31f,
                             -static_cast<int>(random.At(i + n) % 64));
    }
    for (const auto& [smallest, largest] :
         {std::pair{0x1p-12f, 0x1p12f}, {0x1p-133f, 0x1.fep127f}}) {
      const double mean = MeanLog2(values.data(), static_cast<int64_t>(n), smallest, largest);
      EXPECT_NEAR(mean, Expected(values, smallest, largest), 1e-11) << n;
    }
  }
}

TEST(MeanLog2, TakesSubnormalsZerosAndSpecials) {
  const auto of = [](std::vector<float> values) {
    return MeanLog2(values.data(), static_cast<int64_t>(values.size()), 0x1p-149f, 0x1p100f);
  };
  EXPECT_EQ(of({0x1p-149f}), -149);
  EXPECT_EQ(of({0.0f, -0.0f}), 0);
  EXPECT_EQ(of({0.0f, 8.0f, -0.0f, 2.0f}), 2);
  EXPECT_EQ(of({-INFINITY, 0x1p127f}), 100);
  EXPECT_EQ(of({std::nanf(""), 1.0f}), -74.5);
  EXPECT_EQ(of({}), 0);
  // Mantissas near 2, whose product is the largest there is.
  EXPECT_NEAR(of(std::vector<float>(5000, 0x1.fffffep0f)), 1, 1e-6);
}

TEST(MeanLog2, IsTheSameForAnyNumberOfThreads) {
  std::vector<float> values(50'000);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(RandomStream{2, 0}.At(i));
  const int threads = Threads();
  SetThreads(1);
  const double one = MeanLog2(values.data(), 50'000, 0x1p-30f, 0x1p30f);
  SetThreads(3);
  EXPECT_EQ(MeanLog2(values.data(), 50'000, 0x1p-30f, 0x1p30f), one);
  SetThreads(threads);
}

}  // namespace
}  // namespace mulberry
