// For the kernels' tests: a multiplier given by a table of significand products, with its scalar
// definition written apart from the library's (multipliers/ is above this folder), operands full of
// special cases, and the comparison of results bit by bit.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "mulberry/kernels/gemm.h"

namespace mulberry {

/// A multiplier of m-bit mantissas with any table of products in [0, 4].
struct TestMultiplier {
  int m;
  std::vector<float> products;

  /// The rule of multipliers/float_multiplier.h in double arithmetic, which holds every product.
  float operator()(float a, float b) const {
    const double flush = 0x1p-126;
    if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<float>::quiet_NaN();
    const float sign = std::signbit(a) != std::signbit(b) ? -1.0f : 1.0f;
    const bool a_zero = std::fabs(a) < flush, b_zero = std::fabs(b) < flush;
    if (std::isinf(a) || std::isinf(b)) {
      if (a_zero || b_zero) return std::numeric_limits<float>::quiet_NaN();
      return sign * std::numeric_limits<float>::infinity();
    }
    if (a_zero || b_zero) return sign * 0.0f;
    const uint32_t i = (std::bit_cast<uint32_t>(a) & 0x7fffff) >> (23 - m);
    const uint32_t j = (std::bit_cast<uint32_t>(b) & 0x7fffff) >> (23 - m);
    const double product =
        std::ldexp(double{products[(i << m) | j]}, std::ilogb(a) + std::ilogb(b));
    if (product < flush) return sign * 0.0f;
    if (product >= 0x1p128) return sign * std::numeric_limits<float>::infinity();
    return sign * static_cast<float>(product);
  }

  ScalarProduct product() const {
    return {[](const void* self, float a, float b) {
              return (*static_cast<const TestMultiplier*>(self))(a, b);
            },
            this};
  }
};

/// Random products with `bits` mantissa bits in [1, 4).
inline TestMultiplier RandomMultiplier(int m, int bits, uint32_t seed) {
  std::mt19937 random(seed);
  TestMultiplier result{m, std::vector<float>(size_t{1} << 2 * m)};
  for (float& product : result.products) {
    const uint32_t code = random() & ((2u << bits) - 1);
    product = std::bit_cast<float>(uint32_t{0x3f800000} + (code << (23 - bits)));
  }
  return result;
}

/// What the elements of a test matrix are like.
enum class Elements { kOrdinary, kSparse, kTiny, kHuge, kSpecial };
inline constexpr Elements kAllElements[] = {Elements::kOrdinary, Elements::kSparse, Elements::kTiny,
                                            Elements::kHuge, Elements::kSpecial};

/// Values with m mantissa bits.
inline std::vector<float> RandomElements(size_t n, int m, Elements kind, uint32_t seed) {
  std::mt19937 random(seed);
  const auto value = [&](int low, int high) {
    const uint32_t exponent = low + random() % (high - low + 1);
    const uint32_t mantissa = (random() & 0x7fffff) >> (23 - m) << (23 - m);
    const uint32_t sign = (random() & 1) << 31;
    return std::bit_cast<float>(sign | exponent << 23 | mantissa);
  };
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const float specials[] = {0.0f,       -0.0f,      0x1p-126f,
                            -0x1p-126f, 0x1p-127f,  -0x1p-133f,
                            kInfinity,  -kInfinity, std::numeric_limits<float>::quiet_NaN(),
                            0x1.8p127f, -0x1p127f};
  std::vector<float> result(n);
  for (float& x : result) {
    switch (kind) {
      case Elements::kOrdinary:
        x = value(120, 130);
        break;
      case Elements::kSparse:
        x = random() % 2 ? value(110, 128) : (random() % 2 ? 0.0f : -0.0f);
        break;
      case Elements::kTiny:
        x = random() % 8 ? value(1, 70) : value(120, 130);
        break;
      case Elements::kHuge:
        x = random() % 8 ? value(120, 130) : value(180, 254);
        break;
      case Elements::kSpecial:
        x = random() % 64 ? value(100, 140) : specials[random() % 11];
        break;
    }
  }
  return result;
}

/// Every element of `actual` has the bits of `expected`; a NaN equals any NaN.
inline void ExpectSameBits(const std::vector<float>& expected, const std::vector<float>& actual) {
  ASSERT_EQ(expected.size(), actual.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    if (std::isnan(expected[i]) && std::isnan(actual[i])) continue;
    ASSERT_EQ(std::bit_cast<uint32_t>(expected[i]), std::bit_cast<uint32_t>(actual[i]))
        << "element " << i << ": expected " << expected[i] << ", got " << actual[i];
  }
}

}  // namespace mulberry
