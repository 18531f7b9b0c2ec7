// Accumulators: how the products of one output are summed, in order of k, from +0. A value that
// says how, and for each kind the scalar definition of its sum, which is fed products one by one.
//
//   standard              products of floats and posits in FP32, those of integers exactly in 64
//                         bits and rounded once to FP32. Defined by kernels/ref/gemm.cc.
//   acc=FLOAT chunk=C     each sum of two numbers is exact and then rounded once into the format
//   acc=int(n)            a word of n bits, products of integers
//   acc=fixed(il,fl)      a word of 1 + il + fl bits that counts multiples of 2^-fl
//   acc=quire             the exact sum of exact products, rounded once at the end
//
// Sources: Wang et al., "Training Deep Neural Networks with 8-bit Floating Point Numbers", NeurIPS
// 2018 (chunks); Mahdiani et al., "Bio-Inspired Imprecise Computational Blocks for Efficient VLSI
// Implementation of Soft-Computing Applications", IEEE TCAS-I 57(4), 2010 (lower-part-OR adder);
// Kulisch (long_accumulator.h). Not here: matrices (kernels/ref), which operands an accumulator
// takes and how it is written (arithmetic/).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "mulberry/formats/float_format.h"
#include "mulberry/formats/long_accumulator.h"
#include "mulberry/formats/posit.h"
#include "mulberry/formats/rounding.h"

namespace mulberry {

struct StandardAccumulator {
  friend constexpr bool operator==(StandardAccumulator, StandardAccumulator) = default;
};

/// Of floats and posits: sum and product are values of FP32, and each sum is one of `format`,
/// rounded once, overflow as the format says.
struct FloatAccumulator {
  static constexpr int kMaxChunk = 1 << 30;

  FloatFormat format = kFp32;
  Rounding rounding = Rounding::kNearestEven;  ///< Or kTowardZero.
  /// So many products are summed from +0 at a time, and these sums to one another in order, from
  /// +0, in the same way; the last chunk may be shorter. 0: all products in one.
  int chunk = 0;

  friend constexpr bool operator==(const FloatAccumulator&, const FloatAccumulator&) = default;
};

/// What a word does with a sum beyond its range.
enum class WordOverflow : uint8_t {
  kSaturate,  ///< To the end of the range that is nearer.
  kWrap,      ///< Modulo 2^bits.
};

/// How a word is added to. In two's complement, of as many bits as the numbers need:
///   kExact      the sum.
///   kLowerOr    the low k bits are the OR of the operands' ones; the carry into the bits above is
///               the AND of the operands' bits k - 1; above is the sum and that carry.
///   kTruncated  the low k bits are 0; above is the sum of the operands' bits there.
enum class AdderKind : uint8_t { kExact, kLowerOr, kTruncated };
struct Adder {
  AdderKind kind = AdderKind::kExact;
  int bits = 0;  ///< k, 0 to one less than the word has.

  friend constexpr bool operator==(const Adder&, const Adder&) = default;
};

/// A word in two's complement. The adder's sum is taken at full width, then saturates (to the
/// word's ends, whatever their low bits) or wraps.
struct WordAccumulator {
  static constexpr int kMinBits = 2, kMaxBits = 64;
  /// Bound of |il| and |fl|: FP32's normal numbers hold any word's value.
  static constexpr int kMaxExponent = 94;

  /// Of products of integers: acc=int(bits). Else of floats and posits: acc=fixed(il,fl), where
  /// each product is rounded to a multiple of 2^-fl before it is added.
  bool is_integer = true;
  int bits = 32;
  int fraction_bits = 0;                       ///< fl; 0 for integers.
  Rounding rounding = Rounding::kNearestEven;  ///< Or kTowardZero; of products of floats.
  WordOverflow overflow = WordOverflow::kSaturate;
  Adder adder = {};

  /// il.
  constexpr int integer_bits() const { return bits - 1 - fraction_bits; }

  friend constexpr bool operator==(const WordAccumulator&, const WordAccumulator&) = default;
};

/// Of floats and posits.
struct ExactAccumulator {
  friend constexpr bool operator==(ExactAccumulator, ExactAccumulator) = default;
};

using Accumulator =
    std::variant<StandardAccumulator, FloatAccumulator, WordAccumulator, ExactAccumulator>;

/// The value of acc=: "fp16", "int24", "fixed(8,20)", "quire"; "" for the standard one.
std::string Name(const Accumulator& accumulator);
std::string_view Name(WordOverflow overflow);  // "saturate", "wrap"
/// "loa(4)", "trunc(4)"; "exact".
std::string Name(const Adder& adder);

/// a + b rounded once into the format; infinities and NaN as in FP32, then as `format` has them.
float AddRounded(const FloatFormat& format, Rounding rounding, float a, float b);

class FloatSum {
 public:
  /// `start` is the sum of earlier products, of whole chunks if there are chunks.
  explicit FloatSum(const FloatAccumulator& accumulator, float start = 0.0f)
      : accumulator_(accumulator) {
    (accumulator.chunk > 0 ? finished_ : chunk_) = start;
  }
  void Add(float product);
  float Result() const;

 private:
  float Sum(float a, float b) const {
    return AddRounded(accumulator_.format, accumulator_.rounding, a, b);
  }

  FloatAccumulator accumulator_;
  float finished_ = 0.0f;  ///< The sum of the chunks before this one.
  float chunk_ = 0.0f;     ///< The sum of this one, of ...
  int in_chunk_ = 0;       ///< ... so many products, if there are chunks.
};

class WordSum {
 public:
  explicit WordSum(const WordAccumulator& accumulator) : accumulator_(accumulator) {}
  /// Of a word of integers.
  void Add(int64_t product);
  /// Of a word of floats. A NaN makes the result NaN. An infinity is larger than any number, and so
  /// saturates; a word that wraps has no place for it, and the result is NaN.
  void Add(float product);
  /// The word in FP32, rounded once, to nearest even; zero is +0.
  float Result() const;
  /// The word itself, of integers.
  int64_t word() const { return word_; }

 private:
  WordAccumulator accumulator_;
  int64_t word_ = 0;
  bool nan_ = false;
};

/// A product before it is rounded; or an infinity or NaN as `special`, which else is 0.
struct ExactProduct {
  UnpackedReal number = {};
  float special = 0.0f;
};

/// Products of FP32 values, and of any model's on their significands, have bits of weights from
/// 2^-320 to 2^258; up to 2^61 of them are summed exactly.
class ExactSum {
 public:
  /// The result is one of `posit`, or of FP32.
  explicit ExactSum(std::optional<PositFormat> posit) : posit_(posit) {}
  void Add(const ExactProduct& product);
  /// Rounded to nearest even. Infinities and NaN give what they give in FP32: NaN for any NaN and
  /// for infinities of both signs. A zero is +0.
  float Result() const;

 private:
  std::optional<PositFormat> posit_;
  LongAccumulator sum_{-320, 640};
  float special_ = 0.0f;
};

}  // namespace mulberry
