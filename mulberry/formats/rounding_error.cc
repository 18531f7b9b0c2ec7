#include "mulberry/formats/rounding_error.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "mulberry/base/error.h"
#include "mulberry/base/random.h"
#include "mulberry/formats/format_facts.h"

namespace mulberry {
namespace {

constexpr uint32_t kParts = 1 << 13;
constexpr int kFp32MantissaBits = 23;
constexpr int kMinExponent = -126, kMaxExponent = 127;

constexpr Rounding kRounding = Rounding::kNearestEven;

template <typename F>
float Rounded(const F& format, float x) {
  return Round(format, kRounding, x);
}

float Rounded(const DynamicFixedFormat& format, float x) {
  return Round(FittedTo(format, std::min(x, 1.0f), std::max(x, 1.0f)), kRounding, x);
}

float Rounded(const BlockFormat& format, float x) {
  float block[2] = {x, 1.0f};
  RoundBlock(format, kRounding, block, block, std::min(format.block, 2));
  return block[0];
}

double RelativeError(const Format& format, float x) {
  const double rounded = std::visit([&](const auto& f) { return double{Rounded(f, x)}; }, format);
  if (!std::isfinite(rounded)) return std::numeric_limits<double>::infinity();
  return std::fabs(rounded - x) / x;
}

BinadeError MeasureBinade(const Format& format, int exponent) {
  constexpr uint32_t kMantissas = uint32_t{1} << kFp32MantissaBits, kPart = kMantissas / kParts;
  const auto error_at = [&](uint32_t mantissa) {
    const float significand = 1.0f + static_cast<float>(mantissa) / float{kMantissas};
    return RelativeError(format, std::ldexp(significand, exponent));
  };
  const RandomStream random;
  BinadeError error{exponent, std::max(error_at(0), error_at(kMantissas - 1)), 0};
  for (uint32_t tie = 1; tie < kMantissas; tie *= 2) {
    error.largest = std::max({error.largest, error_at(tie), error_at(kMantissas - tie)});
  }
  for (uint32_t part = 0; part < kParts; ++part) {
    const double drawn = error_at(part * kPart + random.At(part) % kPart);
    error.largest = std::max(error.largest, drawn);
    error.mean += drawn / kParts;
  }
  return error;
}

}  // namespace

std::vector<BinadeError> RelativeErrors(const Format& format, int first_exponent,
                                        int last_exponent) {
  if (first_exponent < kMinExponent || first_exponent > last_exponent ||
      last_exponent > kMaxExponent) {
    throw UsageError("magnitudes 2^{} to 2^{}: exponents go upwards, from {} to {}", first_exponent,
                     last_exponent, kMinExponent, kMaxExponent);
  }
  FactsOf(format);  // Which refuses what FP32 does not carry.
  std::vector<BinadeError> errors;
  for (int exponent = first_exponent; exponent <= last_exponent; ++exponent) {
    errors.push_back(MeasureBinade(format, exponent));
  }
  return errors;
}

}  // namespace mulberry
