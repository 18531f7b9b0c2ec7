#include "mulberry/hardware/flexible_mac.h"

#include <fmt/format.h>

#include "mulberry/base/error.h"
#include "mulberry/hardware/multiplier_module.h"
#include "mulberry/hardware/product_circuit.h"
#include "mulberry/hardware/rtl_library.h"

namespace mulberry {
namespace {

constexpr int kAccumulatorBits = FlexibleUnit::kAccumulatorBits;

/// Whether the operand of top + 1 digits is negative, and digit `index` of its magnitude.
struct Digit {
  Digit(uint64_t operand, uint64_t top, uint64_t index, int digit_bits) {
    const int unused = 64 - static_cast<int>(top + 1) * digit_bits;
    const auto value = static_cast<int64_t>(operand << unused) >> unused;
    negative = value < 0;
    const auto magnitude = static_cast<uint64_t>(negative ? -value : value);
    digit = magnitude >> (index * digit_bits) & ((uint64_t{1} << digit_bits) - 1);
  }
  bool negative;
  uint64_t digit;
};

/// The instances that a unit and its combinational part share.
std::string StepText(const MultiplierModule& multiplier, int digit_bits, int digits, int index_bits,
                     const char* c, const char* y) {
  return fmt::format(
             "  wire [{0}:0] a_digit, b_digit;\n  wire [{1}:0] product;\n"
             "  flexible_mac_step #({2}) step (.top(top), .i(i), .j(j), .a(a), .b(b), .c({3}),\n"
             "    .a_digit(a_digit), .b_digit(b_digit), .product(product), .y({4}));\n",
             digit_bits - 1, 2 * digit_bits - 1,
             Parameters({{"D", digit_bits},
                         {"DIGITS", digits},
                         {"L", index_bits},
                         {"ACC", kAccumulatorBits}}),
             c, y) +
         "  " + multiplier.Instance("multiply", "a_digit", "b_digit", "product") + "\n";
}

Design StepDesign(const Multiplier& multiplier, int digit_bits, int index_bits, int operand_bits) {
  Design step;
  step.spec = fmt::format("flexible {}x{} {}", operand_bits, operand_bits, multiplier.family);
  step.module = "flexible_step";
  step.inputs = {{"top", index_bits}, {"i", index_bits},   {"j", index_bits},
                 {"a", operand_bits}, {"b", operand_bits}, {"c", kAccumulatorBits}};
  step.output = {"y", kAccumulatorBits};
  step.model = [model = MakeModel(multiplier, OperandKind{.bits = digit_bits}),
                digit_bits](const uint64_t* inputs) {
    const Digit a(inputs[3], inputs[0], inputs[1], digit_bits);
    const Digit b(inputs[4], inputs[0], inputs[2], digit_bits);
    const uint64_t placed = model(a.digit, b.digit) << (inputs[1] + inputs[2]) * digit_bits;
    return a.negative != b.negative ? inputs[5] - placed : inputs[5] + placed;
  };
  return step;
}

}  // namespace

FlexibleUnit MakeFlexibleMac(const Multiplier& multiplier, int digit_bits, int digits) {
  if (digit_bits < 2 || digit_bits > 16 || digits < 2 || digits > 4 || digit_bits * digits > 32) {
    throw UsageError(
        "a flexible unit has 2 to 4 digits of 2 to 16 bits, 32 bits in all at most, not {} of {}",
        digits, digit_bits);
  }
  const MultiplierModule module = ModuleOf(multiplier, OperandKind{.bits = digit_bits});
  const int index_bits = BitsToCount(digits), operand_bits = digit_bits * digits;
  std::vector<std::string> files = module.files;
  files.push_back("flexible_mac.v");
  const std::string library = RtlText(files);

  FlexibleUnit mac;
  for (int n = 1; n <= digits; ++n) {
    mac.modes.push_back({.bits = n * digit_bits, .cycles = n * n, .macs = 1});
  }
  mac.step = StepDesign(multiplier, digit_bits, index_bits, operand_bits);
  std::string ports;
  for (const DesignPort& port : mac.step.inputs) {
    ports += fmt::format("  input  [{}:0] {},\n", port.bits - 1, port.name);
  }
  mac.step.verilog = library +
                     fmt::format("module {} (\n{}  output [{}:0] y\n);\n", mac.step.module, ports,
                                 kAccumulatorBits - 1) +
                     StepText(module, digit_bits, digits, index_bits, "c", "y") + "endmodule\n";

  mac.module = "flexible_mac";
  mac.verilog =
      library +
      fmt::format(
          "module {0} (\n  input clock,\n  input reset,\n  input enable,\n  input [{1}:0] top,\n"
          "  input [{2}:0] a,\n  input [{2}:0] b,\n  output reg [{3}:0] y,\n  output done\n);\n"
          "  wire [{1}:0] i, j;\n  wire [{3}:0] sum;\n"
          "  flexible_mac_control #(.L({4})) control (.clock(clock), .reset(reset),\n"
          "    .enable(enable), .top(top), .i(i), .j(j), .done(done));\n",
          mac.module, index_bits - 1, operand_bits - 1, kAccumulatorBits - 1, index_bits) +
      StepText(module, digit_bits, digits, index_bits, "y", "sum") +
      fmt::format(
          "  always @(posedge clock) begin\n    if (reset) y <= {}'d0;\n"
          "    else if (enable) y <= sum;\n  end\nendmodule\n",
          kAccumulatorBits);
  return mac;
}

}  // namespace mulberry
