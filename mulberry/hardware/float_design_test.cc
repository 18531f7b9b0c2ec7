// Float multipliers as circuits against FloatMultiplier: 8-bit formats completely, wider ones on
// the borders of their encodings and on random operands.
#include "mulberry/hardware/float_design.h"

#include <gtest/gtest.h>

#include <fstream>

#include "mulberry/base/error.h"
#include "mulberry/hardware/test_simulator.h"

namespace mulberry {
namespace {

std::vector<Design> DesignsOf(const std::vector<const char*>& specs) {
  std::vector<Design> designs;
  for (const char* spec : specs) designs.push_back(FloatMultiplierDesign(ParseArithmetic(spec)));
  return designs;
}

/// Encodings at and beside every exponent, and some mantissas.
std::vector<uint64_t> Borders(const FloatFormat& format) {
  const uint64_t mantissas = uint64_t{1} << format.mantissa_bits;
  std::vector<uint64_t> encodings;
  for (uint64_t sign = 0; sign < 2; ++sign) {
    for (uint64_t exponent = 0; exponent < uint64_t{1} << format.exponent_bits; ++exponent) {
      const uint64_t base = (sign << format.exponent_bits | exponent) * mantissas;
      for (const uint64_t mantissa : {uint64_t{0}, uint64_t{1}, mantissas - 1}) {
        encodings.push_back(base + mantissa);
      }
    }
  }
  return encodings;
}

TEST(FloatDesign, SmallFormatsCompletely) {
  const TestSimulator simulator(
      DesignsOf({"exact@e4m3", "exact@e5m2", "exact@float(4,3)", "exact@float(4,3)+result=nearest",
                 "exact@e4m3+result=zero", "exact@float(2,4)", "exact@float(5,0)",
                 "exact@float(5,0)+result=nearest", "exact@float(8,1)+result=nearest",
                 "exact@e5m2xe4m3", "exact@float(8,0)"}));
  for (size_t i = 0; i < simulator.designs().size(); ++i) {
    simulator.ExpectModel(i, AllVectors(simulator.designs()[i]));
  }
}

TEST(FloatDesign, WideFormatsOnBordersAndRandomOperands) {
  const TestSimulator simulator(DesignsOf(
      {"exact@bf16", "exact@bf16+result=nearest", "exact@bf16+result=zero", "exact@fp16",
       "exact@fp16+result=nearest", "exact@tf32", "exact@fp32", "exact@fp32+result=zero"}));
  const FloatFormat formats[] = {kBf16, kBf16, kBf16, kFp16, kFp16, kTf32, kFp32, kFp32};
  for (size_t i = 0; i < simulator.designs().size(); ++i) {
    const std::vector<uint64_t> borders = Borders(formats[i]);
    simulator.ExpectModel(i, SomeVectors(simulator.designs()[i], {borders, borders}, 100'000));
  }
}

/// Of Mitchell's and DRUM's products product_circuit.cc claims a leading one in one of the two top
/// bits at any width. Mitchell's of fractions x and y is 1 + x + y or, where that carries, 2(x + y)
/// with x + y >= 1; DRUM multiplies operands that keep their leading ones. REALM, MBM and low_drop
/// are tried or normalised at any place.
TEST(FloatDesign, ApproximateFamilies) {
  const std::vector<const char*> specs = {
      "mitchell@bf16", "mbm@bf16",       "drum(k=4)@bf16", "realm(m=4,t=0)@bf16",
      "mitchell@fp16", "drum(k=6)@fp16", "mbm@fp16",       "low_drop(p=2,q=2)@fp16",
      "mitchell@fp32", "drum(k=6)@fp32", "mbm@fp32",       "low_drop(p=2,q=2)@fp32"};
  const FloatFormat formats[] = {kBf16, kFp16, kFp32};
  const TestSimulator simulator(DesignsOf(specs));
  for (size_t i = 0; i < specs.size(); ++i) {
    const std::vector<uint64_t> borders = Borders(formats[i / 4]);
    simulator.ExpectModel(i, SomeVectors(simulator.designs()[i], {borders, borders}, 40'000));
  }
  const TestSimulator small(DesignsOf({"mitchell@e4m3", "mbm@e4m3", "drum(k=3)@e4m3"}));
  for (size_t i = 0; i < small.designs().size(); ++i) {
    small.ExpectModel(i, AllVectors(small.designs()[i]));
  }
}

/// A user's circuit whose products have their leading one anywhere, or none: the hidden bit of x is
/// left out. It has a part with the name of a module of rtl/, and ports of other names and order.
constexpr char kUsersCircuit[] = R"(module full_adder (input [6:0] u, input [7:0] v,
  output [14:0] w);
  assign w = u * v;
endmodule
module hidden_bit_lost (output [15:0] \the.product , input [7:0] x, input [7:0] y);
  assign \the.product [15] = 0;
  full_adder part (.u(x[6:0]), .v(y), .w(\the.product [14:0]));
endmodule
)";

TEST(FloatDesign, AUsersSignificandMultiplierIsNormalised) {
  const std::string file = testing::TempDir() + "hidden_bit_lost.v";
  std::ofstream(file) << kUsersCircuit;
  std::vector<Design> designs;
  for (const char* format : {"#hidden_bit_lost@bf16", "@bf16+result=nearest"}) {
    designs.push_back(FloatMultiplierDesign(ParseArithmetic("verilog:" + file + format)));
  }
  const TestSimulator simulator(designs);
  for (size_t i = 0; i < designs.size(); ++i) {
    const std::vector<uint64_t> borders = Borders(kBf16);
    simulator.ExpectModel(i, SomeVectors(designs[i], {borders, borders}, 100'000));
  }
}

TEST(FloatDesign, RefusesWhatIsNoCircuit) {
  const std::string file = testing::TempDir() + "nine_bits.v";
  std::ofstream(file) << "module nine_bits (input [8:0] a, input [8:0] b, output [17:0] p);\n"
                         "  assign p = a * b;\nendmodule\n";
  EXPECT_THROW(FloatMultiplierDesign(ParseArithmetic("verilog:" + file + "@bf16")), Error);
  for (const char* spec : {"table:a.npy@bf16", "c:a.c#f@bf16", "noise(mre=1.4%)@fp32", "fp32"}) {
    EXPECT_THROW(FloatMultiplierDesign(ParseArithmetic(spec)), UsageError) << spec;
  }
}

/// The comparison itself can fail: a multiplier with one wrong product in 2^14.
TEST(FloatDesign, OneWrongSignificandProductIsSeen) {
  const Arithmetic arithmetic = ParseArithmetic("exact@bf16");
  const std::string wrong =
      "module wrong #(parameter N = 8) (input [N-1:0] a, input [N-1:0] b,\n"
      "  output [2*N-1:0] p);\n"
      "  assign p = a * b ^ (a == 8'd201 && b == 8'd143);\nendmodule\n";
  Design design = FloatMultiplierDesign(arithmetic, {{"wrong", {{"N", 8}}, {}}, wrong});
  const TestSimulator simulator({design});
  const std::vector<Vector> vectors = {{0x3f80 + 201 - 128, 0x3f80 + 143 - 128}, {0x3f81, 0x3f82}};
  const std::vector<uint64_t> outputs = simulator.Run(0, vectors);
  EXPECT_NE(outputs[0], design.model(vectors[0].data()));
  EXPECT_EQ(outputs[1], design.model(vectors[1].data()));
}

}  // namespace
}  // namespace mulberry
