// Sums and products of posits as in posit_arithmetic_test.cc, of more pairs than its seconds allow.
#include "mulberry/formats/test_posit_pairs.h"

namespace mulberry {
namespace {

TEST(PositPairs, AllPairsOfUpToNineBits) {
  for (int bits = 7; bits <= 9; ++bits) {
    for (int exponent_bits = 0; exponent_bits <= 4; ++exponent_bits) {
      CheckAllPairs({bits, exponent_bits});
    }
  }
}

TEST(PositPairs, MillionsOfRandomPairs) {
  for (const PositFormat& format : {PositFormat{16, 1}, {16, 2}, {32, 2}}) {
    CheckRandomPairs(format, 400000);
  }
}

}  // namespace
}  // namespace mulberry
