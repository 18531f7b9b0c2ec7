// Philox4x32-10, in the notation of the paper's section 3.
#include "mulberry/base/random.h"

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

uint32_t RandomStream::At(uint64_t index) const {
  const auto low = [](uint64_t x) { return static_cast<uint32_t>(x); };
  const auto high = [](uint64_t x) { return static_cast<uint32_t>(x >> 32); };
  const uint64_t block = index / 4;
  return Philox4x32({low(block), high(block), low(stream), high(stream)},
                    {low(seed), high(seed)})[index % 4];
}

}  // namespace mulberry
