// Philox4x32-10, in the notation of the paper's section 3.
#include "mulberry/base/random.h"

#include <cmath>
#include <numbers>

namespace mulberry {

std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < philox::kRounds; ++round) {
    const uint64_t product0 = uint64_t{philox::kMultipliers[0]} * counter[0];
    const uint64_t product1 = uint64_t{philox::kMultipliers[1]} * counter[2];
    counter = {static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<uint32_t>(product1),
               static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<uint32_t>(product0)};
    key[0] += philox::kWeyl[0];
    key[1] += philox::kWeyl[1];
  }
  return counter;
}

std::array<uint32_t, 4> RandomStream::Block(uint64_t index) const {
  const auto low = [](uint64_t x) { return static_cast<uint32_t>(x); };
  const auto high = [](uint64_t x) { return static_cast<uint32_t>(x >> 32); };
  return Philox4x32({low(index), high(index), low(stream), high(stream)}, {low(seed), high(seed)});
}

uint32_t RandomStream::At(uint64_t index) const {
  return Block(index / 4)[index % 4];
}

uint64_t RandomStream::WideAt(uint64_t index) const {
  const std::array<uint32_t, 4> block = Block(index / 2);
  const size_t first = 2 * (index % 2);
  return uint64_t{block[first]} << 32 | block[first + 1];
}

double StandardNormal(uint64_t random) {
  const double radius = (static_cast<double>(random >> 32) + 1) * 0x1p-32;
  const double angle = static_cast<double>(random & 0xffffffff) * 0x1p-32;
  return std::sqrt(-2 * std::log(radius)) * std::cos(2 * std::numbers::pi * angle);
}

}  // namespace mulberry
