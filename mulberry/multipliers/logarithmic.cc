#include "mulberry/multipliers/logarithmic.h"

#include <algorithm>

#include "mulberry/multipliers/logarithm.h"
#include "mulberry/multipliers/parameter_fit.h"

namespace mulberry {
namespace {

constexpr uint64_t kMbmConstant = (kOne >> 4) + (kOne >> 6);

uint64_t Mitchell(uint64_t a, uint64_t b) {
  if (a == 0 || b == 0) return 0;
  const int k1 = LeadingOne(a), k2 = LeadingOne(b);
  return Antilogarithm(k1 + k2, Fraction(a, k1) + Fraction(b, k2));
}

Model MakeMbm(const std::vector<int>& values, const OperandKind& operand) {
  const int t = values[0], n = operand.bits;
  RequireFit("mbm's t", t, operand, 0, std::max(0, n - 2));
  const FractionTruncation truncate(n - 1 - t, t > 0 || operand.dropped_bits > 0);
  const uint64_t c = kMbmConstant & truncate.mask();
  return [=](uint64_t a, uint64_t b) -> uint64_t {
    if (a == 0 || b == 0) return 0;
    const int k1 = LeadingOne(a), k2 = LeadingOne(b);
    const uint64_t sum = truncate(Fraction(a, k1)) + truncate(Fraction(b, k2));
    return CorrectedAntilogarithm(k1 + k2, sum, c, n);
  };
}

}  // namespace

MultiplierFamily MitchellFamily() {
  return {
      .name = "mitchell",
      .summary = "sum of piecewise linear logarithms",
      .source = "Mitchell, IRE Trans. Electronic Computers, 1962",
      .parameters = {},
      .float_rounding = Rounding::kTowardZero,
      .float_result = ResultRounding::kZero,
      .make = [](const std::vector<int>&, const OperandKind&) -> Model { return Mitchell; },
  };
}

MultiplierFamily MbmFamily() {
  return {
      .name = "mbm",
      .summary = "minimally biased: Mitchell plus a constant",
      .source = "Saadat, Bokhari, Parameswaran, IEEE TCAD, 2018",
      .parameters = {{.name = "t",
                      .minimum = 0,
                      .maximum = 22,
                      .default_value = 0,
                      .required = false,
                      .summary = "low bits of each operand's fraction left out"}},
      .float_rounding = Rounding::kTowardZero,
      .float_result = ResultRounding::kZero,
      .make = MakeMbm,
  };
}

}  // namespace mulberry
