// Logarithmic multipliers' formulas in real numbers, for tests: in double, which holds all their
// terms exactly. Test code.
#pragma once

#include <cmath>
#include <cstdint>

namespace mulberry {

/// The k and x of 2^k·(1 + x).
struct RealLogarithm {
  explicit RealLogarithm(uint64_t operand)
      : k(std::ilogb(static_cast<double>(operand))),
        x(std::ldexp(static_cast<double>(operand), -k) - 1) {}
  int k;
  double x;
};

/// `value` cut to `bits` bits after the point.
inline double Cut(double value, int bits) {
  return std::ldexp(std::floor(std::ldexp(value, bits)), -bits);
}

/// A fraction of which `kept` bits are kept, the lowest of them set if `set`.
inline double Shortened(double x, int kept, bool set) {
  const double unit = std::ldexp(1.0, -kept), cut = Cut(x, kept);
  return set && std::fmod(cut / unit, 2) == 0 ? cut + unit : cut;
}

/// Mitchell's antilogarithm of k + sum.
inline double RealAntilogarithm(int k, double sum) {
  return sum < 1 ? std::ldexp(1 + sum, k) : std::ldexp(sum, k + 1);
}

/// The same with a correction, which is left out where the product would reach 2^2n.
inline double RealCorrectedAntilogarithm(int k, double sum, double correction, int n) {
  if (sum < 1) return std::ldexp(1 + sum + correction, k);
  const double corrected = std::ldexp(sum + correction / 2, k + 1);
  return corrected < std::ldexp(1.0, 2 * n) ? corrected : RealAntilogarithm(k, sum);
}

}  // namespace mulberry
