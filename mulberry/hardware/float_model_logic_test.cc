// The logic of float multipliers' models is their model: proved, on formats small enough, equal to
// the graph that is made by trying all inputs. On bfloat16 it proves circuits, and finds a fault.
#include "mulberry/hardware/float_model_logic.h"

#include <gtest/gtest.h>

#include "mulberry/hardware/equivalence.h"
#include "mulberry/hardware/float_design.h"
#include "mulberry/hardware/verify.h"

namespace mulberry {
namespace {

constexpr int kSeconds = 60;

// Formats of 8 exponent bits have products beyond both ends of FP32 and operands that are read as
// zero; e4m3 has no infinity.
TEST(FloatModelLogic, IsTheModelThatIsTried) {
  for (const char* spec :
       {"exact@e4m3", "exact@e5m2", "exact@e5m2xe4m3", "exact@float(4,3)+result=nearest",
        "mitchell@e4m3", "exact@float(2,4)", "exact@float(5,0)", "exact@float(8,0)",
        "exact@float(8,1)", "exact@float(8,1)+result=nearest", "mitchell@float(8,1)",
        "exact@float(8,1)+result=zero", "truncated(v=2)@float(8,1)", "exact@posit(8,1)",
        "exact@posit(6,4)", "exact@posit(8,2)xposit(8,1)"}) {
    const Arithmetic arithmetic = ParseArithmetic(spec);
    ASSERT_TRUE(HasFloatModelLogic(arithmetic)) << spec;
    const Design design = FloatMultiplierDesign(arithmetic);
    LogicGraph like;
    for (const DesignPort& port : design.inputs) {
      for (int bit = 0; bit < port.bits; ++bit) {
        like.inputs.push_back(fmt::format("{}[{}]", port.name, bit));
      }
    }
    EXPECT_EQ(CheckEquivalence(design, GraphOfModelByTrying(design, like),
                               GraphOfModelLogic(design, like), ProofBy::kDiagram, kSeconds)
                  .verdict,
              Equivalence::Verdict::kEqual)
        << spec;
  }
}

TEST(FloatModelLogic, IsNotThereForPositProductsAndWideFormats) {
  for (const char* spec : {"exact@posit(8,1)+result=nearest", "exact@posit(16,1)", "exact@fp32"}) {
    EXPECT_FALSE(HasFloatModelLogic(ParseArithmetic(spec))) << spec;
  }
}

TEST(FloatModelLogic, ProvesBfloat16) {
  for (const char* spec : {"exact@bf16", "exact@bf16+result=nearest", "mitchell@bf16",
                           "drum(k=4)@bf16", "etm@bf16", "exact@bf16xe4m3"}) {
    const Design design = FloatMultiplierDesign(ParseArithmetic(spec));
    const Check check = VerifyFormally(design, GraphOfVerilog(design, kSeconds), {});
    EXPECT_EQ(check.finding, Finding::kProved) << spec;
    EXPECT_EQ(check.extent, design.inputs[1].bits == 16 ? "all 2^32 inputs" : "all 2^24 inputs");
  }
}

TEST(FloatModelLogic, FindsOneWrongSignificandProduct) {
  const std::string wrong =
      "module wrong #(parameter N = 8) (input [N-1:0] a, input [N-1:0] b,\n"
      "  output [2*N-1:0] p);\n"
      "  assign p = a * b ^ (a == 8'd201 && b == 8'd143);\nendmodule\n";
  const Design design =
      FloatMultiplierDesign(ParseArithmetic("exact@bf16"), {{"wrong", {{"N", 8}}, {}}, wrong});
  const Check check = VerifyFormally(design, GraphOfVerilog(design, kSeconds), {});
  EXPECT_EQ(check.finding, Finding::kWrong);
  ASSERT_TRUE(check.counterexample);
  EXPECT_EQ(check.counterexample->inputs[0] & 0x7f, 201u - 128);
  EXPECT_EQ(check.counterexample->inputs[1] & 0x7f, 143u - 128);
  EXPECT_EQ(check.counterexample->expected, design.model(check.counterexample->inputs.data()));
  EXPECT_NE(check.counterexample->expected, check.counterexample->found);
}

// The exact product of 11-bit significands takes a minute.
TEST(FloatModelLogic, LeavesUndecidedWhatTakesTooLong) {
  const Design design = FloatMultiplierDesign(ParseArithmetic("exact@fp16"));
  VerifyOptions options;
  options.formal_seconds = 1;
  const LogicGraph verilog = GraphOfVerilog(design, kSeconds);
  EXPECT_EQ(VerifyFormally(design, verilog, options).finding, Finding::kUndecided);
}

}  // namespace
}  // namespace mulberry
