#include "mulberry/multipliers/logarithmic.h"

#include <bit>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

// Fractions and significands are fixed-point numbers with 32 fraction bits: more than the 23 of the
// widest operand and the 7 of c/2.
constexpr int kFractionBits = 32;
constexpr uint64_t kOne = uint64_t{1} << kFractionBits;
constexpr uint64_t kMbmConstant = (kOne >> 4) + (kOne >> 6);

int LeadingOne(uint64_t operand) {
  return std::bit_width(operand) - 1;
}

/// x of operand = 2^k·(1 + x).
uint64_t Fraction(uint64_t operand, int k) {
  return (operand << (kFractionBits - k)) - kOne;
}

/// floor(2^exponent · significand).
uint64_t Antilogarithm(int exponent, uint64_t significand) {
  return exponent < kFractionBits ? significand >> (kFractionBits - exponent)
                                  : significand << (exponent - kFractionBits);
}

uint64_t Mitchell(uint64_t a, uint64_t b) {
  if (a == 0 || b == 0) return 0;
  const int k1 = LeadingOne(a), k2 = LeadingOne(b);
  const uint64_t sum = Fraction(a, k1) + Fraction(b, k2);
  return sum < kOne ? Antilogarithm(k1 + k2, kOne + sum) : Antilogarithm(k1 + k2 + 1, sum);
}

class Mbm {
 public:
  /// Keeps `kept` bits of each fraction, and sets the lowest of them where `set_lowest`.
  Mbm(int kept, bool set_lowest)
      : mask_(~((kOne >> kept) - 1)),
        lowest_(set_lowest && kept > 0 ? kOne >> kept : 0),
        constant_(kMbmConstant & mask_) {}

  uint64_t operator()(uint64_t a, uint64_t b) const {
    if (a == 0 || b == 0) return 0;
    const int k1 = LeadingOne(a), k2 = LeadingOne(b);
    const uint64_t sum = Shortened(Fraction(a, k1)) + Shortened(Fraction(b, k2));
    if (sum < kOne) return Antilogarithm(k1 + k2, kOne + sum + constant_);
    const uint64_t corrected = sum + constant_ / 2;
    return Antilogarithm(k1 + k2 + 1, corrected < 2 * kOne ? corrected : sum);
  }

 private:
  uint64_t Shortened(uint64_t fraction) const { return (fraction & mask_) | lowest_; }

  uint64_t mask_;
  uint64_t lowest_;
  uint64_t constant_;
};

Model MakeMbm(const std::vector<int>& values, const OperandKind& operand) {
  const int t = values[0];
  const int fraction_bits = operand.bits - 1;
  const int most = fraction_bits > 0 ? fraction_bits - 1 : 0;
  if (t > most) {
    throw UsageError("mbm's t is {}: operands of {} bits allow 0 to {}", t, operand.bits, most);
  }
  return Mbm(fraction_bits - t, t > 0 || operand.dropped_bits > 0);
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
