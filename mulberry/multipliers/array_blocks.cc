// Kulkarni and ETM: multipliers put together from smaller ones.
#include <bit>

#include "mulberry/multipliers/array.h"

namespace mulberry {
namespace {

/// 1 for every base-4 digit of the operand that is 3.
uint64_t DigitsOf3(uint64_t operand) {
  constexpr uint64_t kLowBitsOfDigits = 0x5555555555555555;
  return operand & operand >> 1 & kLowBitsOfDigits;
}

/// The recursion ends in a 2×2 block for every pair of base-4 digits, all added exactly; each is
/// exact but for 3·3, which is 2 less.
uint64_t Kulkarni(uint64_t a, uint64_t b) {
  return a * b - 2 * DigitsOf3(a) * DigitsOf3(b);
}

Model MakeEtm(const std::vector<int>&, const OperandKind& operand) {
  const int m = operand.bits / 2;
  const uint64_t low_mask = (uint64_t{1} << m) - 1;
  return [=](uint64_t a, uint64_t b) -> uint64_t {
    const uint64_t high_a = a >> m, high_b = b >> m, low_a = a & low_mask, low_b = b & low_mask;
    if (high_a == 0 && high_b == 0) return low_a * low_b;
    const uint64_t either = low_a | low_b;
    const uint64_t ones = either == 0 ? 0 : (std::bit_floor(either) << (m + 1)) - 1;
    return (high_a * high_b << 2 * m) + ones;
  };
}

}  // namespace

MultiplierFamily KulkarniFamily() {
  return {
      .name = "kulkarni",
      .summary = "2×2 blocks that make 7 of 3·3",
      .source = "Kulkarni, Gupta, Ercegovac, VLSI Design 2011",
      .parameters = {},
      .float_rounding = Rounding::kNearestEven,
      .float_result = ResultRounding::kFull,
      .make = [](const std::vector<int>&, const OperandKind&) -> Model { return Kulkarni; },
  };
}

MultiplierFamily EtmFamily() {
  return {
      .name = "etm",
      .summary = "exact high halves, low halves approximated by ones",
      .source = "Kyaw, Goh, Yeo, EDSSC 2010",
      .parameters = {},
      .float_rounding = Rounding::kNearestEven,
      .float_result = ResultRounding::kFull,
      .make = MakeEtm,
  };
}

}  // namespace mulberry
