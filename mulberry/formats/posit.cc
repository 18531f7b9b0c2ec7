// Posits in stages: an encoding taken apart, and a number of any source put together again with one
// rounding of the whole bit string. This is the definition, written to be read.
#include "mulberry/formats/posit.h"

#include <bit>
#include <cmath>
#include <limits>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

/// Bits of a significand that rounding looks at: more than any format keeps, so that it always
/// drops some, and with the exponent bits before them no more than a word.
constexpr int kSignificandBits = 56;
static_assert(kSignificandBits + PositFormat::kMaxExponentBits <= 64);
static_assert(kSignificandBits > PositFormat::kMaxBits);

/// The number, which is not zero, with a significand of kSignificandBits.
UnpackedReal Normalised(UnpackedReal value) {
  const int excess = static_cast<int>(std::bit_width(value.significand)) - kSignificandBits;
  value.exponent += excess;
  if (excess <= 0) {
    value.significand <<= -excess;
    return value;
  }
  value.sticky |= (value.significand & ((uint64_t{1} << excess) - 1)) != 0;
  value.significand >>= excess;
  return value;
}

/// Whether kept whole steps, and rest / 2^dropped of the next, and less than 2^-dropped of it if
/// `sticky`, go up to kept + 1. 0 <= rest < 2^dropped, 1 <= dropped <= 63.
bool RoundsUp(Rounding rounding, bool negative, uint64_t kept, uint64_t rest, bool sticky,
              int dropped, uint32_t random) {
  const uint64_t half = uint64_t{1} << (dropped - 1);
  switch (rounding) {
    case Rounding::kNearestEven:
      return rest > half || (rest == half && (sticky || kept % 2 == 1));
    case Rounding::kNearestUp:
      return rest > half || (rest == half && (sticky || !negative));
    case Rounding::kTowardZero:
      return false;
    case Rounding::kStochastic:
      return (dropped > 32 ? rest >> (dropped - 32) : rest << (32 - dropped)) > random;
  }
  return false;
}

/// The encoding that a magnitude other than zero is rounded to.
uint32_t RoundMagnitude(const PositFormat& format, Rounding rounding, const UnpackedReal& value,
                        uint32_t random) {
  constexpr int kFractionBits = kSignificandBits - 1;
  const UnpackedReal magnitude = Normalised(value);
  const int exponent = magnitude.exponent + kFractionBits;
  const int regime = exponent >> format.exponent_bits;
  if (regime >= format.bits - 2) return format.maxpos();
  if (regime < -(format.bits - 2)) return format.minpos();

  // The string: the regime, which ends within the posit, and the tail, exponent and fraction.
  const int regime_bits = regime >= 0 ? regime + 2 : 1 - regime;
  const uint64_t regime_string = regime >= 0 ? (uint64_t{1} << regime_bits) - 2 : 1;
  const uint64_t exponent_field = exponent - (regime << format.exponent_bits);
  const uint64_t fraction = magnitude.significand - (uint64_t{1} << kFractionBits);
  const uint64_t tail = exponent_field << kFractionBits | fraction;

  const int room = format.bits - 1 - regime_bits;
  const int dropped = format.exponent_bits + kFractionBits - room;
  const uint64_t kept_tail = tail >> dropped;
  uint64_t kept = regime_string << room | kept_tail;
  // Neither end is reached wrongly: the regime has a 1, and a 0 that a carry may set.
  if (RoundsUp(rounding, value.negative, kept, tail - (kept_tail << dropped), magnitude.sticky,
               dropped, random)) {
    ++kept;
  }
  return static_cast<uint32_t>(kept);
}

/// Exact for numbers that double holds.
double ToDouble(const UnpackedReal& value) {
  if (value.nan) return std::numeric_limits<double>::quiet_NaN();
  const double magnitude = std::ldexp(static_cast<double>(value.significand), value.exponent);
  return value.negative ? -magnitude : magnitude;
}

}  // namespace

