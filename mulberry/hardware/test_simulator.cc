#include "mulberry/hardware/test_simulator.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <sstream>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

/// `text` without the modules that are in `seen`, by name, which gets the others. Throws Error for
/// two of one name.
std::string NewModules(const std::string& text, std::map<std::string, std::string>& seen) {
  std::string kept, name, module;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("module ")) name = line.substr(7, line.find_first_of(" #(", 7) - 7);
    module += line + "\n";
    if (!line.starts_with("endmodule")) continue;
    const auto [place, is_new] = seen.emplace(name, module);
    if (!is_new && place->second != module) throw Error("two modules have the name {}", name);
    if (is_new) kept += module;
    module.clear();
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

constexpr int kChoiceBits = 32, kOutputBits = 64;

/// Modules beside one another as one design, with the same inputs; the last input says whose output
/// is seen.
Design Bench(const std::vector<Design>& designs) {
  Design bench;
  bench.spec = bench.module = "bench";
  bench.output = {"o", kOutputBits};
  std::map<std::string, std::string> seen;
  std::string body, choice = "64'd0";
  size_t inputs = 0;
  for (size_t i = 0; i < designs.size(); ++i) {
    const Design& design = designs[i];
    if (design.latency != designs[0].latency) throw Error("{} has another latency", design.spec);
    bench.verilog += NewModules(Renamed(design, fmt::format("design{}", i)), seen);
    inputs = std::max(inputs, design.inputs.size());
    std::string ports = design.latency > 0 ? ".clock(clock), " : "";
    for (size_t k = 0; k < design.inputs.size(); ++k) {
      ports += fmt::format(".{}(i{}[{}:0]), ", design.inputs[k].name, k, design.inputs[k].bits - 1);
    }
    body += fmt::format("  wire [{0}:0] o{1};\n  design{1} d{1} ({2}.{3}(o{1}));\n",
                        design.output.bits - 1, i, ports, design.output.name);
    choice = fmt::format("which == {} ? {}'d0 | o{} : {}", i, kOutputBits, i, choice);
  }
  std::string ports;
  for (size_t k = 0; k < inputs; ++k) {
    bench.inputs.push_back({fmt::format("i{}", k), 64});
    ports += fmt::format("input [63:0] i{}, ", k);
  }
  bench.inputs.push_back({"which", kChoiceBits});
  bench.latency = designs[0].latency;
  bench.verilog += fmt::format(
      "module bench (input clock, {}input [31:0] which, output [63:0] o);\n{}  assign o = {};\n"
      "endmodule\n",
      ports, body, choice);
  return bench;
}

}  // namespace

TestSimulator::TestSimulator(std::vector<Design> designs)
    : designs_(std::move(designs)),
      bench_inputs_(Bench(designs_).inputs.size()),
      bench_(Bench(designs_)) {}

std::vector<uint64_t> TestSimulator::Run(size_t index, const std::vector<Vector>& vectors) const {
  std::vector<uint64_t> words(bench_inputs_ * vectors.size());
  for (size_t i = 0; i < vectors.size(); ++i) {
    std::ranges::copy(vectors[i], &words[i * bench_inputs_]);
    words[(i + 1) * bench_inputs_ - 1] = index;
  }
  return bench_.Evaluate(words);
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
  std::mt19937_64 random(1);
  std::vector<Vector> vectors;
  for (size_t i = 0; i < n; ++i) {
    Vector vector;
    for (size_t k = 0; k < design.inputs.size(); ++k) {
      const bool is_special = i % 2 == 0 && k < special.size();
      vector.push_back(is_special ? special[k][random() % special[k].size()]
                                  : random() >> (64 - design.inputs[k].bits));
    }
    vectors.push_back(std::move(vector));
  }
  return vectors;
}

}  // namespace mulberry
