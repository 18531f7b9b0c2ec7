// ALM-SOA and ALM-LOA: Mitchell with an adder whose low part is inexact.
#include "mulberry/multipliers/logarithm.h"
#include "mulberry/multipliers/logarithmic.h"
#include "mulberry/multipliers/parameter_fit.h"

namespace mulberry {
namespace {

/// The low m bits of the sum of x and y.
using LowPart = uint64_t (*)(uint64_t x, uint64_t y, uint64_t low_mask);

uint64_t SetOne(uint64_t, uint64_t, uint64_t low_mask) {
  return low_mask;
}
uint64_t LowerPartOr(uint64_t x, uint64_t y, uint64_t low_mask) {
  return (x | y) & low_mask;
}

template <LowPart kLowPart>
uint64_t InexactSum(uint64_t x, uint64_t y, int m) {
  const uint64_t carry = m > 0 ? (x & y) >> (m - 1) & 1 : 0;
  const uint64_t high = (x >> m) + (y >> m) + carry;
  return high << m | kLowPart(x, y, (uint64_t{1} << m) - 1);
}

template <LowPart kLowPart>
Model MakeAlm(const char* parameter, int m, const OperandKind& operand) {
  const int fraction_bits = operand.bits - 1;
  RequireFit(parameter, m, operand, 0, fraction_bits);
  const int unused = kFractionBits - fraction_bits;
  return [=](uint64_t a, uint64_t b) -> uint64_t {
    if (a == 0 || b == 0) return 0;
    const int k1 = LeadingOne(a), k2 = LeadingOne(b);
    const uint64_t x1 = Fraction(a, k1) >> unused, x2 = Fraction(b, k2) >> unused;
    return Antilogarithm(k1 + k2, InexactSum<kLowPart>(x1, x2, m) << unused);
  };
}

MultiplierFamily AlmFamily(const char* name, const char* summary,
                           decltype(MultiplierFamily::make) make) {
  return {
      .name = name,
      .summary = summary,
      .source = "Liu, Xu, Wang, Wang, Montuschi, Lombardi, IEEE TCAS-I, 2018",
      .parameters = {{.name = "m",
                      .minimum = 0,
                      .maximum = 23,
                      .default_value = 4,
                      .required = true,
                      .summary = "low bits of the sum of fractions that are inexact"}},
      .float_rounding = Rounding::kTowardZero,
      .float_result = ResultRounding::kZero,
      .make = make,
  };
}

}  // namespace

MultiplierFamily AlmSoaFamily() {
  return AlmFamily("alm_soa", "Mitchell with the low bits of its adder set",
                   [](const std::vector<int>& values, const OperandKind& operand) {
                     return MakeAlm<SetOne>("alm_soa's m", values[0], operand);
                   });
}

MultiplierFamily AlmLoaFamily() {
  return AlmFamily("alm_loa", "Mitchell with the low bits of its adder OR-ed",
                   [](const std::vector<int>& values, const OperandKind& operand) {
                     return MakeAlm<LowerPartOr>("alm_loa's m", values[0], operand);
                   });
}

}  // namespace mulberry
