// TOSAM: truncated fractions, fewer bits in their product than in their sum.
#include <algorithm>

#include "mulberry/multipliers/fixed_point.h"
#include "mulberry/multipliers/parameter_fit.h"
#include "mulberry/multipliers/segment.h"

namespace mulberry {
namespace {

/// The first bits of a fraction, as an integer.
uint64_t First(int bits, uint64_t fraction) {
  return fraction >> (kFractionBits - bits);
}

Model MakeTosam(const std::vector<int>& values, const OperandKind& operand) {
  const int t = values[0], h = values[1];
  RequireBits("tosam", operand, 2);
  RequireFit("tosam's h", h, operand, 1, operand.bits - 1);
  if (t >= h) throw UsageError("tosam's t is {}: h={} allows 0 to {}", t, h, h - 1);
  const int product_bits = 2 * (t + 1), point = std::max(h, product_bits);
  return [=](uint64_t a, uint64_t b) -> uint64_t {
    if (a == 0 || b == 0) return 0;
    const int k1 = LeadingOne(a), k2 = LeadingOne(b);
    const uint64_t x1 = Fraction(a, k1), x2 = Fraction(b, k2);
    const uint64_t sum = First(h, x1) + First(h, x2);
    const uint64_t product = (2 * First(t, x1) + 1) * (2 * First(t, x2) + 1);
    const uint64_t significand =
        (uint64_t{1} << point) + (sum << (point - h)) + (product << (point - product_bits));
    return FloorOfScaled(significand, k1 + k2 - point);
  };
}

}  // namespace

MultiplierFamily TosamFamily() {
  return {
      .name = "tosam",
      .summary = "1 + x1 + x2 + x1·x2 of truncated fractions",
      .source = "Vahdat, Kamal, Afzali-Kusha, Pedram, IEEE TVLSI, 2019",
      .parameters = {{.name = "t",
                      .minimum = 0,
                      .maximum = 22,
                      .default_value = 1,
                      .required = true,
                      .summary = "bits of each fraction that are multiplied"},
                     {.name = "h",
                      .minimum = 1,
                      .maximum = 23,
                      .default_value = 5,
                      .required = true,
                      .summary = "bits of each fraction that are added, more than t"}},
      .float_rounding = Rounding::kNearestEven,
      .float_result = ResultRounding::kFull,
      .make = MakeTosam,
  };
}

}  // namespace mulberry
