// Our timing against OpenSTA, our transitions against Icarus Verilog with SDF delays, on ten
// designs that yosys maps to the OSU 0.18 um library; and the energy of inverters against OpenSTA.
// Not a test of whole designs' power: OpenSTA takes no counted transitions.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include "mulberry/base/error.h"
#include "mulberry/base/process.h"
#include "mulberry/base/test_folder.h"
#include "mulberry/hardware/sdf.h"
#include "mulberry/hardware/switching.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

constexpr char kLiberty[] = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
constexpr char kCells[] = "/usr/share/qflow/tech/osu018/osu018_stdcells.v";
constexpr size_t kVectors = 300;

/// Every design is a module `top` with inputs a and b; a clocked one has an input `clock`.
struct AgreementDesign {
  std::string name;
  int bits = 0;
  bool is_clocked = false;
  std::string verilog;
};

void PrintTo(const AgreementDesign& design, std::ostream* out) {
  *out << design.name;
}

std::string Module(int bits, int output, const std::string& body) {
  return fmt::format("module top(input [{0}:0] a, b, output [{1}:0] p);\n{2}\nendmodule\n",
                     bits - 1, output - 1, body);
}

/// An array of carry-propagate rows, its adders the library's own cells.
std::string ArrayMultiplier(int bits) {
  std::string body = fmt::format("wire [{}:0] s0 = {{1'b0, a & {{{}{{b[0]}}}}}};\n", bits, bits);
  body += "assign p[0] = s0[0];\n";
  for (int row = 1; row < bits; ++row) {
    body +=
        fmt::format("wire [{0}:0] c{1}; wire [{0}:0] s{1}; assign c{1}[0] = 1'b0;\n", bits, row);
    for (int i = 0; i < bits; ++i) {
      body += fmt::format(
          "FAX1 f{0}_{1} (.A(a[{1}] & b[{0}]), .B(s{2}[{3}]), .C(c{0}[{1}]), "
          ".YS(s{0}[{1}]), .YC(c{0}[{3}]));\n",
          row, i, row - 1, i + 1);
    }
    body += fmt::format("assign s{0}[{1}] = c{0}[{1}]; assign p[{0}] = s{0}[0];\n", row, bits);
  }
  body += fmt::format("assign p[{}:{}] = s{}[{}:1];\n", 2 * bits - 1, bits, bits - 1, bits);
  return Module(bits, 2 * bits, body);
}

