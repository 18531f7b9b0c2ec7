// Counter-based random numbers: the i-th number of a stream is a pure function of (seed, stream,
// i), so results do not depend on the number of threads or on the order of evaluation. Source:
// Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
#pragma once

#include <array>
#include <cstdint>

namespace mulberry {

/// The constants of Philox4x32-10, for kernels that compute many blocks at once.
namespace philox {
inline constexpr int kRounds = 10;
inline constexpr uint32_t kMultipliers[2] = {0xD2511F53, 0xCD9E8D57};
inline constexpr uint32_t kWeyl[2] = {0x9E3779B9, 0xBB67AE85};
}  // namespace philox

/// The Philox4x32-10 block function: a bijection of the counter for each key.
std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

/// A stream of 32-bit numbers that can be read at any position. Two streams of one seed are
/// independent; a stream has 2^64 numbers.
struct RandomStream {
  uint64_t seed = 0;
  uint64_t stream = 0;

  /// The number at `index`, uniform over all 32-bit values.
  uint32_t At(uint64_t index) const;
  /// Those at 2·index and 2·index + 1 as one of 64 bits, the first above.
  uint64_t WideAt(uint64_t index) const;

 private:
  /// Those at 4·index to 4·index + 3.
  std::array<uint32_t, 4> Block(uint64_t index) const;
};

/// A standard normal variable of 64 uniform random bits. Source: Box, Muller, "A note on the
/// generation of random normal deviates", 1958.
double StandardNormal(uint64_t random);

}  // namespace mulberry
