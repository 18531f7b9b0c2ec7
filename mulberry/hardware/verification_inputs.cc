#include "mulberry/hardware/verification_inputs.h"

#include <algorithm>
#include <set>

#include "mulberry/base/random.h"

namespace mulberry {
namespace {

uint64_t MaskOf(int bits) {
  return bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
}

std::vector<uint64_t> CornersOf(int bits) {
  std::set<uint64_t> corners = {0, MaskOf(bits)};
  for (int i = 0; i < bits; ++i) {
    const uint64_t power = uint64_t{1} << i;
    for (const uint64_t value : {power - 1, power, power + 1, ~power, ~(power - 1)}) {
      corners.insert(value & MaskOf(bits));
    }
  }
  return {corners.begin(), corners.end()};
}

/// Of 128 random bits.
uint64_t Shaped(uint64_t kind, uint64_t random, uint64_t more) {
  switch (kind) {
    case 0:
      return random;
    case 1: {  // Bits between two random places are equal, above and below they are their inverse.
      const uint64_t run = (~uint64_t{0} >> (more & 63)) ^ (~uint64_t{0} >> (more >> 6 & 63));
      return (run ^ (more >> 12 & 1 ? ~uint64_t{0} : 0)) ^ (uint64_t{1} << (more >> 13 & 63));
    }
    default:
      return more & 1 ? random & more & (random >> 32 | random << 32)
                      : random | more | (more >> 32 | more << 32);
  }
}

}  // namespace

VerificationInputs::VerificationInputs(const Design& design, uint64_t count, uint64_t seed)
    : count_(count), seed_(seed) {
  for (const DesignPort& port : design.inputs) {
    bits_.push_back(port.bits);
    corners_.push_back(CornersOf(port.bits));
    corner_combinations_ = std::min(corner_combinations_ * corners_.back().size(), count + 1);
  }
}

void VerificationInputs::Get(uint64_t index, uint64_t* inputs) const {
  const bool all_corners = corner_combinations_ <= count_ / 2;
  const uint64_t directed = all_corners ? corner_combinations_ : count_ / 2;
  uint64_t rest = index;
  for (size_t i = 0; i < bits_.size(); ++i) {
    const RandomStream stream{seed_, i};
    if (index < directed) {
      const uint64_t place = all_corners ? rest : stream.WideAt(index);
      inputs[i] = corners_[i][place % corners_[i].size()];
      rest /= corners_[i].size();
      continue;
    }
    inputs[i] = Shaped(index % 3, stream.WideAt(2 * index), stream.WideAt(2 * index + 1)) &
                MaskOf(bits_[i]);
  }
}

}  // namespace mulberry