constexpr char kMitchell[] = R"(
  function [10:0] log2(input [7:0] x); integer i; begin
    log2 = 0;
    for (i = 0; i < 8; i = i + 1) if (x[i]) log2 = (i << 7) | (((x << (7 - i)) & 8'h7f));
  end endfunction
  wire [11:0] sum = log2(a) + log2(b);
  wire [22:0] shifted = {15'b0, 1'b1, sum[6:0]} << sum[10:7];
  assign p = (a == 0 || b == 0) ? 16'b0 : shifted[22:7];)";

constexpr char kAlu[] = R"(
  assign p = a[7:6] == 0 ? a[5:0] + b : a[7:6] == 1 ? a[5:0] - b : a[7:6] == 2 ? a[5:0] & b
                                                                              : a[5:0] ^ b;)";

std::vector<AgreementDesign> Designs() {
  return {
      {"product4", 4, false, Module(4, 8, "assign p = a * b;")},
      {"product8", 8, false, Module(8, 16, "assign p = a * b;")},
      {"array4", 4, false, ArrayMultiplier(4)},
      {"array8", 8, false, ArrayMultiplier(8)},
      {"adder16", 16, false, Module(16, 17, "assign p = a + b;")},
      {"alu8", 8, false, Module(8, 8, kAlu)},
      {"mitchell8", 8, false, Module(8, 16, kMitchell)},
      {"shifter16", 16, false, Module(16, 16, "assign p = (a << b[3:0]) ^ (a >> b[7:4]);")},
      {"mac4", 4, true,
       "module top(input clock, input [3:0] a, b, output reg [11:0] p);\n"
       "always @(posedge clock) p <= p + a * b;\nendmodule\n"},
      {"pipeline8", 8, true,
       "module top(input clock, input [7:0] a, b, output reg [15:0] p);\nreg [7:0] x, y;\n"
       "always @(posedge clock) begin x <= a; y <= b; p <= x * y; end\nendmodule\n"},
  };
}

std::string FileText(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw Error("{}: cannot be read: install the package qflow-tech-osu018", path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string RunTool(const std::vector<std::string>& command, const fs::path& folder) {
  const ProcessResult result = RunProcess(command, folder, 100, 1 << 20);
  if (result.exit_status != 0) {
    throw Error("{} ended with {} (127: install its package): {}", command[0], result.exit_status,
                result.output);
  }
  return result.output;
}

void Write(const fs::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

std::string TestBench(const AgreementDesign& design, const Stimulus& stimulus, int64_t period) {
  std::string text = fmt::format(
      "`timescale 1ns/1ps\nmodule bench;\nreg [{0}:0] a, b; reg clock = 0; wire [63:0] p;\n"
      "top dut({1}.a(a), .b(b), .p(p));\ninitial begin\n$sdf_annotate(\"top.sdf\", dut);\n"
      "$dumpfile(\"top.vcd\");\n",
      design.bits - 1, design.is_clocked ? ".clock(clock), " : "");
  for (size_t k = 0; k < stimulus.vectors.size(); ++k) {
    const std::string assign =
        fmt::format("a = {}; b = {};", stimulus.vectors[k][0], stimulus.vectors[k][1]);
    if (k == 1) text += "$dumpvars(1, dut);\n";
    if (design.is_clocked && k > 0) {
      text += fmt::format("clock = 1; #0 {} #{:.3f} clock = 0; #{:.3f};\n", assign,
                          static_cast<double>(period / 2) / 1000,
                          static_cast<double>(period - period / 2) / 1000);
    } else {
      text += fmt::format("{} #{:.3f};\n", assign, static_cast<double>(period) / 1000);
    }
    // Our flip-flops begin at 0, Verilog's at X: they are set by hand.
    if (design.is_clocked && k == 0) text += "`include \"start.v\"\n";
  }
  return text + "$finish;\nend\nendmodule\n";
}

/// The changes of each net n0, n1, ... in a VCD file, after its initial values.
std::map<int, uint64_t> CountChanges(const fs::path& path) {
  std::ifstream file(path);
  std::map<std::string, int> nets;
  std::map<int, uint64_t> changes;
  bool is_initial = true;
  for (std::string line; std::getline(file, line);) {
    char id[64], name[64];
    if (std::sscanf(line.c_str(), "$var wire 1 %63s %63s", id, name) == 2 && name[0] == 'n') {
      nets[id] = std::atoi(name + 1);
    } else if (line == "$dumpvars") {
      is_initial = true;
    } else if (line == "$end") {
      is_initial = false;
    } else if (!line.empty() && !is_initial && (line[0] == '0' || line[0] == '1')) {
      const auto net = nets.find(line.substr(1));
      if (net != nets.end()) ++changes[net->second];
    }
  }
  return changes;
}

class HardwareAgreement : public testing::TestWithParam<AgreementDesign> {
 protected:
  void SetUp() override {
    Write(folder_ / "design.v", GetParam().verilog);
    RunTool({"yosys", "-q", "-p",
             fmt::format("read_liberty -lib {0}; read_verilog design.v; synth -flatten -top top; "
                         "dfflibmap -liberty {0}; abc -liberty {0}; clean; write_json top.json",
                         kLiberty)},
            folder_);
    library_ = ReadLiberty(kLiberty);
    netlist_ = ReadMappedNetlist((folder_ / "top.json").string(), library_);
    timing_ = AnalyzeTiming(netlist_, library_);
    Write(folder_ / "top.v", NetlistVerilog(netlist_, library_));
  }

  TestFolder test_folder_;
  fs::path folder_ = test_folder_.path();
  Library library_;
  MappedNetlist netlist_;
  TimingReport timing_;
};

TEST_P(HardwareAgreement, LongestPathWithOpenSta) {
  const std::string clock = GetParam().is_clocked ? "[get_ports clock]" : "";
  Write(folder_ / "sta.tcl",
        fmt::format(
            "read_liberty {}\nread_verilog top.v\nlink_design top\n"
            "create_clock -name clk -period 100 {}\nset_clock_transition 0.1 [get_clocks clk]\n"
            "set_input_delay 0 -clock clk [get_ports {{a[*] b[*]}}]\n"
            "set_output_delay 0 -clock clk [all_outputs]\n"
            "set_input_transition 0.1 [all_inputs]\nset_load 0.02 [all_outputs]\n"
            "report_checks -path_delay max -digits 6\n",
            kLiberty, clock));
  const std::string report = RunTool({"sta", "-exit", "-no_splash", "sta.tcl"}, folder_);
  const size_t slack = report.rfind("slack");
  ASSERT_NE(slack, std::string::npos) << report;
  const size_t line = report.rfind('\n', slack) + 1;
  const double theirs = 100 - std::atof(report.c_str() + line);
  const double ours = std::max(timing_.longest_path, timing_.smallest_period) * 1e9;
  std::printf("%s: longest path %.6f ns, OpenSTA %.6f ns (%+.3f %%)\n", GetParam().name.c_str(),
              ours, theirs, 100 * (ours / theirs - 1));
  ASSERT_GT(theirs, 0.1) << report;
  ASSERT_LT(theirs, 99) << report;
  EXPECT_NEAR(ours / theirs, 1, 0.001) << report;
}

TEST_P(HardwareAgreement, TransitionsWithIcarus) {
  std::mt19937_64 random(7);
  Stimulus stimulus{{"a", "b"}, {}, 0};
  const uint64_t mask = (uint64_t{1} << GetParam().bits) - 1;
  for (size_t k = 0; k < kVectors; ++k) {
    stimulus.vectors.push_back({random() & mask, random() & mask});
  }
  const SwitchingReport report =
      Simulate(netlist_, library_, timing_, stimulus, SwitchingMode::kGlitchAware);
  const SwitchingReport zero_delay =
      Simulate(netlist_, library_, timing_, stimulus, SwitchingMode::kZeroDelay);
  EXPECT_EQ(report.outputs, zero_delay.outputs);
  EXPECT_EQ(report.functional, zero_delay.functional);
  if (GetParam().name.starts_with("product") || GetParam().name.starts_with("array")) {
    for (size_t k = 0; k < kVectors; ++k) {
      ASSERT_EQ(report.outputs[k].at(0), stimulus.vectors[k][0] * stimulus.vectors[k][1]);
    }
  }

  std::string cells = FileText(kCells), start;
  for (size_t at; (at = cells.find("1ns/10ps")) != cells.npos;) cells.replace(at, 8, "1ns/1ps");
  Write(folder_ / "cells.v", cells);
  for (const int i : netlist_.flip_flops) start += fmt::format("force dut.u{0}.D = 1'b0;\n", i);
  start += "#1 clock = 1; #10 clock = 0; #10;\n";
  for (const int i : netlist_.flip_flops) start += fmt::format("release dut.u{0}.D;\n", i);
  start += "#10;\n";
  Write(folder_ / "start.v", start);
  Write(folder_ / "top.sdf", NetlistSdf(netlist_, library_, timing_));
  Write(folder_ / "bench.v", TestBench(GetParam(), stimulus, std::llround(report.period * 1e12)));
  RunTool({"iverilog", "-g2012", "-gspecify", "-o", "top.vvp", "bench.v", "top.v", "cells.v"},
          folder_);
  RunTool({"vvp", "-n", "top.vvp"}, folder_);
  const std::map<int, uint64_t> changes = CountChanges(folder_ / "top.vcd");

  uint64_t ours = 0, theirs = 0, functional = 0, differing = 0;
  for (size_t net = 2; net < netlist_.net_names.size(); ++net) {
    if (netlist_.drivers[net].instance < 0) continue;
    const auto found = changes.find(static_cast<int>(net));
    const uint64_t count = found == changes.end() ? 0 : found->second;
    ours += report.total[net];
    functional += report.functional[net];
    theirs += count;
    differing += count > report.total[net] ? count - report.total[net] : report.total[net] - count;
  }
  std::printf(
      "%s: %zu cells, transitions %lu (%lu functional), Icarus %lu (%+.3f %%), nets differ by "
      "%lu\n",
      GetParam().name.c_str(), netlist_.instances.size(), ours, functional, theirs,
      100 * (static_cast<double>(ours) / static_cast<double>(theirs) - 1), differing);
  ASSERT_GT(theirs, functional / 2);
  EXPECT_NEAR(static_cast<double>(ours) / static_cast<double>(theirs), 1, 0.001);
}

// A chain of inverters, of which each net has the input's activity: a transition in each 10 ns.
TEST(HardwareEnergy, OfInvertersWithOpenSta) {
  const TestFolder folder;
  Write(folder.path() / "chain.v",
        "module top(input a, output p); wire b, c; INVX1 u(.A(a), .Y(b)); INVX2 v(.A(b), .Y(c));\n"
        "INVX1 w(.A(c), .Y(p)); endmodule\n");
  Write(
      folder.path() / "sta.tcl",
      fmt::format("read_liberty {}\nread_verilog chain.v\nlink_design top\n"
                  "create_clock -name clk -period 10\nset_input_delay 0 -clock clk [get_ports a]\n"
                  "set_output_delay 0 -clock clk [all_outputs]\n"
                  "set_input_transition 0.1 [all_inputs]\nset_load 0.02 [all_outputs]\n"
                  "set_power_activity -input -activity 1\nreport_power -digits 6\n",
                  kLiberty));
  const std::string theirs = RunTool({"sta", "-exit", "-no_splash", "sta.tcl"}, folder.path());
  double internal = 0, switching = 0;
  ASSERT_EQ(
      std::sscanf(theirs.c_str() + theirs.find("\nTotal") + 6, "%lf %lf", &internal, &switching), 2)
      << theirs;

  RunTool({"yosys", "-q", "-p",
           fmt::format("read_liberty -lib {}; read_verilog chain.v; hierarchy -top top; "
                       "write_json top.json",
                       kLiberty)},
          folder.path());
  const Library library = ReadLiberty(kLiberty);
  const auto netlist = ReadMappedNetlist((folder.path() / "top.json").string(), library);
  const TimingReport timing = AnalyzeTiming(netlist, library);
  const SwitchingReport ours =
      Simulate(netlist, library, timing, {{"a"}, {{0}, {1}, {0}}, 0}, SwitchingMode::kGlitchAware);
  const auto input = static_cast<size_t>(netlist.FindPort("a")->nets[0]);
  // It leaves out what charges the input's net, whose driver it does not know.
  const double of_input = (timing.rise_load[input] + timing.fall_load[input]) / 4 * 1.8 * 1.8;
  EXPECT_NEAR((ours.switching_energy - of_input) / (switching * 10e-9), 1, 0.001) << theirs;
  // This version takes the sum of a rise and a fall for each transition, later ones their mean.
  const double ratio = ours.internal_energy / (internal * 10e-9);
  EXPECT_NEAR(ratio < 0.75 ? 2 * ratio : ratio, 1, 0.01) << theirs;
}

INSTANTIATE_TEST_SUITE_P(Designs, HardwareAgreement, testing::ValuesIn(Designs()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace mulberry
