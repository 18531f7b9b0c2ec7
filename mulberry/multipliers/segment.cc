#include "mulberry/multipliers/segment.h"

#include <bit>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr int kMinK = 3;

uint64_t DrumSegment(uint64_t operand, int k) {
  const int dropped = std::bit_width(operand) - k;
  return dropped <= 0 ? operand : ((operand >> dropped) | 1) << dropped;
}

Model MakeDrum(const std::vector<int>& values, const OperandKind& operand) {
  const int k = values[0];
  if (operand.bits < kMinK) {
    throw UsageError("drum needs operands of {} bits or more, not {}", kMinK, operand.bits);
  }
  if (k > operand.bits) {
    throw UsageError("drum's k is {}: operands of {} bits allow {} to {}", k, operand.bits, kMinK,
                     operand.bits);
  }
  return [k](uint64_t a, uint64_t b) { return DrumSegment(a, k) * DrumSegment(b, k); };
}

}  // namespace

MultiplierFamily DrumFamily() {
  return {
      .name = "drum",
      .summary = "exact product of k bits from each operand's leading one",
      .source = "Hashemi, Bahar, Reda, ICCAD 2015",
      .parameters = {{.name = "k",
                      .minimum = kMinK,
                      .maximum = 24,
                      .default_value = 6,
                      .required = true,
                      .summary = "bits of each operand that are multiplied"}},
      .float_rounding = Rounding::kNearestEven,
      .float_result = ResultRounding::kFull,
      .make = MakeDrum,
  };
}

}  // namespace mulberry
