#include "mulberry/hardware/equivalence.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <numeric>
#include <sstream>

#include "mulberry/base/error.h"
#include "mulberry/base/tool.h"
#include "mulberry/circuits/circuit_cache.h"
#include "mulberry/hardware/aig.h"
#include "mulberry/hardware/yosys.h"

namespace fs = std::filesystem;

namespace mulberry {
namespace {

constexpr Tool kAbc = {"berkeley-abc", "formal proof", "the package berkeley-abc"};

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// The inputs that the lines "input INDEX BIT NAME" of yosys' map name.
std::vector<std::string> InputsOf(const fs::path& map) {
  std::vector<std::string> names;
  std::ifstream file(map);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string kind, name;
    size_t index = 0, bit = 0;
    if (!(words >> kind >> index >> bit >> name) || kind != "input") continue;
    if (names.size() <= index) names.resize(index + 1);
    names[index] = fmt::format("{}[{}]", name, bit);
  }
  return names;
}

/// Reads the netlist, written into the folder, with the library's cells as logic, flat.
std::string NetlistSteps(const Design& design, const MappedDesign& mapped,
                         const std::string& liberty, const WorkFolder& work) {
  WriteFile(work.path() / "netlist.v", mapped.verilog);
  return fmt::format(
      "read_liberty -ignore_miss_func \"{}\"; read_verilog netlist.v; hierarchy -check -top {}; "
      "flatten; ",
      fs::absolute(liberty).string(), design.module);
}

/// Runs yosys' `steps`, which leave one flat module of simple gates, and takes that.
LogicGraph GraphOf(const Design& design, const WorkFolder& work, const std::string& steps,
                   int seconds) {
  const std::string registers =
      design.latency > 0 ? "dffunmap; setundef -zero -init; zinit -all; opt_clean; " : "";
  RunYosys(design, work.path(), steps + registers + "aigmap; write_aiger -map map graph.aig",
           seconds);
  const std::vector<std::string> names = InputsOf(work.path() / "map");
  std::vector<size_t> order(names.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](size_t i) { return names[i]; });
  LogicGraph graph{ReorderInputs(ReadAll(work.path() / "graph.aig"), order), {}};
  for (const size_t i : order) graph.inputs.push_back(names[i]);
  return graph;
}

/// The values of the design's inputs, of which `pattern` has the bits, as 0 and 1, in the order of
/// `names`.
std::vector<uint64_t> InputsIn(const Design& design, const std::vector<std::string>& names,
                               const std::string& pattern) {
  std::vector<uint64_t> values;
  for (const DesignPort& port : design.inputs) {
    uint64_t value = 0;
    for (size_t i = 0; i < names.size(); ++i) {
      for (int bit = 0; bit < port.bits; ++bit) {
        if (names[i] == fmt::format("{}[{}]", port.name, bit))
          value |= uint64_t{pattern[i] == '1'} << bit;
      }
    }
    values.push_back(value);
  }
  return values;
}

}  // namespace

LogicGraph GraphOfVerilog(const Design& design, int seconds) {
  const WorkFolder work;
  WriteFile(work.path() / "design.v", design.verilog);
  return GraphOf(
      design, work,
      fmt::format("read_verilog design.v; hierarchy -check -top {}; proc -norom; flatten; opt; "
                  "memory; techmap; opt -fast; ",
                  design.module),
      seconds);
}

LogicGraph GraphOfNetlist(const Design& design, const MappedDesign& mapped,
                          const std::string& liberty, int seconds) {
  const WorkFolder work;
  return GraphOf(design, work,
                 NetlistSteps(design, mapped, liberty, work) + "proc; opt; techmap; opt; ",
                 seconds);
}

std::string VerilogOfNetlist(const Design& design, const MappedDesign& mapped,
                             const std::string& liberty, int seconds) {
  const WorkFolder work;
  RunYosys(design, work.path(),
           NetlistSteps(design, mapped, liberty, work) +
               "delete =A:liberty_cell=1; opt_clean; write_verilog -noattr plain.v",
           seconds);
  return ReadAll(work.path() / "plain.v");
}

LogicGraph GraphOfModel(const Design& design, const LogicGraph& like) {
  if (design.latency > 0 || design.input_bits() > kMaxModelBits) {
    throw Error("{}: its model has {} input bits, and at most {} are made into logic", design.spec,
                design.input_bits(), kMaxModelBits);
  }
  Aig graph(static_cast<uint32_t>(like.inputs.size()));
  const size_t combinations = size_t{1} << like.inputs.size();
  std::vector<uint64_t> outputs(combinations);
  for (size_t i = 0; i < combinations; ++i) {
    std::string pattern(like.inputs.size(), '0');
    for (size_t bit = 0; bit < pattern.size(); ++bit) {
      if (i >> (pattern.size() - 1 - bit) & 1) pattern[bit] = '1';
    }
    outputs[i] = design.model(InputsIn(design, like.inputs, pattern).data());
  }
  for (int bit = 0; bit < design.output.bits; ++bit) {
    graph.AddOutput(graph.OfValues([&](uint64_t i) { return outputs[i] >> bit & 1; }));
  }
  return {graph.Aiger(), like.inputs};
}

Equivalence CheckEquivalence(const Design& design, const LogicGraph& a, const LogicGraph& b,
                             int seconds) {
  if (a.inputs != b.inputs) {
    throw Error("{}: its two circuits have different inputs or registers", design.spec);
  }
  const WorkFolder work;
  WriteFile(work.path() / "a.aig", a.aiger);
  WriteFile(work.path() / "b.aig", b.aiger);
  const auto abc = [&](const std::string& commands) {
    return RunTool(kAbc, {"-c", commands}, work.path(), seconds + 60).output;
  };
  const bool clocked = design.latency > 0;
  const std::string proof =
      abc(fmt::format("{} -T {} a.aig b.aig", clocked ? "dsec -n" : "&cec", seconds));
  // What is not equivalent is said in capitals.
  if (proof.find("Networks are equivalent") != proof.npos) {
    return {Equivalence::Verdict::kEqual, std::nullopt};
  }
  if (proof.find("Networks are NOT EQUIVALENT") == proof.npos) {
    if (proof.find("UNDECIDED") != proof.npos || proof.find("undecided") != proof.npos) return {};
    throw Error("{}: berkeley-abc compares nothing:\n{}", design.spec, proof);
  }
  Equivalence result{Equivalence::Verdict::kDifferent, std::nullopt};
  if (clocked) return result;
  // A case in which they differ: a satisfying assignment of the XOR of their outputs.
  abc("miter a.aig b.aig; iprove; write_cex case");
  const std::string bits = ReadAll(work.path() / "case");
  if (bits.size() >= a.inputs.size()) result.inputs = InputsIn(design, a.inputs, bits);
  return result;
}

}  // namespace mulberry
