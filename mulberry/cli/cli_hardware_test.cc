// `mulberry synth` and `mulberry verify` from outside: their figures, their verdicts, and what is
// said where a library, a circuit or a tool is wrong.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "mulberry/cli/cli_test.h"

namespace mulberry {
namespace {

using Json = nlohmann::json;

class HardwareTest : public CliTest {
 protected:
  /// Of the failed run: the message, once nothing but the cache's folders is left.
  std::string MessageOf(const std::vector<std::string>& arguments) const {
    const ScopedVariable cache("MULBERRY_CACHE", (folder_ + "/cache").c_str());
    const Outcome outcome = Mulberry(arguments);
    EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    if (std::filesystem::exists(folder_ + "/cache")) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ + "/cache")) {
        EXPECT_TRUE(entry.is_directory()) << entry.path();
      }
    }
    return outcome.err;
  }

  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
    return folder_ + "/" + name;
  }
};

TEST_F(HardwareTest, SynthesisIsRelativeToTheBetterExactCircuit) {
  const Outcome outcome = Mulberry({"synth", "low_drop(p=4,q=4)@uint8", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  ASSERT_EQ(json["exact"].size(), 2u);
  const Json tree = json["exact"][0], behavioural = json["exact"][1];
  EXPECT_EQ(tree["circuit"], "exact@uint8");
  EXPECT_EQ(behavioural["circuit"], "exact@uint8 as a*b");
  // The tree of adder cells is the better one, and so the denominator.
  EXPECT_LT(tree["pdp_pj"], behavioural["pdp_pj"]);
  EXPECT_EQ(tree["ratio"]["pdp"], 1.0);
  EXPECT_EQ(tree["adders"], "cells");
  const Json circuit = json["circuits"][0];
  EXPECT_EQ(circuit["exact"], "exact@uint8");
  EXPECT_LT(circuit["ratio"]["area"], 0.9);
  EXPECT_LT(circuit["ratio"]["energy"], 0.9);
  EXPECT_LE(circuit["zero_delay_energy_pj"], circuit["energy_pj"]);
}

TEST_F(HardwareTest, UnitsAndVerilogAreWritten) {
  const std::string units = folder_ + "/units.toml", verilog = folder_ + "/verilog";
  const Outcome outcome =
      Mulberry({"synth", "--mac", "mitchell@uint4", "--units", units, "--verilog", verilog});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  std::ifstream file(units);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_TRUE(Has(text, "library = \"osu018_stdcells\""));
  EXPECT_TRUE(Has(text, "[units.\"mitchell@uint4\"]"));
  EXPECT_TRUE(Has(text, "[units.\"exact@uint4\"]"));
  EXPECT_TRUE(std::filesystem::exists(verilog + "/mitchell_uint4.v"));
}

TEST_F(HardwareTest, AFlexibleUnitHasFiguresForEachMode) {
  const std::string units = folder_ + "/units.toml", verilog = folder_ + "/verilog";
  const Outcome outcome = Mulberry({"synth", "--flexible", "3", "exact@uint4", "--vectors", "50",
                                    "--units", units, "--verilog", verilog, "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json unit = Json::parse(outcome.out)["units"][0];
  EXPECT_EQ(unit["unit"], "3 digits of exact@uint4");
  ASSERT_EQ(unit["modes"].size(), 3u);
  EXPECT_EQ(unit["modes"][1]["bits"], 8);
  EXPECT_EQ(unit["modes"][1]["cycles"], 4);
  EXPECT_LT(unit["modes"][1]["energy_pj"], unit["modes"][2]["energy_pj"]);
  EXPECT_TRUE(std::filesystem::exists(verilog + "/3_digits_of_exact_uint4.v"));
  std::ifstream file(units);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_TRUE(Has(text, "name = \"3 digits of exact@uint4\"\n")) << text;
  EXPECT_TRUE(Has(text, "bits = 12\ncycles = 9\n")) << text;

  const Outcome verified =
      Mulberry({"verify", "--flexible", "3", "exact@uint4", "--samples", "100000"});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_TRUE(Has(verified.out, "flexible MAC steps: ")) << verified.out;
  EXPECT_TRUE(Has(verified.out, "no fault found  not tried         proved")) << verified.out;

  EXPECT_EQ(Mulberry({"synth", "--flexible", "9", "exact@uint4"}).exit_code, 2);
  EXPECT_EQ(Mulberry({"synth", "--flexible", "2", "--mac", "exact@uint4"}).exit_code, 2);
  EXPECT_EQ(Mulberry({"verify", "--flexible", "2", "--pipelined", "exact@uint4"}).exit_code, 2);
  EXPECT_EQ(Mulberry({"synth", "--flexible", "2", "--period", "5", "exact@uint4"}).exit_code, 2);
  const Outcome signs = Mulberry({"synth", "--flexible", "2", "exact@int4"});
  EXPECT_TRUE(Has(signs.err, "unsigned integers of one width")) << signs.err;
  const Outcome two =
      Mulberry({"synth", "--flexible", "2", "exact@uint4", "mitchell@uint4", "--units", units});
  EXPECT_TRUE(Has(two.err, "give one SPEC, not 2")) << two.err;
}

TEST_F(HardwareTest, VerificationProvesByEachRoute) {
  const Outcome outcome = Mulberry({"verify", "mitchell@uint4", "exact@float(3,2)", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  ASSERT_EQ(json.size(), 2u);
  for (const Json& circuit : json) {
    ASSERT_EQ(circuit["checks"].size(), 3u);
    for (const Json& check : circuit["checks"]) EXPECT_EQ(check["verdict"], "proved") << check;
  }
}

TEST_F(HardwareTest, VerificationOfSeveralCircuitsIsATable) {
  const Outcome outcome =
      Mulberry({"verify", "mitchell@uint4", "exact@bf16", "mitchell@fp32", "--samples", "1000"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  std::vector<std::string> lines;
  std::istringstream text(outcome.out);
  for (std::string line; std::getline(text, line);) {
    lines.push_back(line.substr(0, line.find_last_not_of(".0123456789 ") + 1));  // No seconds.
  }
  ASSERT_EQ(lines.size(), 9u) << outcome.out;
  EXPECT_TRUE(Has(lines[1], "directed and random, seed"));
  EXPECT_TRUE(Has(lines[2], "Not tried: "));
  EXPECT_EQ(lines[6],
            "mitchell@uint4     2^8        all  proved          proved            proved");
  EXPECT_EQ(lines[7],
            "exact@bf16        2^32       1000  no fault found  proved            proved");
  EXPECT_EQ(lines[8],
            "mitchell@fp32     2^64       1000  no fault found  not tried         proved");
}

TEST_F(HardwareTest, WhatIsNoCircuitIsRefused) {
  for (const char* spec : {"fp32", "noise(mre=1%)@fp32", "exact@mxfp8(e4m3)"}) {
    const Outcome outcome = Mulberry({"synth", spec});
    EXPECT_EQ(outcome.exit_code, 2) << spec;
    EXPECT_TRUE(Has(outcome.err, "circuit")) << outcome.err;
  }
  EXPECT_EQ(Mulberry({"synth", "exact@uint4", "--pipelined"}).exit_code, 2);
  EXPECT_EQ(Mulberry({"synth", "exact@uint4", "--units", "u.toml"}).exit_code, 2);
}

TEST_F(HardwareTest, ABrokenLibraryIsNamedWithItsLine) {
  const std::string library = Write("broken.lib", "library(x) {\n  cell(INV) {\n    area : ;\n");
  const std::string message = MessageOf({"synth", "exact@uint4", "--liberty", library});
  EXPECT_TRUE(Has(message, library + ":3: ")) << message;
  EXPECT_TRUE(
      Has(MessageOf({"synth", "exact@uint4", "--liberty", folder_ + "/none.lib"}), "none.lib"));
}

TEST_F(HardwareTest, ALatchIsNamedWithItsLine) {
  const std::string file = Write("latch.v",
                                 "module m(input [3:0] a, input [3:0] b, output reg [7:0] p);\n"
                                 "  always @* if (a[0]) p = a * b;\nendmodule\n");
  const std::string message = MessageOf({"synth", "verilog:" + file + "#m@uint4"});
  EXPECT_TRUE(Has(message, "latch")) << message;
  EXPECT_TRUE(Has(message, "latch.v:2.")) << message;
}

TEST_F(HardwareTest, AMissingToolIsNamedWithItsPackage) {
  // A folder with what else is run, but no yosys.
  const std::string tools = folder_ + "/tools";
  std::filesystem::create_directory(tools);
  for (const char* tool : {"timeout", "sh"}) {
    std::filesystem::create_symlink(std::string("/usr/bin/") + tool, tools + "/" + tool);
  }
  const ScopedVariable path("PATH", tools.c_str());
  EXPECT_TRUE(Has(MessageOf({"synth", "exact@uint4"}),
                  "synthesis needs yosys, and there is no such program: install the packages yosys "
                  "and berkeley-abc"));
  EXPECT_TRUE(Has(MessageOf({"verify", "exact@uint4"}), "install the package verilator"));
}

}  // namespace
}  // namespace mulberry
