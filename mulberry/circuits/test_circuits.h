// For the tests of circuits: a cache of the test program's own, and the sources in tests/circuits.
// Test code.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"
#include "mulberry/circuits/circuit.h"

namespace mulberry {

inline std::string SourceFile(const std::string& name) {
  return std::string(MULBERRY_SOURCE_DIR) + "/tests/circuits/" + name;
}

/// Every program's cache is empty when it starts and gone when it ends.
inline const TestFolder test_cache_folder;
inline const ScopedVariable test_cache_variable("MULBERRY_CACHE", test_cache_folder.path().c_str());

constexpr CircuitShape Unsigned(int bits) {
  return {bits, bits, false, false, false};
}
constexpr CircuitShape Signed(int bits) {
  return {bits, bits, true, true, false};
}
constexpr CircuitShape kFloatShape{0, 0, false, false, true};

template <typename Function>
std::string MessageOf(Function function) {
  try {
    function();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// The table of `product`, a function of two numbers.
template <typename Function>
std::vector<int64_t> TableOf(const CircuitShape& shape, Function product) {
  std::vector<int64_t> products;
  for (uint64_t a = 0; a < uint64_t{1} << shape.a_bits; ++a) {
    for (uint64_t b = 0; b < uint64_t{1} << shape.b_bits; ++b) {
      products.push_back(product(ValueOf(a, shape.a_bits, shape.a_signed),
                                 ValueOf(b, shape.b_bits, shape.b_signed)));
    }
  }
  return products;
}

/// The circuit of tests/circuits/multipliers.*: the first operand loses its two lowest bits.
inline int64_t DropProduct(int64_t a, int64_t b) {
  return (a & ~int64_t{3}) * b;
}

/// That of mul4u_or.*: the partial products of columns 0 to 2 are ORed, those of the others added.
inline int64_t OrProduct(int64_t a, int64_t b) {
  int64_t product = 0;
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) {
      const int64_t partial = (a >> i & b >> j & 1) << (i + j);
      product = i + j < 3 ? product | partial : product + partial;
    }
  }
  return product;
}

}  // namespace mulberry
