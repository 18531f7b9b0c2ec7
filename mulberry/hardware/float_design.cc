#include "mulberry/hardware/float_design.h"

#include <fmt/format.h>

#include <bit>
#include <variant>

#include "mulberry/base/error.h"
#include "mulberry/hardware/float_model_logic.h"
#include "mulberry/hardware/product_circuit.h"
#include "mulberry/hardware/rtl_library.h"

namespace mulberry {
namespace {

constexpr int kFp32Bits = 32;

bool GivesPosits(const Arithmetic& arithmetic) {
  return arithmetic.posit_format() && arithmetic.result != ResultRounding::kFull;
}

std::string EncodeText(const Arithmetic& arithmetic, const ProductCircuit& product) {
  const PositFormat& posit = *arithmetic.posit_format();
  return fmt::format(
      "  posit_encode #({}) encode (.sign(p_sign), .nar(p_nan), .zero(p_zero),\n"
      "    .exponent(p_exponent), .fraction(p_fraction), .y(y));\n",
      Parameters({{"N", posit.bits},
                  {"ES", posit.exponent_bits},
                  {"F", product.fraction_bits},
                  {"X", product.exponent_bits},
                  {"L", BitsToCount(posit.bits)},
                  {"NEAREST", arithmetic.result != ResultRounding::kZero}}));
}

}  // namespace

std::string PackText(const Arithmetic& arithmetic, const ProductCircuit& product,
                     const std::string& name) {
  const bool full = arithmetic.result == ResultRounding::kFull;
  return fmt::format(
      "  float_pack #({}) pack (.sign(p_sign), .nan(p_nan), .infinite(p_infinite),\n"
      "    .zero(p_zero), .exponent(p_exponent), .fraction(p_fraction), .y({}));\n",
      Parameters({{"F", product.fraction_bits},
                  {"X", product.exponent_bits},
                  {"R", full ? kFp32.mantissa_bits : arithmetic.mantissa_bits()},
                  {"NEAREST", arithmetic.result != ResultRounding::kZero},
                  {"IN_RANGE", product.in_fp32_range}}),
      name);
}

float DecodeOperand(const Format& format, uint64_t encoding) {
  const auto bits = static_cast<uint32_t>(encoding);
  if (const auto* posit = std::get_if<PositFormat>(&format)) return Decode(*posit, bits);
  return Decode(std::get<FloatFormat>(format), bits);
}

Design FloatMultiplierDesign(const Arithmetic& arithmetic, const MultiplierPart& multiplier) {
  const bool gives_posits = GivesPosits(arithmetic);
  const ProductCircuit product =
      MakeProductCircuit(arithmetic, multiplier.module, gives_posits ? 0 : kFp32.bias());
  Design design;
  design.spec = Print(arithmetic);
  design.module = "float_multiplier";
  design.inputs = {{"a", product.a_bits}, {"b", product.b_bits}};
  design.output = {"y", gives_posits ? arithmetic.posit_format()->bits : kFp32Bits};
  std::vector<std::string> files = product.files;
  files.insert(files.end(), {"float_pack.v", "posit_encode.v"});
  design.verilog =
      RtlText(files) + multiplier.verilog +
      fmt::format("module {} (\n  input  [{}:0] a,\n  input  [{}:0] b,\n  output [{}:0] y\n);\n",
                  design.module, product.a_bits - 1, product.b_bits - 1, design.output.bits - 1) +
      product.text +
      (gives_posits ? EncodeText(arithmetic, product) : PackText(arithmetic, product, "y")) +
      "endmodule\n";
  design.model = [multiply = MakeFloatMultiplier(arithmetic), format = arithmetic.format,
                  gives_posits](const uint64_t* inputs) -> uint64_t {
    const float result =
        multiply(DecodeOperand(format.first, inputs[0]), DecodeOperand(format.second, inputs[1]));
    if (gives_posits) return Encode(std::get<PositFormat>(format.first), result);
    return std::bit_cast<uint32_t>(result);
  };
  if (HasFloatModelLogic(arithmetic)) {
    design.model_logic = [arithmetic](Aig& graph, const std::vector<Aig::Word>& inputs) {
      return FloatModelLogic(arithmetic, graph, inputs[0], inputs[1]);
    };
  }
  return design;
}

Design FloatMultiplierDesign(const Arithmetic& arithmetic) {
  return FloatMultiplierDesign(arithmetic, MultiplierPartOf(arithmetic));
}

Design PositMultiplierDesign(const Arithmetic& arithmetic) {
  if (arithmetic.native || !std::holds_alternative<PositFormat>(arithmetic.format.first) ||
      !std::holds_alternative<PositFormat>(arithmetic.format.second)) {
    throw Error("{} has operands of {}, not posits", Print(arithmetic), Name(arithmetic.format));
  }
  return FloatMultiplierDesign(arithmetic);
}

}  // namespace mulberry
