// For the tests of rounding kernels: values to round, and arrays compared bit for bit.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "mulberry/base/random.h"
#include "mulberry/formats/rounding.h"

namespace mulberry {

inline constexpr Rounding kAllRoundings[] = {Rounding::kNearestEven, Rounding::kNearestUp,
                                             Rounding::kTowardZero, Rounding::kStochastic};

inline float FromBits(uint32_t bits) {
  return std::bit_cast<float>(bits);
}

/// What the scalar definition gives.
template <class Format>
std::vector<float> Expected(const Format& format, Rounding rounding, const std::vector<float>& in,
                            RandomStream stream = {}, uint64_t first = 0) {
  std::vector<float> out;
  for (size_t i = 0; i < in.size(); ++i) {
    const uint32_t random = rounding == Rounding::kStochastic ? stream.At(first + i) : 0;
    out.push_back(Round(format, rounding, in[i], random));
  }
  return out;
}

/// EXPECTs equal bits and shows the first difference.
inline void ExpectSameBits(const std::vector<float>& got, const std::vector<float>& expected,
                           const std::vector<float>& in) {
  const auto same = [](float x, float y) {
    return std::bit_cast<uint32_t>(x) == std::bit_cast<uint32_t>(y);
  };
  const auto found = std::mismatch(got.begin(), got.end(), expected.begin(), expected.end(), same);
  if (found.first == got.end() && found.second == expected.end()) return;
  ASSERT_EQ(got.size(), expected.size());
  const size_t i = found.first - got.begin();
  ADD_FAILURE() << "element " << i << ": " << std::hexfloat << in[i] << " gave " << got[i]
                << ", expected " << expected[i];
}

/// Any bits: most are numbers of all magnitudes.
inline std::vector<float> RandomValues(size_t n) {
  const RandomStream values{5, 6};
  std::vector<float> in;
  for (size_t i = 0; i < n; ++i) in.push_back(FromBits(values.At(i)));
  return in;
}

}  // namespace mulberry
