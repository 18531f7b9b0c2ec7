#include "mulberry/arithmetic/encoded_table.h"

#include "mulberry/formats/posit_arithmetic.h"

namespace mulberry {
namespace {

int BitsOf(const FloatFormat& format) {
  return format.bits();
}
int BitsOf(const PositFormat& format) {
  return format.bits;
}

/// Calls body with the one format of floats or posits, or throws UsageError.
template <class Body>
std::vector<uint8_t> WithNarrowFormat(const Arithmetic& arithmetic, const Body& body) {
  const auto call = [&](const auto& format) {
    if (arithmetic.native || BitsOf(format) > kMaxEncodedBits) {
      throw UsageError("{} has {} bits: an encoded table is of formats of at most {}", Name(format),
                       BitsOf(format), kMaxEncodedBits);
    }
    return body(format);
  };
  if (const FloatFormat* format = arithmetic.float_format()) return call(*format);
  if (const PositFormat* format = arithmetic.posit_format()) return call(*format);
  throw UsageError(
      "{}: encoded tables are of one format of floats or posits; integers have other files",
      Print(arithmetic));
}

/// entry(a, b) for all pairs of encodings of n bits.
template <class Entry>
std::vector<uint8_t> AllPairs(int bits, const Entry& entry) {
  std::vector<uint8_t> table;
  table.reserve(size_t{1} << 2 * bits);
  for (uint32_t a = 0; a < uint32_t{1} << bits; ++a) {
    for (uint32_t b = 0; b < uint32_t{1} << bits; ++b) {
      table.push_back(static_cast<uint8_t>(entry(a, b)));
    }
  }
  return table;
}

// FP32's sum of floats of so few bits is rounded, but with more than twice their significands' bits
// and two: rounding it again gives what rounding the exact sum would.
uint32_t Sum(const FloatFormat& format, uint32_t a, uint32_t b) {
  return Encode(format,
                Round(format, Rounding::kNearestEven, Decode(format, a) + Decode(format, b)));
}
uint32_t Sum(const PositFormat& format, uint32_t a, uint32_t b) {
  return PositAdd(format, a, b);
}

}  // namespace

std::vector<uint8_t> EncodedProducts(const Arithmetic& arithmetic) {
  return WithNarrowFormat(arithmetic, [&](const auto& format) {
    // In full, the product is exact: FP32 has more than twice the bits of such significands.
    Arithmetic full = arithmetic;
    full.result = ResultRounding::kFull;
    const FloatMultiplier multiplier = MakeFloatMultiplier(full);
    const bool truncated = arithmetic.result == ResultRounding::kZero;
    const Rounding rounding = truncated ? Rounding::kTowardZero : Rounding::kNearestEven;
    return AllPairs(BitsOf(format), [&](uint32_t a, uint32_t b) {
      return Encode(format,
                    Round(format, rounding, multiplier(Decode(format, a), Decode(format, b))));
    });
  });
}

std::vector<uint8_t> EncodedSums(const Arithmetic& arithmetic) {
  return WithNarrowFormat(arithmetic, [&](const auto& format) {
    if (arithmetic.multiplier != Multiplier{} || arithmetic.result == ResultRounding::kZero) {
      throw UsageError("sums are exact and rounded to nearest: ask for them as exact@{}",
                       Name(format));
    }
    return AllPairs(BitsOf(format), [&](uint32_t a, uint32_t b) { return Sum(format, a, b); });
  });
}

}  // namespace mulberry
