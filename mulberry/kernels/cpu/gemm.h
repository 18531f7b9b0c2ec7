// The CPU kernels: SIMD matrix products that give the bits of ReferenceGemm for the multipliers
// they are made for, but for those called product-exact. Each states what it needs of a multiplier;
// choosing one and proving that it fits is plan/'s work, not done here.
//
// All are compiled for every instruction set (Highway) and dispatched once per call. All read
// operands in place, convolutions included, and split the work over mulberry::Threads().
#pragma once

#include <cstdint>

#include "mulberry/kernels/gemm.h"

namespace mulberry {

/// Multipliers of significands that are a few instructions on the bits of a float.
enum class ClosedForm : uint8_t {
  kExact,     ///< The exact product, rounded to nearest even to 24 bits where it has more.
  kMitchell,  ///< 1 + x + y if x + y < 1, else 2·(x + y): an integer addition of the mantissas.
};

/// What becomes of an operand's FP32 bits before the product, where it is not zero. Both touch the
/// mantissa alone.
struct OperandMask {
  uint32_t keep = ~uint32_t{0};  ///< Other bits are cleared, ...
  uint32_t set = 0;              ///< ... then these are set.

  uint32_t Apply(uint32_t bits) const { return (bits & keep) | set; }
  friend bool operator==(const OperandMask&, const OperandMask&) = default;
};

/// `product` is the scalar definition, used for the rare tiles that hold an infinity, a NaN or a
/// product that may overflow. `exact_products`: no product of two significands needs more than 24
/// bits, so that a fused multiply-add gives the contract's bits. The form is that of the masked
/// operands.
struct ClosedFormMultiplier {
  ClosedForm form = ClosedForm::kExact;
  bool exact_products = false;
  ScalarProduct product;
  OperandMask first = {}, second = {};
};
void ClosedFormGemm(const GemmProblem& problem, const ClosedFormMultiplier& multiplier);

/// A multiplier of mantissas of up to 8 bits, as the table of its significand products.
struct GatherTableMultiplier {
  int mantissa_bits = 0;
  /// Nonzero products are 2^min_log2 or more; none is more than 4.
  int min_log2 = 0;
  /// products[(i << mantissa_bits) | j]: the product of the significands with the first operand's
  /// mantissa i and the second's j; products_b_first has the operands exchanged.
  const float* products = nullptr;
  const float* products_b_first = nullptr;
  ScalarProduct product;
};
void GatherTableGemm(const GemmProblem& problem, const GatherTableMultiplier& multiplier);

/// Sums that are rounded into a float format after every addition (FloatSum), with products of a
/// closed form or of a table. Gives the bits of ReferenceGemm with that accumulator.
struct RoundedSums {
  /// Of more, FP32's 24 bits with the last one odd do not tell how the exact sum is rounded.
  static constexpr int kMostMantissaBits = 21;
  /// Chunks divide so many products, which are summed before operands are packed anew.
  static constexpr int kChunkMultiple = 256;

  /// 1 to kMostMantissaBits mantissa bits; chunk 0 or a divisor of kChunkMultiple; nearest even or
  /// toward zero.
  FloatAccumulator accumulator;
};
void RoundedSumsGemm(const GemmProblem& problem, const RoundedSums& sums,
                     const ClosedFormMultiplier& multiplier);
void RoundedSumsGemm(const GemmProblem& problem, const RoundedSums& sums,
                     const GatherTableMultiplier& multiplier);

/// A multiplier of mantissas of up to 8 bits whose products lie in [1, 4) and have at most 15
/// mantissa bits. A product's code is its float bits less those of 1.0, shifted right by 8: bit 15
/// is the carry into the exponent, bits 14..0 the mantissa. words holds the codes, high their upper
/// bytes, low the lower ones, null if these are always zero: whole words and bytes are looked up on
/// different machines. A row of 128 codes (256 for 8 mantissa bits) serves one mantissa of the row
/// operand.
struct RegisterTableMultiplier {
  struct Planes {
    const uint8_t* high = nullptr;
    const uint8_t* low = nullptr;
    const uint16_t* words = nullptr;
  };
  int mantissa_bits = 0;
  Planes planes;          ///< Rows: the first operand's mantissa.
  Planes planes_b_first;  ///< Rows: the second operand's mantissa.
  ScalarProduct product;
};
/// Whether this machine has what the kernel is made of: permutes of two registers of bytes (AVX-512
/// VBMI) or of words (AVX-512 BW); for at most 7 bits, shuffles of bytes (AVX2).
bool RegisterTableSupported(int mantissa_bits);
/// Requires RegisterTableSupported(mantissa_bits).
void RegisterTableGemm(const GemmProblem& problem, const RegisterTableMultiplier& multiplier);

/// A multiplier of mantissas of up to 7 bits, as a short sum of products of one-operand functions:
/// the product of the significands with mantissas i and j is Σ_t first[t]·second[t], where each
/// value is one of bf16, and so each product of two of them exact. *Product-exact*: the products
/// are those of the definition, but FP32 sums them term by term and in pairs of k, and sums below
/// 2^-126 become 0.
struct Bf16TermsMultiplier {
  static constexpr int kMostTerms = 2;

