#include "mulberry/hardware/test_simulator.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

#include "mulberry/base/error.h"
#include "mulberry/base/process.h"

namespace mulberry {
namespace {

constexpr int kMostInputs = 6, kBuildSeconds = 300, kRunSeconds = 120;

/// `text` without the modules whose names are in `seen`, which gets the others'.
std::string NewModules(const std::string& text, std::set<std::string>& seen) {
  std::string kept;
  bool skipped = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("module ")) {
      const std::string name = line.substr(7, line.find_first_of(" #(", 7) - 7);
      skipped = !seen.insert(name).second;
    }
    if (!skipped) kept += line + "\n";
    if (line.starts_with("endmodule")) skipped = false;
  }
  return kept;
}

/// The design's text with its top module called `name`.
std::string Renamed(const Design& design, const std::string& name) {
  std::string text = design.verilog;
  const std::string head = "module " + design.module + " (";
  const size_t at = text.find(head);
  if (at == std::string::npos) throw Error("{} has no module {}", design.spec, design.module);
  return text.replace(at, head.size(), "module " + name + " (");
}

/// Modules beside one another, with the same inputs; `which` says whose output is seen.
std::string Bench(const std::vector<Design>& designs) {
  std::set<std::string> seen;
  std::string modules, body, choice = "64'd0";
  for (size_t i = 0; i < designs.size(); ++i) {
    const Design& design = designs[i];
    modules += NewModules(Renamed(design, fmt::format("design{}", i)), seen);
    std::string ports = design.latency > 0 ? ".clock(clock), " : "";
    for (size_t k = 0; k < design.inputs.size(); ++k) {
      ports += fmt::format(".{}(i{}[{}:0]), ", design.inputs[k].name, k, design.inputs[k].bits - 1);
    }
    body += fmt::format("  wire [{0}:0] o{1};\n  design{1} d{1} ({2}.{3}(o{1}));\n",
                        design.output.bits - 1, i, ports, design.output.name);
    choice = fmt::format(
        "which == {0} ? {{{1}o{0}}} : {2}", i,
        design.output.bits == 64 ? std::string() : fmt::format("{}'d0, ", 64 - design.output.bits),
        choice);
  }
  return modules +
         fmt::format(
             "module bench (input clock, input [31:0] which, input [63:0] i0, input [63:0] i1,\n"
             "  input [63:0] i2, input [63:0] i3, input [63:0] i4, input [63:0] i5, output [63:0] "
             "o);\n{}  assign o = {};\n"
             "endmodule\n",
             body, choice);
}

constexpr char kHarness[] = R"(#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include "Vbench.h"
int main(int, char** argv) {
  Vbench bench;
  bench.which = std::atoi(argv[1]);
  const int latency = std::atoi(argv[2]);
  FILE* in = std::fopen(argv[3], "rb");
  FILE* out = std::fopen(argv[4], "wb");
  uint64_t v[6];
  long given = 0, taken = 0, edges = 0;
  for (bool more = true; more || taken < given;) {
    more = more && std::fread(v, sizeof v, 1, in) == 1;
    if (more) {
      bench.i0 = v[0]; bench.i1 = v[1]; bench.i2 = v[2]; bench.i3 = v[3]; bench.i4 = v[4]; bench.i5 = v[5];
      ++given;
    }
    bench.clock = 0;
    bench.eval();
    if (latency > 0) {
      bench.clock = 1;
      bench.eval();
      ++edges;
    }
    if (edges >= latency && taken < given) {
      const uint64_t o = bench.o;
      std::fwrite(&o, sizeof o, 1, out);
      ++taken;
    }
  }
  return std::fclose(out);
}
)";

void Write(const std::string& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

}  // namespace

