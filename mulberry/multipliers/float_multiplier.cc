#include "mulberry/multipliers/float_multiplier.h"

#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr int kFp32MantissaBits = 23;
constexpr uint32_t kSignMask = 0x80000000;
constexpr uint32_t kMantissaMask = 0x007fffff, kHiddenBit = 0x00800000;
constexpr float kQuietNan = std::bit_cast<float>(0x7fc00000);
constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// `product` with no more than `bits` bits from its leading one: to nearest even, or truncated.
uint64_t RoundSignificand(uint64_t product, int bits, bool nearest) {
  const int dropped = std::bit_width(product) - bits;
  if (dropped <= 0) return product;
  uint64_t kept = product >> dropped;
  if (nearest) {
    const uint64_t rest = product - (kept << dropped);
    const uint64_t half = uint64_t{1} << (dropped - 1);
    if (rest > half || (rest == half && (kept & 1))) ++kept;
  }
  return kept << dropped;
}

/// A product that is a float.
ExactProduct ExactlyOf(float product) {
  if (!std::isfinite(product)) return {.special = product};
  return {.number = Unpack(double{product})};
}

/// An FP32 value taken apart; one below 2^-126 counts as zero.
struct Unpacked {
  explicit Unpacked(float value)
      : biased_exponent(
            static_cast<int>(std::bit_cast<uint32_t>(value) >> kFp32MantissaBits & 0xff)),
        mantissa(std::bit_cast<uint32_t>(value) & kMantissaMask) {}

  bool zero() const { return biased_exponent == 0; }
  bool infinite() const { return biased_exponent == 255 && mantissa == 0; }
  bool nan() const { return biased_exponent == 255 && mantissa != 0; }
  int exponent() const { return biased_exponent - 127; }
  /// The significand as an integer of mantissa_bits + 1 bits.
  uint32_t Significand(int mantissa_bits) const {
    return (mantissa | kHiddenBit) >> (kFp32MantissaBits - mantissa_bits);
  }

  int biased_exponent;
  uint32_t mantissa;
};

/// Two operands taken apart.
struct UnpackedPair {
  UnpackedPair(float a, float b)
      : x(a), y(b), sign((std::bit_cast<uint32_t>(a) ^ std::bit_cast<uint32_t>(b)) & kSignMask) {}

  float Signed(float magnitude) const {
    return std::bit_cast<float>(std::bit_cast<uint32_t>(magnitude) | sign);
  }
  /// The product where no significands are multiplied: lines 1 to 3 of the rule.
  std::optional<float> SpecialProduct() const {
    if (x.nan() || y.nan() || (x.zero() && y.infinite()) || (x.infinite() && y.zero())) {
      return kQuietNan;
    }
    if (x.infinite() || y.infinite()) return Signed(kInfinity);
    if (x.zero() || y.zero()) return Signed(0.0f);
    return std::nullopt;
  }
  /// The product, given that of the significands: line 5.
  float Scaled(float significand) const {
    // In double, whose exponents hold every product; the significand is rounded already.
    const double product = std::ldexp(double{significand}, x.exponent() + y.exponent());
    if (product >= 0x1p128) return Signed(kInfinity);
    if (product < 0x1p-126) return Signed(0.0f);
    return Signed(static_cast<float>(product));
  }

  Unpacked x, y;
  uint32_t sign;
};

}  // namespace

FloatMultiplier::FloatMultiplier(Model model, int mantissa_bits, ResultRounding result)
    : model_(std::move(model)), mantissa_bits_(mantissa_bits), result_(result) {
  if (mantissa_bits < 0 || mantissa_bits > kFp32MantissaBits) {
    throw UsageError("a float multiplier has 0 to {} mantissa bits, not {}", kFp32MantissaBits,
                     mantissa_bits);
  }
}

FloatMultiplier::FloatMultiplier(Model model, const PositFormat& format, ResultRounding result)
    : FloatMultiplier(std::move(model), format.mantissa_bits(), result) {
  if (const auto reason = WhyNotCarried(format)) throw UsageError("{}", *reason);
  if (result != ResultRounding::kFull) posit_result_ = format;
}

