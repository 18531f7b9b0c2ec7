#include "mulberry/formats/accumulator.h"

#include <bit>
#include <cmath>
#include <limits>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

/// Wide enough for a word of 64 bits and any product that is added to it.
using Wide = __int128;

/// Larger than any word, by so much that no adder brings it back, with zeros in all of a word's
/// bits.
constexpr int kHugeExponent = 100;

/// A finite product in units of 2^-fraction_bits, rounded. What is 2^kHugeExponent or more is
/// replaced by that: it has the same low 64 bits, zeros, and saturates as surely.
Wide InUnits(const WordAccumulator& accumulator, float product) {
  // In double, whose exponents hold every scaled product.
  const double scaled = std::ldexp(double{product}, accumulator.fraction_bits);
  if (std::fabs(scaled) >= std::ldexp(1.0, kHugeExponent)) {
    return Wide{scaled < 0 ? -1 : 1} << kHugeExponent;
  }
  return static_cast<Wide>(RoundToInteger(accumulator.rounding, scaled));
}

Wide Add(const Adder& adder, Wide a, Wide b) {
  if (adder.kind == AdderKind::kExact) return a + b;
  const Wide upper = (a >> adder.bits) + (b >> adder.bits);
  if (adder.kind == AdderKind::kTruncated) return upper * (Wide{1} << adder.bits);
  const Wide low_mask = (Wide{1} << adder.bits) - 1;
  const Wide carry = adder.bits == 0 ? 0 : (a & b) >> (adder.bits - 1) & 1;
  return (upper + carry) * (Wide{1} << adder.bits) + ((a | b) & low_mask);
}

int64_t IntoWord(const WordAccumulator& accumulator, Wide sum) {
  const int unused = WordAccumulator::kMaxBits - accumulator.bits;
  if (accumulator.overflow == WordOverflow::kWrap) {
    return static_cast<int64_t>(static_cast<uint64_t>(sum) << unused) >> unused;
  }
  const int64_t largest = std::numeric_limits<int64_t>::max() >> unused;
  const int64_t smallest = std::numeric_limits<int64_t>::min() >> unused;
  if (sum > largest) return largest;
  if (sum < smallest) return smallest;
  return static_cast<int64_t>(sum);
}

/// a + b in double. Where that is not exact its last bit is made odd, which every narrower format
/// with two bits less rounds as it does the exact sum.
double SumToOdd(float a, float b) {
  const double x = a, y = b, sum = x + y;
  if (!std::isfinite(sum)) return sum;
  // Knuth's TwoSum: x + y = sum + error.
  const double y_part = sum - x, x_part = sum - y_part;
  const double error = (x - x_part) + (y - y_part);
  if (error == 0 || (std::bit_cast<uint64_t>(sum) & 1) != 0) return sum;
  // The odd neighbour on the error's side.
  return std::nextafter(sum, error > 0 ? HUGE_VAL : -HUGE_VAL);
}

/// Likewise of a number whose sticky part is below 64 bits.
double ToOdd(const UnpackedReal& value) {
  constexpr int kDoubleBits = std::numeric_limits<double>::digits;
  const int dropped = static_cast<int>(std::bit_width(value.significand)) - kDoubleBits;
  uint64_t kept = value.significand;
  int exponent = value.exponent;
  if (dropped > 0) {
    kept >>= dropped;
    exponent += dropped;
    if (value.sticky || kept << dropped != value.significand) kept |= 1;
  }
  const double magnitude = std::ldexp(static_cast<double>(kept), exponent);
  return value.negative ? -magnitude : magnitude;
}

}  // namespace

std::string_view Name(WordOverflow overflow) {
  return overflow == WordOverflow::kSaturate ? "saturate" : "wrap";
}

std::string Name(const Adder& adder) {
  if (adder.kind == AdderKind::kExact) return "exact";
  return fmt::format("{}({})", adder.kind == AdderKind::kLowerOr ? "loa" : "trunc", adder.bits);
}

std::string Name(const Accumulator& accumulator) {
  if (const auto* floats = std::get_if<FloatAccumulator>(&accumulator)) return Name(floats->format);
  if (const auto* word = std::get_if<WordAccumulator>(&accumulator)) {
    return word->is_integer
               ? fmt::format("int{}", word->bits)
               : fmt::format("fixed({},{})", word->integer_bits(), word->fraction_bits);
  }
  return std::holds_alternative<ExactAccumulator>(accumulator) ? "quire" : "";
}

float AddRounded(const FloatFormat& format, Rounding rounding, float a, float b) {
  return RoundDouble(format, rounding, SumToOdd(a, b));
}

void FloatSum::Add(float product) {
  if (accumulator_.chunk > 0 && in_chunk_ == accumulator_.chunk) {
    finished_ = Sum(finished_, chunk_);
    chunk_ = 0.0f;
    in_chunk_ = 0;
  }
  chunk_ = Sum(chunk_, product);
  if (accumulator_.chunk > 0) ++in_chunk_;
}

float FloatSum::Result() const {
  return accumulator_.chunk > 0 ? Sum(finished_, chunk_) : chunk_;
}

void WordSum::Add(int64_t product) {
  word_ = IntoWord(accumulator_, mulberry::Add(accumulator_.adder, word_, product));
}

void WordSum::Add(float product) {
  const bool wraps = accumulator_.overflow == WordOverflow::kWrap;
  nan_ |= std::isnan(product) || (std::isinf(product) && wraps);
  if (nan_) return;
  word_ = IntoWord(accumulator_,
                   mulberry::Add(accumulator_.adder, word_, InUnits(accumulator_, product)));
}

float WordSum::Result() const {
  if (nan_) return std::numeric_limits<float>::quiet_NaN();
  return std::ldexp(static_cast<float>(word_), -accumulator_.fraction_bits);
}

void ExactSum::Add(const ExactProduct& product) {
  special_ += product.special;
  if (product.special == 0) sum_.Add(product.number);
}

float ExactSum::Result() const {
  if (special_ != 0) return special_;
  const UnpackedReal sum = sum_.Sum();
  if (posit_) return Decode(*posit_, RoundToPosit(*posit_, Rounding::kNearestEven, sum));
  return RoundDouble(kFp32, Rounding::kNearestEven, ToOdd(sum));
}

}  // namespace mulberry