TestSimulator::TestSimulator(std::vector<Design> designs) : designs_(std::move(designs)) {
  std::string name = (std::filesystem::temp_directory_path() / "mulberry_rtl_XXXXXX").string();
  if (!mkdtemp(name.data())) throw Error("cannot make the folder {}", name);
  folder_ = name;
  Write(folder_ + "/bench.v", Bench(designs_));
  Write(folder_ + "/harness.cc", kHarness);
  const ProcessResult result =
      RunProcess({"verilator", "--cc", "--exe", "--build", "-O3", "--x-assign", "fast", "-Wno-lint",
                  "-Wno-fatal", "-CFLAGS", "-O1", "--top-module", "bench", "--Mdir", "obj",
                  "bench.v", "harness.cc"},
                 folder_, kBuildSeconds);
  if (result.exit_status != 0) {
    throw Error("Verilator (Debian's package verilator) has not built {}: {}", folder_,
                result.output);
  }
}

TestSimulator::~TestSimulator() {
  std::filesystem::remove_all(folder_);
}

std::vector<uint64_t> TestSimulator::Run(size_t index, const std::vector<Vector>& vectors) const {
  {
    std::ofstream in(folder_ + "/in", std::ios::binary);
    for (const Vector& vector : vectors) {
      uint64_t words[kMostInputs] = {};
      std::copy(vector.begin(), vector.end(), words);
      in.write(reinterpret_cast<const char*>(words), sizeof words);
    }
  }
  const ProcessResult result = RunProcess(
      {"./obj/Vbench", std::to_string(index), std::to_string(designs_[index].latency), "in", "out"},
      folder_, kRunSeconds);
  if (result.exit_status != 0) throw Error("the simulation failed: {}", result.output);
  std::vector<uint64_t> outputs(vectors.size());
  std::ifstream out(folder_ + "/out", std::ios::binary);
  out.read(reinterpret_cast<char*>(outputs.data()),
           static_cast<std::streamsize>(outputs.size() * sizeof(uint64_t)));
  if (!out) throw Error("the simulation of {} gave too few outputs", designs_[index].spec);
  return outputs;
}

void TestSimulator::ExpectModel(size_t index, const std::vector<Vector>& vectors) const {
  const Design& design = designs_[index];
  const std::vector<uint64_t> outputs = Run(index, vectors);
  int wrong = 0;
  for (size_t i = 0; i < vectors.size() && wrong < 5; ++i) {
    const uint64_t expected = design.model(vectors[i].data());
    if (outputs[i] == expected) continue;
    ++wrong;
    std::string operands;
    for (const uint64_t value : vectors[i]) operands += fmt::format(" {:#x}", value);
    ADD_FAILURE() << fmt::format("{} ({}):{} gives {:#x}, the model {:#x}", design.spec,
                                 design.module, operands, outputs[i], expected);
  }
}

std::vector<Vector> AllVectors(const Design& design) {
  std::vector<Vector> vectors;
  for (uint64_t all = 0; all < uint64_t{1} << design.input_bits(); ++all) {
    Vector vector;
    uint64_t rest = all;
    for (const DesignPort& port : design.inputs) {
      vector.push_back(rest & ((uint64_t{1} << port.bits) - 1));
      rest >>= port.bits;
    }
    vectors.push_back(std::move(vector));
  }
  return vectors;
}

std::vector<Vector> SomeVectors(const Design& design,
                                const std::vector<std::vector<uint64_t>>& special, size_t n) {
  std::vector<Vector> vectors;
  if (!special.empty()) vectors.push_back({});
  for (const std::vector<uint64_t>& values : special) {
    std::vector<Vector> longer;
    for (const Vector& vector : vectors) {
      for (const uint64_t value : values) {
        longer.push_back(vector);
        longer.back().push_back(value);
      }
    }
    vectors = std::move(longer);
  }
  std::mt19937_64 random(1);
  for (size_t i = 0; i < n; ++i) {
    Vector vector;
    for (const DesignPort& port : design.inputs) vector.push_back(random() >> (64 - port.bits));
    vectors.push_back(std::move(vector));
  }
  return vectors;
}

}  // namespace mulberry
