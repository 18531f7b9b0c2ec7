// REALM: Mitchell with a correction for each pair of segments of the fractions.
#include <algorithm>
#include <cmath>

#include "mulberry/multipliers/logarithm.h"
#include "mulberry/multipliers/logarithmic.h"
#include "mulberry/multipliers/parameter_fit.h"

namespace mulberry {
namespace {

constexpr int kCorrectionBits = 6;

/// s(i, j): adding s to Mitchell's significand changes the relative error by s / ((1 + x)(1 + y)),
/// so that s is minus the segment's integral of the error over that of 1 / ((1 + x)(1 + y)).
double SegmentCorrection(int i, int j, int m) {
  constexpr int kPoints = 64;  // A side; no correction is so near a tie that more would change it.
  double error = 0, change = 0;
  for (int u = 0; u < kPoints; ++u) {
    for (int v = 0; v < kPoints; ++v) {
      const double x = (i + (u + 0.5) / kPoints) / m, y = (j + (v + 0.5) / kPoints) / m;
      const double exact = (1 + x) * (1 + y);
      const double mitchell = x + y < 1 ? 1 + x + y : 2 * (x + y);
      error += (mitchell - exact) / exact;
      change += 1 / exact;
    }
  }
  return -error / change;
}

/// All corrections, (i, j) at i·m + j, to the nearest multiple of 2^-kCorrectionBits.
template <int kSegments>
const std::vector<uint64_t>& Corrections() {
  static const std::vector<uint64_t> corrections = [] {
    std::vector<uint64_t> list;
    for (int i = 0; i < kSegments; ++i) {
      for (int j = 0; j < kSegments; ++j) {
        const double steps = std::ldexp(SegmentCorrection(i, j, kSegments), kCorrectionBits);
        list.push_back(static_cast<uint64_t>(std::lround(steps))
                       << (kFractionBits - kCorrectionBits));
      }
    }
    return list;
  }();
  return corrections;
}

const std::vector<uint64_t>& CorrectionsOf(int m) {
  switch (m) {
    case 4:
      return Corrections<4>();
    case 8:
      return Corrections<8>();
    case 16:
      return Corrections<16>();
  }
  throw UsageError("realm's m is {}: it is 4, 8 or 16", m);
}

Model MakeRealm(const std::vector<int>& values, const OperandKind& operand) {
  const int m = values[0], t = values[1], n = operand.bits;
  const uint64_t* corrections = CorrectionsOf(m).data();
  RequireFit("realm's t", t, operand, 0, std::max(0, n - 1 - kCorrectionBits));
  const FractionTruncation truncate(n - 1 - t, t > 0 || operand.dropped_bits > 0);
  const auto segment = [m](uint64_t fraction) { return fraction * m >> kFractionBits; };
  return [=](uint64_t a, uint64_t b) -> uint64_t {
    if (a == 0 || b == 0) return 0;
    const int k1 = LeadingOne(a), k2 = LeadingOne(b);
    const uint64_t x1 = Fraction(a, k1), x2 = Fraction(b, k2);
    const uint64_t s = corrections[segment(x1) * m + segment(x2)];
    return CorrectedAntilogarithm(k1 + k2, truncate(x1) + truncate(x2), s, n);
  };
}

}  // namespace

MultiplierFamily RealmFamily() {
  return {
      .name = "realm",
      .summary = "Mitchell plus a correction for each pair of segments",
      .source = "Saadat, Javaid, Ignjatovic, Parameswaran, DATE 2020",
      .parameters = {{.name = "m",
                      .minimum = 4,
                      .maximum = 16,
                      .default_value = 8,
                      .required = true,
                      .summary = "segments of each operand's fraction: 4, 8 or 16"},
                     {.name = "t",
                      .minimum = 0,
                      .maximum = 17,
                      .default_value = 0,
                      .required = false,
                      .summary = "low bits of each operand's fraction left out"}},
      .float_rounding = Rounding::kTowardZero,
      .float_result = ResultRounding::kZero,
      .make = MakeRealm,
  };
}

}  // namespace mulberry