PositFormat MakePositFormat(int bits, int exponent_bits) {
  if (bits < PositFormat::kMinBits || bits > PositFormat::kMaxBits || exponent_bits < 0 ||
      exponent_bits > PositFormat::kMaxExponentBits) {
    throw UsageError("posit({},{}) does not exist: bits are {} to {}, exponent bits 0 to {}", bits,
                     exponent_bits, PositFormat::kMinBits, PositFormat::kMaxBits,
                     PositFormat::kMaxExponentBits);
  }
  return {bits, exponent_bits};
}

std::string Name(const PositFormat& format) {
  return fmt::format("posit({},{})", format.bits, format.exponent_bits);
}

std::optional<std::string> WhyNotCarried(const PositFormat& format) {
  constexpr int kFp32MantissaBits = 23, kFp32MinExponent = -126;
  if (format.mantissa_bits() > kFp32MantissaBits) {
    return fmt::format("{} has {} fraction bits, and FP32, which carries it, has {}", Name(format),
                       format.mantissa_bits(), kFp32MantissaBits);
  }
  if (format.max_exponent() > -kFp32MinExponent) {
    return fmt::format(
        "{} reaches down to 2^-{}, and the normal numbers of FP32, which carries "
        "it, to 2^{}",
        Name(format), format.max_exponent(), kFp32MinExponent);
  }
  return std::nullopt;
}

UnpackedReal Unpack(double value) {
  UnpackedReal unpacked;
  if (!std::isfinite(value)) {
    unpacked.nan = true;
    return unpacked;
  }
  constexpr int kDoubleBits = std::numeric_limits<double>::digits;
  unpacked.negative = value < 0;
  const double fraction = std::frexp(std::fabs(value), &unpacked.exponent);
  unpacked.significand = static_cast<uint64_t>(std::ldexp(fraction, kDoubleBits));
  unpacked.exponent -= kDoubleBits;
  return unpacked;
}

UnpackedReal Unpack(const PositFormat& format, uint32_t encoding) {
  UnpackedReal value;
  value.nan = encoding == format.nar();
  if (value.nan || encoding == 0) return value;
  value.negative = encoding > format.nar();
  if (value.negative) encoding = format.Negated(encoding);

  // The bits after the sign at the top of a word, ended by the opposite of a last run.
  const int bits = format.bits - 1;
  const uint32_t string = encoding << (32 - bits);
  const bool ones = string >> 31 != 0;
  const int run = std::min(bits, ones ? std::countl_one(string) : std::countl_zero(string));
  const int regime = ones ? run - 1 : -run;

  const int tail_bits = std::max(0, bits - run - 1);
  const int fraction_bits = std::max(0, tail_bits - format.exponent_bits);
  const uint32_t tail = encoding & ((uint32_t{1} << tail_bits) - 1);
  // Exponent bits that are cut off are 0.
  const int missing = std::max(0, format.exponent_bits - tail_bits);
  const int exponent_field = static_cast<int>(tail >> fraction_bits << missing);
  const uint32_t leading_one = uint32_t{1} << fraction_bits;
  value.significand = leading_one | (tail & (leading_one - 1));
  value.exponent = (regime << format.exponent_bits) + exponent_field - fraction_bits;
  return value;
}

uint32_t RoundToPosit(const PositFormat& format, Rounding rounding, const UnpackedReal& value,
                      uint32_t random) {
  if (value.nan) return format.nar();
  if (value.significand == 0) return 0;
  const uint32_t magnitude = RoundMagnitude(format, rounding, value, random);
  return value.negative ? format.Negated(magnitude) : magnitude;
}

float Round(const PositFormat& format, Rounding rounding, float value, uint32_t random) {
  return Decode(format, RoundToPosit(format, rounding, Unpack(value), random));
}

uint32_t Encode(const PositFormat& format, float value) {
  const uint32_t encoding = RoundToPosit(format, Rounding::kNearestEven, Unpack(value));
  if (!std::isnan(value) && Decode(format, encoding) != value) {
    throw Error("{} is not a value of {}: round it into the format first", value, Name(format));
  }
  return encoding;
}

float Decode(const PositFormat& format, uint32_t encoding) {
  return static_cast<float>(ToDouble(Unpack(format, encoding)));
}

}  // namespace mulberry
