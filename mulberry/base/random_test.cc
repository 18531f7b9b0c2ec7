// Random numbers against the published known answers, and the layout of a stream.
#include "mulberry/base/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace mulberry {
namespace {

using Block = std::array<uint32_t, 4>;

// The known answers that the authors publish with Random123 (tests/kat_vectors, philox4x32 10).
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(Philox4x32({0, 0, 0, 0}, {0, 0}),
            (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(Philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// The counter is (block low, block high, stream low, stream high), the key is the seed, and four
// consecutive numbers are the words of one block.
TEST(RandomStream, ReadsTheWordsOfConsecutiveBlocks) {
  const RandomStream stream{0x299f31d0a4093822, 0x0370734413198a2e};
  const uint64_t index = 4 * 0x05a308d3243f6a88;
  const Block block =
      Philox4x32({0x243f6a88, 0x05a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0});
  for (uint64_t word = 0; word < 4; ++word) EXPECT_EQ(stream.At(index + word), block[word]);
  EXPECT_EQ(RandomStream{}.At(0), 0x6627e8d5u);
  EXPECT_EQ(RandomStream{}.At(3), 0x9b00dbd8u);
}

TEST(RandomStream, DependsOnSeedStreamAndIndexAlone) {
  const RandomStream stream{7, 9};
  const uint32_t third = stream.At(3);
  EXPECT_NE(stream.At(1000), third);
  EXPECT_EQ(stream.At(3), third);
  EXPECT_NE((RandomStream{8, 9}.At(3)), third);
  EXPECT_NE((RandomStream{7, 10}.At(3)), third);
}

// The count of each value of the top 8 bits is binomial: chi-squared over 256 cells has mean 255
// and standard deviation sqrt(510). The stream is fixed, so this cannot fail by chance.
TEST(RandomStream, IsUniform) {
  const RandomStream stream{2024, 1};
  constexpr int kNumbers = 1 << 16, kCells = 256;
  std::vector<int> count(kCells);
  for (int i = 0; i < kNumbers; ++i) ++count[stream.At(i) >> 24];
  const double expected = double{kNumbers} / kCells;
  double chi_squared = 0;
  for (const int c : count) chi_squared += (c - expected) * (c - expected) / expected;
  EXPECT_NEAR(chi_squared, 255, 4 * std::sqrt(510.0));
}

TEST(RandomStream, WideNumbersAreTwoOfTheOthers) {
  const RandomStream stream{7, 9};
  for (uint64_t i = 0; i < 9; ++i) {
    EXPECT_EQ(stream.WideAt(i), uint64_t{stream.At(2 * i)} << 32 | stream.At(2 * i + 1)) << i;
  }
}

// Against the normal distribution function: of the numbers below x the share is Φ(x), with a
// standard deviation of at most 1/2 / sqrt(n).
TEST(StandardNormal, HasTheNormalDistribution) {
  const RandomStream stream{5, 3};
  constexpr int kNumbers = 1 << 16;
  for (const double x : {-3.0, -2.0, -1.0, -0.3, 0.0, 0.5, 1.0, 2.5}) {
    int below = 0;
    for (uint64_t i = 0; i < kNumbers; ++i) below += StandardNormal(stream.WideAt(i)) < x;
    const double share = 0.5 * std::erfc(-x / std::sqrt(2.0));
    const double deviation = std::sqrt(share * (1 - share) / kNumbers);
    EXPECT_NEAR(below / double{kNumbers}, share, 4 * deviation) << x;
  }
  EXPECT_EQ(StandardNormal(0xffffffff00000000), 0);                      // Of radius 0.
  EXPECT_NEAR(StandardNormal(0), std::sqrt(64 * std::log(2.0)), 1e-12);  // The largest.
}

}  // namespace
}  // namespace mulberry
