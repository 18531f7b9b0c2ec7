// The three routes of verification agree on right designs, and each finds a planted fault.
#include "mulberry/hardware/verify.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"
#include "mulberry/hardware/verilator.h"

namespace mulberry {
namespace {

/// A multiplier of n bits, whose product is `body` in Verilog; the model is the exact product.
Design MultiplierOf(int bits, const std::string& body) {
  return {"test",
          "m",
          fmt::format("module m (input [{0}:0] a, input [{0}:0] b, output [{1}:0] p);\n"
                      "  assign p = {2};\nendmodule\n",
                      bits - 1, 2 * bits - 1, body),
          {{"a", bits}, {"b", bits}},
          {"p", 2 * bits},
          0,
          [](const uint64_t* inputs) { return inputs[0] * inputs[1]; }};
}

/// The same with registers before and after the product.
Design PipelineOf(int bits, const std::string& body) {
  Design design = MultiplierOf(bits, "");
  design.latency = 2;
  design.verilog = fmt::format(
      "module m (input clock, input [{0}:0] a, input [{0}:0] b, output reg [{1}:0] p);\n"
      "  reg [{0}:0] first, second;\n"
      "  always @(posedge clock) begin first <= a; second <= b; p <= {2}; end\nendmodule\n",
      bits - 1, 2 * bits - 1, body);
  return design;
}

constexpr int kSeconds = 60;

const Library& Cells() {
  static const Library library = ReadLiberty(DefaultLiberty());
  return library;
}

TEST(Verify, ProvesARightDesignOnEveryRoute) {
  const std::vector<Check> checks = Verify(MultiplierOf(6, "a * b"), Cells());
  ASSERT_EQ(checks.size(), 3u);
  for (const Check& check : checks) EXPECT_EQ(check.finding, Finding::kProved) << check.what;
}

// One product of 4096 is wrong.
TEST(Verify, SimulationAndFormalProofFindAPlantedFault) {
  const Design design = MultiplierOf(6, "a == 13 && b == 41 ? 532 : a * b");
  for (const Check& check : {VerifyBySimulation(design, {}),
                             VerifyFormally(design, GraphOfVerilog(design, kSeconds), {})}) {
    EXPECT_EQ(check.finding, Finding::kWrong) << check.what;
    ASSERT_TRUE(check.counterexample) << check.what;
    EXPECT_EQ(check.counterexample->inputs, (std::vector<uint64_t>{13, 41})) << check.what;
    EXPECT_EQ(check.counterexample->found, 532u) << check.what;
    EXPECT_EQ(check.counterexample->expected, 533u) << check.what;
  }
}

TEST(Verify, TheNetlistOfAnotherDesignIsFound) {
  const Design right = MultiplierOf(6, "a * b");
  const MappedDesign wrong =
      Synthesise(MultiplierOf(6, "a == 13 && b == 41 ? 532 : a * b"), Cells());
  const Check check =
      VerifyNetlist(right, GraphOfVerilog(right, kSeconds), wrong, Cells().path, {});
  EXPECT_EQ(check.finding, Finding::kWrong);
  ASSERT_TRUE(check.counterexample);
  EXPECT_EQ(check.counterexample->inputs, (std::vector<uint64_t>{13, 41}));
  EXPECT_EQ(check.counterexample->found, 532u);
  EXPECT_EQ(check.counterexample->expected, 533u);
}

TEST(Verify, WideDesignsAreTriedWithDirectedInputs) {
  VerifyOptions options;
  options.samples = 1 << 17;
  const Check right = VerifyBySimulation(MultiplierOf(24, "a * b"), options);
  EXPECT_EQ(right.finding, Finding::kNoneFound);
  EXPECT_EQ(right.extent, "131072 of 2^48 inputs, directed and random, seed 1");
  const Check wrong = VerifyBySimulation(
      MultiplierOf(24, "a == 24'hffffff && b == 24'h800001 ? 0 : a * b"), options);
  EXPECT_EQ(wrong.finding, Finding::kWrong);
}

TEST(Verify, PipelinesAreTriedFullAndTheirNetlistsProved) {
  const Design right = PipelineOf(5, "first * second");
  EXPECT_EQ(VerifyBySimulation(right, {}).finding, Finding::kProved);
  const LogicGraph verilog = GraphOfVerilog(right, kSeconds);
  const MappedDesign mapped = Synthesise(right, Cells());
  EXPECT_EQ(VerifyNetlist(right, verilog, mapped, Cells().path, {}).finding, Finding::kProved);

  const Design wrong = PipelineOf(5, "first * second ^ (first == 19)");
  EXPECT_EQ(VerifyBySimulation(wrong, {}).finding, Finding::kWrong);
  EXPECT_EQ(VerifyNetlist(right, verilog, Synthesise(wrong, Cells()), Cells().path, {}).finding,
            Finding::kWrong);
  // A product that is an edge late is no product of these operands.
  EXPECT_EQ(VerifyBySimulation(PipelineOf(5, "a * second"), {}).finding, Finding::kWrong);
}

std::string MessageOf(const Design& design) {
  try {
    Synthesise(design, Cells());
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Synthesise, RefusesALatchWithItsPlace) {
  Design design = MultiplierOf(4, "0");
  design.verilog =
      "module m (input [3:0] a, input [3:0] b, output reg [7:0] p);\n"
      "  always @* if (a[0]) p = a * b;\nendmodule\n";
  EXPECT_TRUE(MessageOf(design).starts_with("test: has a latch (yosys' $dlatch) at design.v:2."))
      << MessageOf(design);
}

TEST(Synthesise, SaysWhatYosysSays) {
  EXPECT_TRUE(MessageOf(MultiplierOf(4, "a *"))
                  .starts_with("test: yosys refuses it:\ndesign.v:2: "
                               "ERROR: syntax error"))
      << MessageOf(MultiplierOf(4, "a *"));
}

}  // namespace
}  // namespace mulberry
