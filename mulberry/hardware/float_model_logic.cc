#include "mulberry/hardware/float_model_logic.h"

#include <algorithm>
#include <bit>
#include <variant>

#include "mulberry/hardware/float_design.h"

namespace mulberry {
namespace {

using Word = Aig::Word;

constexpr int kMostEncodingBits = 19, kMostMantissaBits = 10;
constexpr int kMantissaBits = 23, kExponentBits = 8;  // Of FP32.
constexpr uint32_t kQuietNan = 0x7fc00000, kInfinity = 0x7f800000;

/// The function of the word's 2^n values whose outputs are the low `bits` bits of `values`.
Word Lookup(Aig& graph, const Word& word, const std::vector<uint32_t>& values, int bits) {
  const Word arguments(word.rbegin(), word.rend());
  Word result;
  for (int bit = 0; bit < bits; ++bit) {
    result.push_back(
        graph.OfValues(arguments, [&](uint64_t i) { return (values[i] >> bit & 1) != 0; }));
  }
  return result;
}

Word Constant(uint32_t value, size_t bits) {
  Word word;
  for (size_t i = 0; i < bits; ++i) word.push_back(value >> i & 1 ? Aig::kTrue : Aig::kFalse);
  return word;
}

Word Slice(const Word& word, int first, int bits) {
  return {word.begin() + first, word.begin() + first + bits};
}

Word Extended(Word word, size_t bits) {
  word.resize(bits, Aig::kFalse);
  return word;
}

/// a + b of equal widths, with the carry on top.
Word Sum(Aig& graph, const Word& a, const Word& b) {
  Word sum;
  Aig::Literal carry = Aig::kFalse;
  for (size_t i = 0; i < a.size(); ++i) {
    const Aig::Literal half = graph.Xor(a[i], b[i]);
    sum.push_back(graph.Xor(half, carry));
    carry = graph.Mux(half, carry, a[i]);
  }
  sum.push_back(carry);
  return sum;
}

/// word >= limit, for 0 < limit < 2^bits: whether adding 2^bits - limit carries.
Aig::Literal AtLeast(Aig& graph, const Word& word, uint32_t limit) {
  return Sum(graph, word, Constant((uint32_t{1} << word.size()) - limit, word.size())).back();
}

Aig::Literal AnyOf(Aig& graph, const Word& word) {
  Aig::Literal any = Aig::kFalse;
  for (const Aig::Literal bit : word) any = graph.Or(any, bit);
  return any;
}

Word Choose(Aig& graph, Aig::Literal select, const Word& one, const Word& zero) {
  Word word;
  for (size_t i = 0; i < one.size(); ++i) word.push_back(graph.Mux(select, one[i], zero[i]));
  return word;
}

int EncodingBits(const Format& format) {
  if (const auto* posit = std::get_if<PositFormat>(&format)) return posit->bits;
  return std::get<FloatFormat>(format).bits();
}

/// An operand's FP32 value taken apart. Magnitudes below 2^-126 count as zero.
struct Operand {
  Operand(Aig& graph, const Format& format, const Word& encoding) {
    std::vector<uint32_t> values;
    for (uint64_t i = 0; i < uint64_t{1} << encoding.size(); ++i) {
      values.push_back(std::bit_cast<uint32_t>(DecodeOperand(format, i)));
    }
    const Word value = Lookup(graph, encoding, values, 32);
    mantissa = Slice(value, 0, kMantissaBits);
    exponent = Slice(value, kMantissaBits, kExponentBits);
    sign = value.back();
    const Aig::Literal fraction = AnyOf(graph, mantissa);
    const Aig::Literal largest = AtLeast(graph, exponent, 255);
    zero = Aig::Not(AnyOf(graph, exponent));
    infinite = graph.And(largest, Aig::Not(fraction));
    nan = graph.And(largest, fraction);
  }

  Word mantissa, exponent;
  Aig::Literal sign, zero, infinite, nan;
};

/// The rounded products of all pairs of significands, as FP32 values of [0, 4].
Word SignificandProducts(Aig& graph, const FloatMultiplier& multiply, const Operand& a,
                         const Operand& b) {
  const int bits = multiply.mantissa_bits();
  Word mantissas = Slice(b.mantissa, kMantissaBits - bits, bits);
  const Word first = Slice(a.mantissa, kMantissaBits - bits, bits);
  mantissas.insert(mantissas.end(), first.begin(), first.end());
  const uint32_t count = uint32_t{1} << bits;
  std::vector<uint32_t> products;
  for (uint32_t i = 0; i < count; ++i) {
    for (uint32_t j = 0; j < count; ++j) {
      products.push_back(std::bit_cast<uint32_t>(multiply.SignificandProduct(i, j)));
    }
  }
  return Lookup(graph, mantissas, products, kMantissaBits + kExponentBits);
}

}  // namespace

bool HasFloatModelLogic(const Arithmetic& arithmetic) {
  return EncodingBits(arithmetic.format.first) <= kMostEncodingBits &&
         EncodingBits(arithmetic.format.second) <= kMostEncodingBits &&
         arithmetic.mantissa_bits() <= kMostMantissaBits &&
         !MakeFloatMultiplier(arithmetic).rounds_by_exponent();
}

Word FloatModelLogic(const Arithmetic& arithmetic, Aig& graph, const Word& a_encoding,
                     const Word& b_encoding) {
  const Operand a(graph, arithmetic.format.first, a_encoding);
  const Operand b(graph, arithmetic.format.second, b_encoding);
  const Word significand = SignificandProducts(graph, MakeFloatMultiplier(arithmetic), a, b);

  // The product's biased exponent is the sum of the three, less 254.
  const Word operands = Sum(graph, a.exponent, b.exponent);
  const Word sum = Sum(graph, operands,
                       Extended(Slice(significand, kMantissaBits, kExponentBits), operands.size()));
  const Word exponent = Sum(graph, sum, Constant(1024 - 254, sum.size()));
  const Aig::Literal nothing = Aig::Not(AnyOf(graph, significand));
  const Aig::Literal too_large = graph.And(AtLeast(graph, sum, 254 + 255), Aig::Not(nothing));
  const Aig::Literal too_small = graph.Or(Aig::Not(AtLeast(graph, sum, 254 + 1)), nothing);

  const Aig::Literal zero = graph.Or(a.zero, b.zero);
  const Aig::Literal infinite = graph.Or(a.infinite, b.infinite);
  const Aig::Literal nan = graph.Or(graph.Or(a.nan, b.nan), graph.And(zero, infinite));

  Word magnitude = Slice(significand, 0, kMantissaBits);
  magnitude.insert(magnitude.end(), exponent.begin(), exponent.begin() + kExponentBits);
  const Word none = Constant(0, magnitude.size());
  const Word limit = Constant(kInfinity, magnitude.size());
  magnitude = Choose(graph, too_small, none, magnitude);
  magnitude = Choose(graph, too_large, limit, magnitude);
  magnitude = Choose(graph, zero, none, magnitude);
  magnitude = Choose(graph, infinite, limit, magnitude);
  magnitude = Choose(graph, nan, Constant(kQuietNan, magnitude.size()), magnitude);
  magnitude.push_back(graph.And(graph.Xor(a.sign, b.sign), Aig::Not(nan)));
  return magnitude;
}

}  // namespace mulberry
