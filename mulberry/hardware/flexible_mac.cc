#include "mulberry/hardware/flexible_mac.h"

#include <fmt/format.h>

#include "mulberry/base/error.h"
#include "mulberry/hardware/multiplier_module.h"
#include "mulberry/hardware/product_circuit.h"
#include "mulberry/hardware/rtl_library.h"

namespace mulberry {
namespace {

constexpr int kAccumulatorBits = FlexibleUnit::kAccumulatorBits;

/// Whether the operand of top + 1 digits is negative, and digit `index` of its magnitude. What is
/// above the operand is negated with it, and beyond all digits there are zeros.
struct Digit {
  Digit(uint64_t operand, uint64_t top, uint64_t index, int digit_bits, int digits) {
    const uint64_t used = (uint64_t{1} << digit_bits * digits) - 1;
    negative =
        top < static_cast<uint64_t>(digits) && (operand >> ((top + 1) * digit_bits - 1) & 1) != 0;
    const uint64_t magnitude = (negative ? -operand : operand) & used;
    if (index < static_cast<uint64_t>(digits)) {
      digit = magnitude >> (index * digit_bits) & ((uint64_t{1} << digit_bits) - 1);
    }
  }
  bool negative;
  uint64_t digit = 0;
};

/// The unit's parts, and the wires between them that a unit and its combinational part share.
struct Parts {
  MultiplierModule multiplier;
  int digit_bits, digits, index_bits;

  std::string Product() const {
    return fmt::format(
               "  wire [{0}:0] a_digit, b_digit;\n  wire [{1}:0] product;\n"
               "  wire [{2}:0] place;\n  wire negate;\n"
               "  flexible_mac_digits #({3}) digits (.top(top), .i(i), .j(j), .a(a), .b(b),\n"
               "    .a_digit(a_digit), .b_digit(b_digit), .place(place), .negate(negate));\n",
               digit_bits - 1, 2 * digit_bits - 1, index_bits,
               Parameters({{"D", digit_bits}, {"DIGITS", digits}, {"L", index_bits}})) +
           "  " + multiplier.Instance("multiply", "a_digit", "b_digit", "product") + "\n";
  }
  /// `prefix`: of the names of the product's wires.
  std::string Sum(const char* prefix, const char* c, const char* y) const {
    return fmt::format(
        "  flexible_mac_sum #({0}) sum (.c({2}), .product({1}product),\n"
        "    .place({1}place), .negate({1}negate), .y({3}));\n",
        Parameters({{"D", digit_bits}, {"L", index_bits}, {"ACC", kAccumulatorBits}}), prefix, c,
        y);
  }
};

Design StepDesign(const Arithmetic& digit, int digit_bits, int digits, int index_bits) {
  const int operand_bits = digit_bits * digits;
  Design step;
  step.spec = fmt::format("{} digits of {}", digits, Print(digit));
  step.module = "flexible_step";
  step.inputs = {{"top", index_bits}, {"i", index_bits},   {"j", index_bits},
                 {"a", operand_bits}, {"b", operand_bits}, {"c", kAccumulatorBits}};
  step.output = {"y", kAccumulatorBits};
  step.model = [model = MakeModel(digit.multiplier, OperandKind{.bits = digit_bits}), digit_bits,
                digits](const uint64_t* inputs) {
    const Digit a(inputs[3], inputs[0], inputs[1], digit_bits, digits);
    const Digit b(inputs[4], inputs[0], inputs[2], digit_bits, digits);
    const uint64_t place = (inputs[1] + inputs[2]) * digit_bits;
    const uint64_t placed = place < 64 ? model(a.digit, b.digit) << place : 0;
    return a.negative != b.negative ? inputs[5] - placed : inputs[5] + placed;
  };
  return step;
}

}  // namespace

FlexibleUnit MakeFlexibleMac(const Arithmetic& digit, int digits) {
  if (digit.native || !digit.is_integer() || digit.integer_formats().any_signed() ||
      digit.integer_formats().first.bits != digit.integer_formats().second.bits) {
    throw UsageError(
        "{}: the digits of a flexible unit are unsigned integers of one width, such as exact@uint8",
        Print(digit));
  }
  const int digit_bits = digit.integer_formats().first.bits;
  if (digit_bits < 2 || digit_bits > 16 || digits < 2 || digits > 8 || digit_bits * digits > 32) {
    throw UsageError(
        "a flexible unit has 2 to 8 digits of 2 to 16 bits, 32 bits in all at most, not {} of {}",
        digits, digit_bits);
  }
  const Parts parts = {.multiplier = ModuleOf(digit.multiplier, OperandKind{.bits = digit_bits}),
                       .digit_bits = digit_bits,
                       .digits = digits,
                       .index_bits = BitsToCount(digits)};
  const int index_bits = parts.index_bits, operand_bits = digit_bits * digits;
  std::vector<std::string> files = parts.multiplier.files;
  files.push_back("flexible_mac.v");
  const std::string library = RtlText(files);

  FlexibleUnit mac;
  for (int n = 1; n <= digits; ++n) mac.modes.push_back({.bits = n * digit_bits, .cycles = n * n});
  mac.step = StepDesign(digit, digit_bits, digits, index_bits);
  std::string ports;
  for (const DesignPort& port : mac.step.inputs) {
    ports += fmt::format("  input  [{}:0] {},\n", port.bits - 1, port.name);
  }
  mac.step.verilog = library +
                     fmt::format("module {} (\n{}  output [{}:0] y\n);\n", mac.step.module, ports,
                                 kAccumulatorBits - 1) +
                     parts.Product() + parts.Sum("", "c", "y") + "endmodule\n";

  mac.module = "flexible_mac";
  mac.verilog =
      library +
      fmt::format(
          "module {0} (\n  input clock,\n  input reset,\n  input enable,\n  input [{1}:0] top,\n"
          "  input [{2}:0] a,\n  input [{2}:0] b,\n  output reg [{3}:0] y,\n  output done\n);\n"
          "  wire [{1}:0] i, j;\n"
          "  flexible_mac_control #(.L({4})) control (.clock(clock), .reset(reset),\n"
          "    .enable(enable), .top(top), .i(i), .j(j), .done(done));\n",
          mac.module, index_bits - 1, operand_bits - 1, kAccumulatorBits - 1, index_bits) +
      parts.Product() +
      fmt::format(
          "  reg [{}:0] held_product;\n  reg [{}:0] held_place;\n  reg held_negate, held;\n"
          "  wire [{}:0] next;\n",
          2 * digit_bits - 1, index_bits, kAccumulatorBits - 1) +
      parts.Sum("held_", "y", "next") +
      fmt::format(
          "  always @(posedge clock) begin\n    held <= enable & ~reset;\n"
          "    if (enable) begin\n      held_product <= product;\n      held_place <= place;\n"
          "      held_negate <= negate;\n    end\n"
          "    if (reset) y <= {}'d0;\n    else if (held) y <= next;\n  end\nendmodule\n",
          kAccumulatorBits);
  return mac;
}

}  // namespace mulberry
