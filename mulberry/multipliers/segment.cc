// DRUM and LETAM: segments that begin at an operand's leading one.
#include "mulberry/multipliers/segment.h"

#include "mulberry/multipliers/fixed_point.h"
#include "mulberry/multipliers/parameter_fit.h"

namespace mulberry {
namespace {

constexpr int kMinDrumK = 3;
constexpr int kMinLetamK = 2;

uint64_t DrumSegment(uint64_t operand, int k) {
  const int dropped = std::bit_width(operand) - k;
  return dropped <= 0 ? operand : ((operand >> dropped) | 1) << dropped;
}

Model MakeDrum(const std::vector<int>& values, const OperandKind& operand) {
  const int k = values[0];
  RequireBits("drum", operand, kMinDrumK);
  RequireFit("drum's k", k, operand, kMinDrumK, operand.bits);
  return [k](uint64_t a, uint64_t b) { return DrumSegment(a, k) * DrumSegment(b, k); };
}

/// The k bits from the leading one and the one below: k + 1 bits, an odd number.
uint64_t LetamSegment(uint64_t operand, int leading_one, int k) {
  return 2 * FloorOfScaled(operand, k - 1 - leading_one) + 1;
}

Model MakeLetam(const std::vector<int>& values, const OperandKind& operand) {
  const int k = values[0];
  RequireBits("letam", operand, kMinLetamK);
  RequireFit("letam's k", k, operand, kMinLetamK, operand.bits);
  return [k](uint64_t a, uint64_t b) -> uint64_t {
    if (a == 0 || b == 0) return 0;
    const int k1 = LeadingOne(a), k2 = LeadingOne(b);
    return FloorOfScaled(LetamSegment(a, k1, k) * LetamSegment(b, k2, k), k1 + k2 - 2 * k);
  };
}

}  // namespace

MultiplierFamily DrumFamily() {
  return {
      .name = "drum",
      .summary = "exact product of k bits from each operand's leading one",
      .source = "Hashemi, Bahar, Reda, ICCAD 2015",
      .parameters = {{.name = "k",
                      .minimum = kMinDrumK,
                      .maximum = 24,
                      .default_value = 6,
                      .required = true,
                      .summary = "bits of each operand that are multiplied"}},
      .float_rounding = Rounding::kNearestEven,
      .float_result = ResultRounding::kFull,
      .make = MakeDrum,
  };
}

MultiplierFamily LetamFamily() {
  return {
      .name = "letam",
      .summary = "product of k bits from each operand's leading one and a one below",
      .source = "Vahdat, Kamal, Afzali-Kusha, Pedram, Comput. Electr. Eng., 2017",
      .parameters = {{.name = "k",
                      .minimum = kMinLetamK,
                      .maximum = 24,
                      .default_value = 5,
                      .required = true,
                      .summary = "bits of each operand that are kept"}},
      .float_rounding = Rounding::kNearestEven,
      .float_result = ResultRounding::kFull,
      .make = MakeLetam,
  };
}

}  // namespace mulberry
