#include "mulberry/formats/format_facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr int kScaleBits = 8;

void RequireCarried(const PositFormat& format) {
  if (const auto reason = WhyNotCarried(format)) throw UsageError("{}", *reason);
}

std::string SourceOf(const FloatFormat& format) {
  if (format == kFp32 || format == kFp16) return "IEEE 754-2019";
  if (format == kTf32 || format == kBf16) return "IEEE 754-2019's binary32, shortened";
  if (Name(format) == "e4m3" || Name(format) == "e5m2") return "OCP OFP8 1.0, 2023";
  return "after IEEE 754-2019";
}

std::string OverflowOf(const FloatFormat& format) {
  if (format.overflow == Overflow::kSaturate) return "saturates";
  return format.specials == Specials::kIeee ? "infinity" : "NaN";
}

FormatFacts Facts(const FloatFormat& format) {
  FormatFacts facts;
  facts.bits = format.bits();
  facts.largest = format.max_finite();
  facts.lowest = -facts.largest;
  facts.smallest_positive = format.min_positive();
  facts.smallest_normal = format.min_normal();
  facts.gap_at_one = std::ldexp(1.0, -format.mantissa_bits);
  // Positive values have consecutive encodings, from 1.
  facts.values = 2 * int64_t{Encode(format, format.max_finite())} + 1;
  facts.overflow = OverflowOf(format);
  facts.specials = format.specials == Specials::kIeee ? "±infinity, NaN, ±0" : "NaN, ±0";
  facts.source = SourceOf(format);
  return facts;
}

FormatFacts Facts(const PositFormat& format) {
  RequireCarried(format);
  FormatFacts facts;
  facts.bits = format.bits;
  facts.largest = Decode(format, format.maxpos());
  facts.lowest = -facts.largest;
  facts.smallest_positive = Decode(format, format.minpos());
  if (const uint32_t one = Encode(format, 1.0f); one != format.maxpos()) {
    facts.gap_at_one = double{Decode(format, one + 1)} - 1;
  }
  facts.values = (int64_t{1} << format.bits) - 1;
  facts.overflow = "saturates; below the smallest too";
  facts.specials = "NaR";
  facts.source = format.exponent_bits == 2 ? "Standard for Posit Arithmetic, 2022"
                                           : "Gustafson and Yonemoto, 2017";
  return facts;
}

FormatFacts Facts(const IntegerFormat& format) {
  FormatFacts facts;
  facts.bits = format.bits;
  facts.lowest = format.min();
  facts.largest = format.max();
  facts.smallest_positive = 1;
  facts.gap_at_one = 1;
  facts.values = int64_t{1} << format.bits;
  facts.overflow = "saturates";
  facts.specials = "none";
  facts.source = format.is_signed ? "two's complement" : "unsigned binary";
  return facts;
}

/// Above FP32's 24 bits each further binade, on either side, has the 2^23 values that FP32 has.
int64_t ValuesOf(const FixedFormat& format) {
  constexpr int kFp32Bits = 24;
  const int further = std::max(0, format.length() - kFp32Bits);
  const int64_t below = int64_t{1} << (format.length() - further);
  return 2 * (below + further * (int64_t{1} << (kFp32Bits - 1)));
}

FormatFacts Facts(const FixedFormat& format) {
  FormatFacts facts;
  facts.bits = format.length() + 1;
  facts.lowest = format.min();
  facts.largest = format.max();
  facts.smallest_positive = format.epsilon();
  if (format.fraction_bits >= 0 && 1 + facts.smallest_positive <= facts.largest) {
    // FP32, the carrier, has no finer values there than its own.
    facts.gap_at_one = std::max(facts.smallest_positive, 0x1p-23);
  }
  facts.values = ValuesOf(format);
  facts.overflow = "saturates";
  facts.specials = "none";
  facts.source = "Na and Mukhopadhyay, ISLPED 2016";
  return facts;
}

FormatFacts Facts(const DynamicFixedFormat& format) {
  FormatFacts facts = Facts(FixedFormat{format.bits - 1, 0});
  facts.overflow = "the point moves";
  return facts;
}

FormatFacts Facts(const BlockFormat& format) {
  FormatFacts facts;
  facts.bits = format.element_bits();
  facts.block = format.block;
  facts.largest = format.max_element();
  facts.lowest = -facts.largest;
  facts.smallest_positive = std::ldexp(1.0, format.min_exponent() - format.mantissa_bits);
  if (!format.is_integer()) facts.smallest_normal = std::ldexp(1.0, format.min_exponent());
  const double gap = std::ldexp(1.0, -format.mantissa_bits);
  if (1 + gap <= facts.largest) facts.gap_at_one = gap;
  // Binades of normal values and, below them, as many multiples of the smallest as one has, with
  // zero; the highest binade ends at the largest value.
  const int64_t binade = int64_t{1} << format.mantissa_bits;
  const int64_t binades = format.max_exponent() - format.min_exponent();
  facts.values = 2 * (binades * binade + format.max_significand()) + 1;
  facts.overflow = "saturates";
  facts.specials = format.is_integer() ? "NaN of the block" : "NaN of the block, ±0";
  facts.source =
      Name(format).starts_with("mx") ? "OCP MX 1.0, 2023" : "after Drumond et al., NeurIPS 2018";
  return facts;
}

}  // namespace

FormatFacts FactsOf(const Format& format) {
  FormatFacts facts = std::visit([](const auto& f) { return Facts(f); }, format);
  facts.name = Name(format);
  const bool has_scale = std::holds_alternative<BlockFormat>(format);
  facts.bits_per_value = facts.bits + (has_scale ? double{kScaleBits} / facts.block : 0);
  return facts;
}

std::string NumberText(double number) {
  int exponent;
  const double magnitude = std::fabs(number);
  const bool is_power = std::frexp(magnitude, &exponent) == 0.5;
  if (is_power && (magnitude < 1 || magnitude >= 1024)) {
    return fmt::format("{}2^{}", number < 0 ? "-" : "", exponent - 1);
  }
  // Of the values just below a power of two five digits would show the power.
  const double power = std::ldexp(1.0, exponent), below = power - magnitude;
  int below_exponent;
  if (magnitude < 1e6 && below <= power * 0x1p-14 && std::frexp(below, &below_exponent) == 0.5 &&
      number > 0 && number != std::trunc(number)) {
    return fmt::format("{} - {}", NumberText(power), NumberText(below));
  }
  if (number == std::trunc(number) && magnitude < 1e6) return fmt::format("{}", number);
  return fmt::format("{:.5g}", number);
}

}  // namespace mulberry