  int mantissa_bits = 0;
  int terms = 0;                    ///< 1 to kMostTerms.
  const uint16_t* first = nullptr;  ///< bf16 encodings, 128 for each term: one for each mantissa.
  const uint16_t* second = nullptr;
  /// The biased exponents of the nonzero ones.
  int min_exponent = 127, max_exponent = 127;
  ScalarProduct product;
};
/// Whether this machine multiplies pairs of bf16 numbers (AVX512_BF16).
bool Bf16TermsSupported();
/// Requires Bf16TermsSupported().
void Bf16TermsGemm(const GemmProblem& problem, const Bf16TermsMultiplier& multiplier);

/// A multiplier of integers of up to 8 bits, as the table of all products: products[(i <<
/// second_bits) | j] for the encodings i of the first and j of the second operand, two's complement
/// where they are signed; products_b_first[(j << first_bits) | i] has the operands exchanged. Gives
/// the bits of ReferenceIntegerGemm.
struct IntegerTableMultiplier {
  int first_bits = 8, second_bits = 8;  ///< The operands' widths.
  const int32_t* products = nullptr;
  const int32_t* products_b_first = nullptr;
  int64_t max_product = 0;  ///< No product's magnitude is larger; below 2^23.
};
void IntegerTableGemm(const GemmProblem& problem, const IntegerTableMultiplier& multiplier);

/// A multiplier of integers of up to 8 bits, whose products plus -offset fit 16 bits without a
/// sign. bytes has for each encoding of the row operand 512 bytes: the low bytes for the 256
/// encodings of the other, then the high ones; words has the same as 256 words. Gives the bits of
/// ReferenceIntegerGemm.
struct IntegerRegisterTableMultiplier {
  struct Tables {
    const uint8_t* bytes = nullptr;
    const uint16_t* words = nullptr;
  };
  int first_bits = 8, second_bits = 8;  ///< The operands' widths.
  Tables tables;                        ///< Rows: the first operand.
  Tables tables_b_first;                ///< Rows: the second operand.
  int32_t offset = 0;
  int64_t max_product = 0;  ///< No product's magnitude is larger; below 2^23.
};
/// Whether this machine has permutes of two registers of bytes (AVX-512 VBMI) or words (AVX-512
/// BW).
bool IntegerRegisterTableSupported();
/// Requires IntegerRegisterTableSupported().
void IntegerRegisterTableGemm(const GemmProblem& problem,
                              const IntegerRegisterTableMultiplier& multiplier);

/// A multiplier of integers of up to 8 bits, as a short sum of products of one-operand functions.
/// For the encodings i of the operand in the rows of C and j of that in its columns
///   product = Σ_t 2^w_t · row_t(i) · column_t(j) + r(i) + s(j) + constant     modulo 2^32,
/// where w_t is the sum of shifts[t] and all that follow. Gives the bits of ReferenceIntegerGemm.
struct LowRankMultiplier {
  /// A function of 256 encodings modulo 2^32: Σ_d 256^d · tables[256 * d + i].
  struct Digits {
    const uint8_t* tables = nullptr;
    int count = 0;
  };
  struct Side {
    int terms = 0;                          ///< At least 1.
    const uint8_t* row_terms = nullptr;     ///< 256 signed bytes for each term.
    const uint8_t* column_terms = nullptr;  ///< 256 unsigned bytes for each term.
    const uint8_t* shifts = nullptr;        ///< One for each term.
    Digits row_digits, column_digits;       ///< r and s.
    uint32_t constant = 0;
    uint32_t zero_product = 0;  ///< The product of the encodings 0 and 0.
  };
  int first_bits = 8, second_bits = 8;  ///< The operands' widths.
  int64_t max_product = 0;              ///< No product's magnitude is larger; below 2^23.
  bool keeps_zero = false;              ///< Every product with 0 is 0.
  Side first_in_rows;                   ///< For C's rows from the first operand.
  Side second_in_rows;
};
void LowRankGemm(const GemmProblem& problem, const LowRankMultiplier& multiplier);

}  // namespace mulberry
