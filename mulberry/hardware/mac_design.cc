#include "mulberry/hardware/mac_design.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <variant>

#include "mulberry/base/error.h"
#include "mulberry/formats/posit_arithmetic.h"
#include "mulberry/hardware/float_design.h"
#include "mulberry/hardware/multiplier_design.h"
#include "mulberry/hardware/multiplier_part.h"
#include "mulberry/hardware/product_circuit.h"
#include "mulberry/hardware/rtl_library.h"

namespace mulberry {
namespace {

/// A part of a unit between registers: `text` makes the wires `held`, of the inputs or of those of
/// the stage before, which it reads registered: "p" as "held_p".
struct Stage {
  std::string text;
  std::vector<DesignPort> held;
};

/// The inside of a unit. The last part makes the wire `result` of what is held.
struct Stages {
  std::vector<Stage> before;
  std::string last;
  std::vector<std::string> files;
};

/// The top module; without a pipeline, the registers are wires.
void AddModule(const Stages& stages, const std::string& verilog, bool pipelined, Design& design) {
  design.module = pipelined ? "pipelined_mac" : "mac";
  design.latency = pipelined ? static_cast<int>(stages.before.size()) + 1 : 0;
  std::string text = fmt::format("module {} (\n", design.module);
  if (pipelined) text += "  input clock,\n";
  for (const DesignPort& port : design.inputs) {
    text += fmt::format("  input  [{}:0] {},\n", port.bits - 1, port.name);
  }
  text += fmt::format("  output {}[{}:0] y\n);\n", pipelined ? "reg " : "", design.output.bits - 1);
  std::string edges;
  for (const Stage& stage : stages.before) {
    text += stage.text;
    for (const DesignPort& wire : stage.held) {
      if (pipelined) {
        text += fmt::format("  reg [{}:0] held_{};\n", wire.bits - 1, wire.name);
        edges += fmt::format("    held_{0} <= {0};\n", wire.name);
      } else {
        text += fmt::format("  wire [{}:0] held_{} = {};\n", wire.bits - 1, wire.name, wire.name);
      }
    }
  }
  text += fmt::format("  wire [{}:0] result;\n", design.output.bits - 1) + stages.last;
  text += pipelined ? "  always @(posedge clock) begin\n" + edges + "    y <= result;\n  end\n"
                    : "  assign y = result;\n";
  design.verilog = RtlText(stages.files) + verilog + text + "endmodule\n";
}

/// The word of integers, 32 bits that wrap unless the arithmetic says another.
WordAccumulator WordOf(const Arithmetic& arithmetic) {
  WordAccumulator word{.bits = 32, .overflow = WordOverflow::kWrap};
  if (const auto* given = std::get_if<WordAccumulator>(&arithmetic.accumulator)) word = *given;
  if (word.adder.kind != AdderKind::kExact) {
    throw UsageError("{}: the circuits' adders are exact, and this one is {}", Print(arithmetic),
                     Name(word.adder));
  }
  return word;
}

int64_t SignExtended(uint64_t word, int bits) {
  return static_cast<int64_t>(word << (64 - bits)) >> (64 - bits);
}

/// c + product in the word.
uint64_t AddToWord(const WordAccumulator& word, int64_t c, int64_t product) {
  const int unused = 64 - word.bits;
  const __int128 sum = __int128{c} + product;
  const __int128 largest = (__int128{1} << (word.bits - 1)) - 1;
  const __int128 kept =
      word.overflow == WordOverflow::kWrap ? sum : std::clamp(sum, -largest - 1, largest);
  return static_cast<uint64_t>(kept) << unused >> unused;
}

Design IntegerMac(const Arithmetic& arithmetic, bool pipelined, const MultiplierPart& multiplier) {
  const WordAccumulator word = WordOf(arithmetic);
  const IntegerFormats formats = arithmetic.integer_formats();
  const bool encoded = arithmetic.sign == SignHandling::kTwosComplement && formats.any_signed();
  const int n = std::max(formats.first.bits, formats.second.bits);
  Design design;
  design.inputs = {{"a", formats.first.bits}, {"b", formats.second.bits}, {"c", word.bits}};
  design.output = {"y", word.bits};

  Stage product;
  // The product is in two's complement; else it is a magnitude.
  const std::optional<ProductText> no_magnitudes = ProductWithoutMagnitudes(arithmetic);
  const bool is_signed = encoded || no_magnitudes;
  const int product_bits = is_signed ? formats.first.bits + formats.second.bits : 2 * n;
  const auto operand = [&](const IntegerFormat& format, const std::string& x) {
    const bool magnitude = format.is_signed && !encoded;
    product.text += fmt::format("  wire [{}:0] {}_operand;\n", format.bits - 1, x);
    product.text += magnitude ? fmt::format(
                                    "  integer_magnitude #(.N({1})) magnitude_{0} (.x({0}), "
                                    ".magnitude({0}_operand));\n",
                                    x, format.bits)
                              : fmt::format("  assign {0}_operand = {0};\n", x);
    // The multiplier's own width.
    product.text += fmt::format("  wire [{}:0] {}_wide = {}_operand;\n", n - 1, x, x);
    return magnitude ? fmt::format("{}[{}]", x, format.bits - 1) : std::string("1'b0");
  };
  Stages stages;
  if (no_magnitudes) {
    product.text = fmt::format("  wire [{}:0] p;\n", product_bits - 1) + no_magnitudes->text;
    product.held = {{"p", product_bits}, {"c", word.bits}};
    stages.files = no_magnitudes->files;
  } else {
    const std::string a_sign = operand(formats.first, "a");
    const std::string b_sign = operand(formats.second, "b");
    product.text +=
        fmt::format("  wire [{}:0] magnitudes;\n  {}\n", 2 * n - 1,
                    multiplier.module.Instance("multiply", "a_wide", "b_wide", "magnitudes"));
    product.text += fmt::format("  wire negate = {} ^ {};\n", a_sign, b_sign);
    product.text += fmt::format("  wire [{0}:0] p = magnitudes[{0}:0];\n", product_bits - 1);
    product.held = {{"p", product_bits}, {"negate", 1}, {"c", word.bits}};
    stages.files = multiplier.module.files;
  }
  stages.before = {product};
  stages.last = fmt::format(
      "  integer_accumulate #({}) accumulate (.c(held_c), .negate({}), .p(held_p), "
      ".y(result));\n",
      Parameters({{"P", product_bits},
                  {"ACC", word.bits},
                  {"IS_SIGNED", is_signed},
                  {"SATURATE", word.overflow == WordOverflow::kSaturate}}),
      no_magnitudes ? "1'b0" : "held_negate");
  stages.files.push_back("integer_mac.v");
  AddModule(stages, no_magnitudes ? "" : multiplier.verilog, pipelined, design);

  design.model = [multiply = MakeIntegerMultiplier(arithmetic), formats,
                  word](const uint64_t* inputs) {
    const int64_t product =
        multiply(DecodeInteger(formats.first, static_cast<uint32_t>(inputs[0])),
                 DecodeInteger(formats.second, static_cast<uint32_t>(inputs[1])));
    return AddToWord(word, SignExtended(inputs[2], word.bits), product);
  };
  return design;
}

/// The format of the accumulator, and of the sum.
FloatFormat SumFormat(const Arithmetic& arithmetic) {
  if (std::holds_alternative<StandardAccumulator>(arithmetic.accumulator)) return kFp32;
  const auto* floats = std::get_if<FloatAccumulator>(&arithmetic.accumulator);
  if (!floats || floats->chunk > 0 || floats->rounding != Rounding::kNearestEven ||
      floats->format.exponent_bits != 8 || floats->format.mantissa_bits == 0 ||
      floats->format.overflow != Overflow::kSpecial) {
    throw UsageError(
        "{}: the circuits' float accumulators have 8 exponent bits, infinities and round=nearest, "
        "without chunks: leave acc= out, or say acc=bf16, acc=tf32 or acc=float(8,m)",
        Print(arithmetic));
  }
  return floats->format;
}

Design FloatMac(const Arithmetic& arithmetic, bool pipelined, const MultiplierPart& multiplier) {
  const FloatFormat format = SumFormat(arithmetic);
  const ProductCircuit product = MakeProductCircuit(arithmetic, multiplier.module, kFp32.bias());
  Design design;
  design.inputs = {{"a", product.a_bits}, {"b", product.b_bits}, {"c", format.bits()}};
  design.output = {"y", format.bits()};
  Stages stages;
  stages.before = {
      {.text = product.text + "  wire [31:0] product;\n" + PackText(arithmetic, product, "product"),
       .held = {{"product", kFp32.bits()}, {"c", format.bits()}}},
      {.text = fmt::format("  wire nan, infinite, negative;\n  wire [7:0] exponent;\n"
                           "  wire [27:0] sum;\n"
                           "  float_add #(.M({})) add (.c(held_c), .p(held_product), .nan(nan),\n"
                           "    .infinite(infinite), .negative(negative), .exponent(exponent),\n"
                           "    .sum(sum));\n",
                           format.mantissa_bits),
       .held = {{"nan", 1}, {"infinite", 1}, {"negative", 1}, {"exponent", 8}, {"sum", 28}}}};
  stages.last = fmt::format(
      "  float_round #(.M({})) round (.nan(held_nan), .infinite(held_infinite),\n"
      "    .negative(held_negative), .exponent(held_exponent), .sum(held_sum), .y(result));\n",
      format.mantissa_bits);
  stages.files = product.files;
  stages.files.insert(stages.files.end(), {"float_pack.v", "aligned_sum.v", "float_add.v"});
  AddModule(stages, multiplier.verilog, pipelined, design);

  design.model = [multiply = MakeFloatMultiplier(arithmetic), formats = arithmetic.format,
                  format](const uint64_t* inputs) -> uint64_t {
    const float p =
        multiply(DecodeOperand(formats.first, inputs[0]), DecodeOperand(formats.second, inputs[1]));
    const float c = Decode(format, static_cast<uint32_t>(inputs[2]));
    return Encode(format, AddRounded(format, Rounding::kNearestEven, c, p));
  };
  return design;
}

/// The product's significand and exponent before it is rounded, from the model of the multiplier.
UnpackedReal PositProduct(const FloatMultiplier& multiply, const PositFormat& format, uint64_t a,
                          uint64_t b) {
  const ExactProduct product = multiply.Exact(Decode(format, static_cast<uint32_t>(a)),
                                              Decode(format, static_cast<uint32_t>(b)));
  UnpackedReal number = product.number;
  number.nan = std::isnan(product.special);
  return number;
}

Design PositMac(const Arithmetic& arithmetic, bool pipelined, const MultiplierPart& multiplier) {
  if (!arithmetic.posit_format() || arithmetic.result != ResultRounding::kFull ||
      !std::holds_alternative<StandardAccumulator>(arithmetic.accumulator)) {
    throw UsageError(
        "{}: the circuit of a posit multiply-accumulate has one format and rounds once, from the "
        "exact sum: leave result= and acc= out",
        Print(arithmetic));
  }
  const PositFormat format = *arithmetic.posit_format();
  const ProductCircuit product = MakeProductCircuit(arithmetic, multiplier.module, 0);
  const int width = product.fraction_bits + 1, exponent_bits = product.exponent_bits + 1;
  const int count_bits = BitsToCount(width + 4);
  const int sum_exponent_bits = std::max(exponent_bits, count_bits);
  Design design;
  design.inputs = {{"a", format.bits}, {"b", format.bits}, {"c", format.bits}};
  design.output = {"y", format.bits};
  const auto extended = [&](const std::string& name) {
    return fmt::format("{{{{{}{{{}[{}]}}}}, {}}}", sum_exponent_bits - product.exponent_bits, name,
                       product.exponent_bits - 1, name);
  };
  const std::string sum = fmt::format(
      "  wire nar = held_c_nan | held_p_nan;\n  wire negative;\n  wire [{}:0] place;\n"
      "  wire [{}:0] sum;\n"
      "  posit_add #({}) add (\n"
      "    .c_sign(held_c_sign), .c_zero(held_c_zero), .c_exponent({}), .c(held_c_significand),\n"
      "    .p_sign(held_p_sign), .p_zero(held_p_zero), .p_exponent({}),\n"
      "    .p({{1'b1, held_p_fraction}}), .negative(negative), .place(place), .sum(sum));\n",
      sum_exponent_bits - 1, width + 3,
      Parameters({{"W", width}, {"X", sum_exponent_bits}, {"LW", count_bits}}),
      extended("held_c_exponent"), extended("held_p_exponent"));
  Stages stages;
  stages.before = {
      {.text = product.text + DecodeText(Format(format), "c", width, product.exponent_bits),
       .held = {{"p_sign", 1},
                {"p_nan", 1},
                {"p_zero", 1},
                {"p_exponent", product.exponent_bits},
                {"p_fraction", product.fraction_bits},
                {"c_sign", 1},
                {"c_nan", 1},
                {"c_zero", 1},
                {"c_exponent", product.exponent_bits},
                {"c_significand", width}}},
      {.text = sum,
       .held = {{"nar", 1}, {"negative", 1}, {"place", sum_exponent_bits}, {"sum", width + 4}}}};
  stages.last = fmt::format(
      "  posit_round #({}) round (.nar(held_nar), .negative(held_negative), .place(held_place),\n"
      "    .sum(held_sum), .y(result));\n",
      Parameters({{"N", format.bits},
                  {"ES", format.exponent_bits},
                  {"W", width},
                  {"X", sum_exponent_bits},
                  {"LN", BitsToCount(format.bits)},
                  {"LW", count_bits}}));
  stages.files = product.files;
  stages.files.insert(stages.files.end(), {"aligned_sum.v", "posit_encode.v", "posit_add.v"});
  AddModule(stages, multiplier.verilog, pipelined, design);

  design.model = [multiply = MakeFloatMultiplier(arithmetic),
                  format](const uint64_t* inputs) -> uint64_t {
    return RoundToPosit(format, Rounding::kNearestEven,
                        Add(Unpack(format, static_cast<uint32_t>(inputs[2])),
                            PositProduct(multiply, format, inputs[0], inputs[1])));
  };
  return design;
}

}  // namespace

Design MacDesign(const Arithmetic& arithmetic, bool pipelined) {
  const auto make = arithmetic.is_integer() ? IntegerMac
                    : std::holds_alternative<PositFormat>(arithmetic.format.first) ||
                            std::holds_alternative<PositFormat>(arithmetic.format.second)
                        ? PositMac
                        : FloatMac;
  Design design = make(arithmetic, pipelined, MultiplierPartOf(arithmetic));
  design.spec = Print(arithmetic);
  return design;
}

}  // namespace mulberry
