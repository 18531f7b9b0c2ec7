#include "mulberry/multipliers/rounding.h"

#include <bit>

namespace mulberry {
namespace {

uint64_t NearestPowerOfTwo(uint64_t operand) {
  const uint64_t below = std::bit_floor(operand);
  const bool up = 2 * operand >= 3 * below && operand > 3;
  return up ? 2 * below : below;
}

uint64_t Roba(uint64_t a, uint64_t b) {
  const uint64_t ar = NearestPowerOfTwo(a), br = NearestPowerOfTwo(b);
  return ar * b + br * a - ar * br;
}

}  // namespace

MultiplierFamily RobaFamily() {
  return {
      .name = "roba",
      .summary = "operands rounded to powers of two, first-order terms kept",
      .source = "Zendegani, Kamal, Bahadori, Afzali-Kusha, Pedram, IEEE TVLSI, 2017",
      .parameters = {},
      .float_rounding = Rounding::kNearestEven,
      .float_result = ResultRounding::kFull,
      .make = [](const std::vector<int>&, const OperandKind&) -> Model { return Roba; },
  };
}

}  // namespace mulberry
