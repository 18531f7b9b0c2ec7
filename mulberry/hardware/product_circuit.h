// The part that all multipliers and multiply-accumulate units of floats and posits share: operands
// taken apart, significands multiplied, the product normalised. As Verilog text of a module's
// inside. Not here: rounding and packing (float_design.h), sums (mac_design.h).
#pragma once

#include <string>
#include <vector>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/hardware/multiplier_module.h"

namespace mulberry {

/// The least n >= 1 with 2^n >= value.
int BitsToCount(int value);

/// "N(16), ES(1)" and so on, each value written with the dot that Verilog wants.
std::string Parameters(const std::vector<std::pair<std::string, int>>& values);

/// Wires p_sign, p_nan, p_infinite, p_zero, p_exponent [exponent_bits-1:0] (signed) and
/// p_fraction [fraction_bits-1:0], made of the inputs a and b: ±1.fraction·2^(exponent - bias).
struct ProductCircuit {
  int a_bits = 0, b_bits = 0;  ///< Of the operands' encodings.
  int significand_bits = 0;    ///< Of each operand.
  int fraction_bits = 0;
  int exponent_bits = 0;
  bool in_fp32_range = false;  ///< No product over- or underflows FP32.
  std::string text;
  std::vector<std::string> files;  ///< Of rtl/, the multiplier's among them.
};

/// Of an arithmetic on floats or posits with `multiplier` as its significand multiplier; `bias` of
/// the product's exponent. Throws as MakeFloatMultiplier does.
ProductCircuit MakeProductCircuit(const Arithmetic& arithmetic, const MultiplierModule& multiplier,
                                  int bias);

/// The instance that takes the encoding `x` apart into wires x_sign, x_nan, x_infinite, x_zero,
/// x_exponent and x_significand, with the format's own bias.
std::string DecodeText(const Format& format, const std::string& x, int significand_bits,
                       int exponent_bits);

}  // namespace mulberry
