#include "mulberry/hardware/product_circuit.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

/// Exponents as a decoder gives them.
struct ExponentRange {
  int low, high;
  int bias;
};

/// Whether all that is below the normal numbers is read as zero.
bool Flushes(const FloatFormat& format) {
  return format.exponent_bits == 8 || format.mantissa_bits == 0;
}

ExponentRange RangeOf(const Format& format) {
  if (const auto* posit = std::get_if<PositFormat>(&format)) {
    return {-posit->max_exponent(), posit->max_exponent(), 0};
  }
  const auto& floats = std::get<FloatFormat>(format);
  return {Flushes(floats) ? 1 : 1 - floats.mantissa_bits, floats.max_exponent() + floats.bias(),
          floats.bias()};
}

int BitsOf(const Format& format) {
  if (const auto* posit = std::get_if<PositFormat>(&format)) return posit->bits;
  return std::get<FloatFormat>(format).bits();
}

/// Bits of a decoder's exponent in two's complement, at least.
int DecodedExponentBits(const Format& format) {
  if (const auto* posit = std::get_if<PositFormat>(&format)) {
    return posit->exponent_bits + BitsToCount(posit->bits - 1) + 2;
  }
  const auto& floats = std::get<FloatFormat>(format);
  return std::max(floats.exponent_bits, BitsToCount(floats.mantissa_bits + 1)) + 1;
}

/// Whether every product of significands has its leading one in one of its two top bits. Found by
/// trying all of them where they are few; else known of the exact product, and of Mitchell's and
/// DRUM's, which keep both leading ones.
bool HasLeadingOneOnTop(const Arithmetic& arithmetic, int significand_bits) {
  constexpr int kMostTriedBits = 11;
  if (significand_bits > kMostTriedBits) {
    const std::string& family = arithmetic.multiplier.family;
    return family == "exact" || family == "mitchell" || family == "drum";
  }
  const Model model = MakeModel(arithmetic.multiplier, SignificandsOf(arithmetic));
  const uint32_t first = uint32_t{1} << (significand_bits - 1);
  std::vector<uint32_t> a(first), b(first);
  for (uint32_t i = 0; i < first; ++i) b[i] = first + i;
  std::vector<uint64_t> products(first);
  for (uint32_t i = 0; i < first; ++i) {
    std::fill(a.begin(), a.end(), first + i);
    model.Evaluate(a.data(), b.data(), products.data(), first);
    if (*std::min_element(products.begin(), products.end()) < uint64_t{first} * first) return false;
  }
  return true;
}

}  // namespace

int BitsToCount(int value) {
  int bits = 1;
  while ((1 << bits) < value) ++bits;
  return bits;
}

std::string Parameters(const std::vector<std::pair<std::string, int>>& values) {
  std::string list;
  for (const auto& [name, value] : values) {
    list += fmt::format("{}.{}({})", list.empty() ? "" : ", ", name, value);
  }
  return list;
}

std::string DecodeText(const Format& format, const std::string& x, int significand_bits,
                       int exponent_bits) {
  std::string text = fmt::format(
      "  wire {0}_sign, {0}_nan, {0}_infinite, {0}_zero;\n"
      "  wire signed [{1}:0] {0}_exponent;\n  wire [{2}:0] {0}_significand;\n",
      x, exponent_bits - 1, significand_bits - 1);
  const auto instance = [&](const char* module, std::vector<std::pair<std::string, int>> values,
                            const std::string& specials) {
    values.insert(values.end(), {{"S", significand_bits}, {"X", exponent_bits}});
    text += fmt::format(
        "  {0} #({1}) decode_{2} (.x({2}), .sign({2}_sign), {3}, .zero({2}_zero),\n"
        "    .exponent({2}_exponent), .significand({2}_significand));\n",
        module, Parameters(values), x, specials);
  };
  if (const auto* posit = std::get_if<PositFormat>(&format)) {
    instance(
        "posit_decode",
        {{"N", posit->bits}, {"ES", posit->exponent_bits}, {"L", BitsToCount(posit->bits - 1)}},
        fmt::format(".nar({}_nan)", x));
    return text + fmt::format("  assign {}_infinite = 1'b0;\n", x);
  }
  const auto& floats = std::get<FloatFormat>(format);
  instance("float_decode",
           {{"E", floats.exponent_bits},
            {"M", floats.mantissa_bits},
            {"L", BitsToCount(floats.mantissa_bits + 1)},
            {"HAS_INFINITY", floats.specials == Specials::kIeee},
            {"FLUSH", Flushes(floats)}},
           fmt::format(".nan({0}_nan), .infinite({0}_infinite)", x));
  return text;
}

ProductCircuit MakeProductCircuit(const Arithmetic& arithmetic, const MultiplierModule& multiplier,
                                  int bias) {
  MakeFloatMultiplier(arithmetic);  // Refuses what multiplies no significands.
  const Format &first = arithmetic.format.first, &second = arithmetic.format.second;
  const ExponentRange a = RangeOf(first), b = RangeOf(second);
  ProductCircuit product;
  product.a_bits = BitsOf(first);
  product.b_bits = BitsOf(second);
  product.significand_bits = arithmetic.mantissa_bits() + 1;
  const int width = 2 * product.significand_bits;
  product.fraction_bits = width - 1;

  const bool on_top = HasLeadingOneOnTop(arithmetic, product.significand_bits);
  const int leading_zeros = on_top ? 1 : width;
  const int offset = bias - a.bias - b.bias;
  const int low = a.low + b.low + offset + 1 - leading_zeros;
  const int high = a.high + b.high + offset + 2;  // The significand's carry, and that of rounding.
  product.in_fp32_range = low - bias >= -126 && high - bias <= 127;
  product.exponent_bits = std::max({BitsToCount(std::max({-low, high, -offset, offset}) + 2) + 1,
                                    DecodedExponentBits(first), DecodedExponentBits(second)});

  product.text = DecodeText(first, "a", product.significand_bits, product.exponent_bits) +
                 DecodeText(second, "b", product.significand_bits, product.exponent_bits);
  product.text += fmt::format(
      "  wire [{}:0] significands;\n  {}\n", width - 1,
      multiplier.Instance("multiply", "a_significand", "b_significand", "significands"));
  product.text += fmt::format(
      "  wire no_product;\n  wire signed [{}:0] p_exponent;\n  wire [{}:0] p_fraction;\n"
      "  product_normalise #({}) normalise (.p(significands), .ea(a_exponent), .eb(b_exponent),\n"
      "    .exponent(p_exponent), .fraction(p_fraction), .zero(no_product));\n"
      "  wire p_sign = a_sign ^ b_sign;\n"
      "  wire p_nan = a_nan | b_nan | (a_zero & b_infinite) | (a_infinite & b_zero);\n"
      "  wire p_infinite = a_infinite | b_infinite;\n",
      product.exponent_bits - 1, product.fraction_bits - 1,
      Parameters({{"W", width},
                  {"X", product.exponent_bits},
                  {"K", offset},
                  {"LEADING_ZEROS", leading_zeros},
                  {"L", BitsToCount(width)}}));
  // Where a multiplier returns nothing the operands may still be infinite.
  product.text += "  wire p_zero = a_zero | b_zero | (no_product & ~p_infinite);\n";
  product.files = {"leading_zeros.v", "shift_right_sticky.v", "float_decode.v", "posit_decode.v",
                   "product_normalise.v"};
  product.files.insert(product.files.end(), multiplier.files.begin(), multiplier.files.end());
  return product;
}

}  // namespace mulberry