float FloatMultiplier::SignificandProduct(uint32_t i, uint32_t j) const {
  if (posit_result_) {
    throw Error("products rounded into {} depend on their exponents: significands alone have none",
                Name(*posit_result_));
  }
  const uint64_t leading_one = uint64_t{1} << mantissa_bits_;
  return Rounded(model_(leading_one | i, leading_one | j));
}

float FloatMultiplier::Rounded(uint64_t product) const {
  const int bits = 1 + (result_ == ResultRounding::kFull ? kFp32MantissaBits : mantissa_bits_);
  const uint64_t rounded = RoundSignificand(product, bits, result_ != ResultRounding::kZero);
  return std::ldexp(static_cast<float>(rounded),
                    -model_.fraction_bits.value_or(2 * mantissa_bits_));
}

UnpackedReal FloatMultiplier::Scaled(uint64_t product, float a, float b) const {
  const UnpackedPair pair(a, b);
  return {.negative = pair.sign != 0,
          .significand = product,
          .exponent = pair.x.exponent() + pair.y.exponent() -
                      model_.fraction_bits.value_or(2 * mantissa_bits_)};
}

float FloatMultiplier::Finished(uint64_t product, float a, float b) const {
  if (!posit_result_) return UnpackedPair(a, b).Scaled(Rounded(product));
  const auto rounding =
      result_ == ResultRounding::kZero ? Rounding::kTowardZero : Rounding::kNearestEven;
  return Decode(*posit_result_, RoundToPosit(*posit_result_, rounding, Scaled(product, a, b)));
}

ExactProduct FloatMultiplier::FinishedExact(uint64_t product, float a, float b) const {
  if (result_ == ResultRounding::kFull) return {.number = Scaled(product, a, b)};
  return ExactlyOf(Finished(product, a, b));
}

std::optional<float> FloatMultiplier::SpecialProduct(float a, float b) const {
  std::optional<float> special = UnpackedPair(a, b).SpecialProduct();
  // Posits have one zero.
  if (special == 0.0f && posit_result_) special = 0.0f;
  return special;
}

float FloatMultiplier::operator()(float a, float b) const {
  if (const auto special = SpecialProduct(a, b)) return *special;
  const Unpacked x(a), y(b);
  return Finished(model_(x.Significand(mantissa_bits_), y.Significand(mantissa_bits_)), a, b);
}

ExactProduct FloatMultiplier::Exact(float a, float b) const {
  if (const auto special = SpecialProduct(a, b)) return ExactlyOf(*special);
  const Unpacked x(a), y(b);
  return FinishedExact(model_(x.Significand(mantissa_bits_), y.Significand(mantissa_bits_)), a, b);
}

template <typename Product, typename Special, typename Finish>
void FloatMultiplier::MultiplyEach(const float* a, const float* b, Product* products, size_t n,
                                   Special special, Finish finish) const {
  std::vector<size_t> ordinary;  // The pairs whose significands are multiplied.
  std::vector<uint32_t> first, second;
  for (size_t i = 0; i < n; ++i) {
    if (const auto product = SpecialProduct(a[i], b[i])) {
      products[i] = special(*product);
      continue;
    }
    ordinary.push_back(i);
    first.push_back(Unpacked(a[i]).Significand(mantissa_bits_));
    second.push_back(Unpacked(b[i]).Significand(mantissa_bits_));
  }
  std::vector<uint64_t> significands(ordinary.size());
  model_.Evaluate(first.data(), second.data(), significands.data(), ordinary.size());
  for (size_t i = 0; i < ordinary.size(); ++i) {
    products[ordinary[i]] = finish(significands[i], a[ordinary[i]], b[ordinary[i]]);
  }
}

void FloatMultiplier::Multiply(const float* a, const float* b, float* products, size_t n) const {
  MultiplyEach(
      a, b, products, n, [](float special) { return special; },
      [this](uint64_t product, float x, float y) { return Finished(product, x, y); });
}

void FloatMultiplier::MultiplyExact(const float* a, const float* b, ExactProduct* products,
                                    size_t n) const {
  MultiplyEach(a, b, products, n, ExactlyOf,
               [this](uint64_t product, float x, float y) { return FinishedExact(product, x, y); });
}

}  // namespace mulberry
