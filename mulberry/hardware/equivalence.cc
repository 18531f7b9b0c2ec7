#include "mulberry/hardware/equivalence.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>

#include "mulberry/base/append_file.h"
#include "mulberry/base/error.h"
#include "mulberry/base/tool.h"
#include "mulberry/circuits/circuit_cache.h"
#include "mulberry/hardware/aig.h"
#include "mulberry/hardware/yosys.h"

namespace fs = std::filesystem;

namespace mulberry {
namespace {

constexpr Tool kAbc = {"berkeley-abc", "formal proof", "the package berkeley-abc"};

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
  fs::create_symlink(fs::absolute(liberty), work.path() / "cells.lib");
  return fmt::format(
      "read_liberty -ignore_miss_func cells.lib; read_verilog netlist.v; hierarchy -check -top {}; "
      "flatten; ",
      design.module);
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
  LogicGraph graph{ReorderInputs(ReadFile(work.path() / "graph.aig"), order), {}};
  for (const size_t i : order) graph.inputs.push_back(names[i]);
  return graph;
}

/// Which bit of which of the design's inputs each of a graph's is.
class InputBits {
 public:
  InputBits(const Design& design, const std::vector<std::string>& names)
      : ports_(design.inputs.size()), places_(names.size()) {
    std::map<std::string, Place> places;
    for (size_t port = 0; port < design.inputs.size(); ++port) {
      for (int bit = 0; bit < design.inputs[port].bits; ++bit) {
        places[fmt::format("{}[{}]", design.inputs[port].name, bit)] = {port, bit};
      }
    }
    for (size_t i = 0; i < names.size(); ++i) places_[i] = places.at(names[i]);
  }

  /// The inputs' values where the graph's input i is is_set(i).
  template <typename IsSet>
  std::vector<uint64_t> Values(IsSet is_set) const {
    std::vector<uint64_t> values(ports_);
    for (size_t i = 0; i < places_.size(); ++i) {
      if (is_set(i)) values[places_[i].port] |= uint64_t{1} << places_[i].bit;
    }
    return values;
  }

  /// The graph's inputs as the design's.
  std::vector<Aig::Word> Words(const Aig& graph) const {
    std::vector<Aig::Word> words(ports_);
    for (size_t i = 0; i < places_.size(); ++i) {
      Aig::Word& word = words[places_[i].port];
      const auto bit = static_cast<size_t>(places_[i].bit);
      if (word.size() <= bit) word.resize(bit + 1);
      word[bit] = graph.Input(static_cast<uint32_t>(i));
    }
    return words;
  }

 private:
  struct Place {
    size_t port = 0;
    int bit = 0;
  };
  size_t ports_;
  std::vector<Place> places_;
};

/// What abc says where two networks are equal, and where they are not.
struct Words {
  const char* equal;
  const char* different;
};
constexpr Words kComparison = {"Networks are equivalent", "Networks are NOT EQUIVALENT"};
constexpr Words kSatisfiability = {"UNSATISFIABLE", "\nSATISFIABLE"};

Equivalence::Verdict VerdictIn(const Design& design, const std::string& output,
                               const Words& words) {
  if (output.find(words.equal) != output.npos) return Equivalence::Verdict::kEqual;
  if (output.find(words.different) != output.npos) return Equivalence::Verdict::kDifferent;
  if (output.find("UNDECIDED") != output.npos) return Equivalence::Verdict::kUndecided;
  throw Error("{}: berkeley-abc compares nothing:\n{}", design.spec, output);
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
  return ReadFile(work.path() / "plain.v");
}

LogicGraph GraphOfModelByTrying(const Design& design, const LogicGraph& like) {
  if (design.latency > 0 || design.input_bits() > kMaxModelBits) {
    throw Error("{}: its model has {} input bits, and at most {} are made into logic", design.spec,
                design.input_bits(), kMaxModelBits);
  }
  const size_t combinations = size_t{1} << like.inputs.size();
  std::vector<uint64_t> outputs(combinations);
  const InputBits bits(design, like.inputs);
  for (size_t i = 0; i < combinations; ++i) {
    const auto is_set = [&](size_t input) { return i >> (like.inputs.size() - 1 - input) & 1; };
    outputs[i] = design.model(bits.Values(is_set).data());
  }
  Aig graph(static_cast<uint32_t>(like.inputs.size()));
  Aig::Word arguments;
  for (uint32_t i = 0; i < like.inputs.size(); ++i) arguments.push_back(graph.Input(i));
  for (int bit = 0; bit < design.output.bits; ++bit) {
    graph.AddOutput(graph.OfValues(arguments, [&](uint64_t i) { return outputs[i] >> bit & 1; }));
  }
  return {graph.Aiger(), like.inputs};
}

LogicGraph GraphOfModelLogic(const Design& design, const LogicGraph& like) {
  Aig graph(static_cast<uint32_t>(like.inputs.size()));
  for (const Aig::Literal output :
       design.model_logic(graph, InputBits(design, like.inputs).Words(graph))) {
    graph.AddOutput(output);
  }
  return {graph.Aiger(), like.inputs};
}

Equivalence CheckEquivalence(const Design& design, const LogicGraph& a, const LogicGraph& b,
                             ProofBy by, int seconds) {
  if (a.inputs != b.inputs) {
    throw Error("{}: its two circuits have different inputs or registers", design.spec);
  }
  const WorkFolder work;
  WriteFile(work.path() / "a.aig", a.aiger);
  WriteFile(work.path() / "b.aig", b.aiger);
  const auto abc = [&](const std::string& commands, const Words& words, int limit) {
    const auto result = RunToolWithin(kAbc, {"-c", commands}, work.path(), limit);
    return result ? VerdictIn(design, result->output, words) : Equivalence::Verdict::kUndecided;
  };
  const std::string difference = "miter a.aig b.aig; ", solve = "iprove; write_cex case";
  Equivalence result;
  if (by == ProofBy::kDiagram) {
    // Diagrams of most designs are smallest where abc may change the inputs' order, and for some
    // that takes for ever.
    const auto diagram = [&](const std::string& collapse, int limit) {
      return abc(difference + collapse + "; strash; " + solve, kSatisfiability, limit);
    };
    result.verdict = diagram("collapse", seconds / 4 + 1);
    if (result.verdict == Equivalence::Verdict::kUndecided) {
      result.verdict = diagram("collapse -r", seconds);
    }
  } else if (design.latency > 0) {
    result.verdict =
        abc(fmt::format("dsec -n -T {} a.aig b.aig", seconds), kComparison, seconds + 60);
  } else {
    result.verdict = abc(fmt::format("&cec -T {} a.aig b.aig", seconds), kComparison, seconds + 60);
    if (result.verdict == Equivalence::Verdict::kDifferent) {
      abc(difference + solve, kSatisfiability, seconds);
    }
  }
  const fs::path found = work.path() / "case";
  const std::string bits = fs::exists(found) ? ReadFile(found) : "";
  if (result.verdict == Equivalence::Verdict::kDifferent && bits.size() >= a.inputs.size()) {
    result.inputs =
        InputBits(design, a.inputs).Values([&](size_t input) { return bits[input] == '1'; });
  }
  return result;
}

}  // namespace mulberry
