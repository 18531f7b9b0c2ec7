// For tests: pairs of posits whose sums and products are compared with the definition.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <vector>

#include "mulberry/base/random.h"
#include "mulberry/formats/posit_arithmetic.h"
#include "mulberry/formats/test_posit.h"

namespace mulberry {

inline void CheckPair(const PositFormat& format, uint32_t a, uint32_t b) {
  if (a == format.nar() || b == format.nar()) return;
  const TestValue x = TestDecode(format.bits, format.exponent_bits, a);
  const TestValue y = TestDecode(format.bits, format.exponent_bits, b);
  const auto expected = [&](const TestFixed& exact) {
    return TestEncoding(format, TestRound(format, true, exact));
  };
  ASSERT_EQ(PositAdd(format, a, b), expected(x.Fixed() + y.Fixed()))
      << Name(format) << ' ' << std::hex << a << " + " << b;
  ASSERT_EQ(PositMultiply(format, a, b), expected(x.Times(y)))
      << Name(format) << ' ' << std::hex << a << " * " << b;
}

inline void CheckAllPairs(const PositFormat& format) {
  for (uint32_t a = 0; a < uint32_t{1} << format.bits; ++a) {
    for (uint32_t b = 0; b < uint32_t{1} << format.bits; ++b) CheckPair(format, a, b);
  }
}

/// Encodings next to powers of two, to the ends of the range and to zero, of both signs.
inline void CheckDirectedPairs(const PositFormat& format) {
  std::vector<uint32_t> encodings;
  for (int bit = 0; bit < format.bits - 1; ++bit) {
    const uint32_t one = uint32_t{1} << bit;
    for (const uint32_t encoding : {one, one - 1, one + 1, format.nar() - one}) {
      encodings.push_back(encoding & format.maxpos());
      encodings.push_back(format.Negated(encoding & format.maxpos()));
    }
  }
  for (const uint32_t a : encodings) {
    for (const uint32_t b : encodings) CheckPair(format, a, b);
  }
}

/// Any pairs, and pairs whose second is near to the first or to its negative: sums that cancel.
inline void CheckRandomPairs(const PositFormat& format, uint64_t count) {
  const RandomStream stream{17, static_cast<uint64_t>(format.bits * 16 + format.exponent_bits)};
  const uint32_t mask = format.nar() | format.maxpos();
  for (uint64_t i = 0; i < count; ++i) {
    const uint32_t a = stream.At(4 * i) & mask;
    CheckPair(format, a, stream.At(4 * i + 1) & mask);
    const uint32_t near = (a + (stream.At(4 * i + 2) >> (stream.At(4 * i + 3) % 32))) & mask;
    CheckPair(format, a, near);
    CheckPair(format, a, format.Negated(near));
  }
}

}  // namespace mulberry
