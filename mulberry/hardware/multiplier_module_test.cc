// The multipliers of rtl/, as yosys reads them, against the models: all pairs of up to 8 bits,
// and corners and random pairs of wider operands. For each kind of operand, one and-inverter graph
// of all modules is evaluated, 64 pairs at once.
#include "mulberry/hardware/multiplier_module.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "mulberry/base/error.h"
#include "mulberry/base/process.h"
#include "mulberry/hardware/rtl_library.h"
#include "mulberry/multipliers/test_pairs.h"

namespace fs = std::filesystem;

namespace mulberry {
namespace {

struct Pair {
  uint32_t a;
  uint32_t b;
};

uint64_t Largest(int n) {
  return (uint64_t{1} << n) - 1;
}

std::vector<Pair> TestPairs(const OperandKind& operand) {
  const int n = operand.bits;
  std::vector<Pair> pairs;
  const auto add = [&](uint64_t a, uint64_t b) {
    const uint64_t top = operand.significand ? uint64_t{1} << (n - 1) : 0;
    pairs.push_back({static_cast<uint32_t>(a | top), static_cast<uint32_t>(b | top)});
  };
  ForEachTestPair(n, add);
  std::set<uint64_t> corners = {0, Largest(n)};
  for (int i = 0; i < n; ++i) {
    const uint64_t power = uint64_t{1} << i;
    corners.insert({power - 1, power, (power + 1) & Largest(n), (power | power >> 1)});
  }
  for (const uint64_t a : corners) {
    for (const uint64_t b : corners) add(a, b);
  }
  return pairs;
}

/// What a module is checked against.
struct Subject {
  std::string name;
  MultiplierModule module;
  Model model;
};

/// All families with parameters at and between the ends of what fits.
std::vector<Subject> Subjects(const OperandKind& operand) {
  std::vector<Multiplier> candidates;
  for (const MultiplierFamily& family : MultiplierFamilies()) {
    std::vector<std::vector<int>> values = {{}};
    for (const Parameter& parameter : family.parameters) {
      const int n = operand.bits;
      std::set<int> tried = {0, 1, 2, 3, 4, 5, 6, 7, 8, 16};
      if (n > 5) tried = {0, 1, 4, 8, 16, n / 2 + 1, n - 4, n - 2, n};
      if (n > 5 && family.parameters.size() > 1 && family.name != "realm") tried = {0, 3, n - 2};
      if (n > 5 && parameter.name == "t" && family.name == "realm") tried = {0, 1, n - 7};
      std::vector<std::vector<int>> longer;
      for (const std::vector<int>& list : values) {
        for (const int value : tried) {
          if (value < parameter.minimum || value > parameter.maximum) continue;
          longer.push_back(list);
          longer.back().push_back(value);
        }
      }
      values = longer;
    }
    for (const std::vector<int>& list : values) candidates.push_back({family.name, list});
  }
  std::vector<Subject> subjects;
  for (const Multiplier& multiplier : candidates) {
    try {
      subjects.push_back(
          {Text(multiplier), ModuleOf(multiplier, operand), MakeModel(multiplier, operand)});
    } catch (const UsageError&) {  // Does not fit this width.
    }
  }
  subjects.push_back({"a * b", BehaviouralModule(operand.bits), MakeModel({}, operand)});
  if (operand.bits >= 3) {
    const int n = operand.bits;
    subjects.push_back({"signed", SignedExactModule(n), [n](uint64_t a, uint64_t b) {
                          const uint64_t sign = uint64_t{1} << (n - 1);
                          const uint64_t x = (a ^ sign) - sign, y = (b ^ sign) - sign;
                          return (x * y) & Largest(2 * n);
                        }});
  }
  return subjects;
}

/// A module of inputs a and b that has all of them, with an output for each: p0, p1, ...
std::string Top(const std::vector<Subject>& subjects, int n) {
  std::set<std::string> files;
  std::string ports, instances;
  for (size_t i = 0; i < subjects.size(); ++i) {
    const MultiplierModule& module = subjects[i].module;
    const std::string p = fmt::format("p{}", i);
    files.insert(module.files.begin(), module.files.end());
    ports += fmt::format(", output [{}:0] {}", 2 * n - 1, p);
    instances += "  " + module.Instance(fmt::format("m{}", i), "a", "b", p) + "\n";
  }
  return RtlText({files.begin(), files.end()}) +
         fmt::format("module top(input [{0}:0] a, input [{0}:0] b{1});\n{2}endmodule\n", n - 1,
                     ports, instances);
}

/// An and-inverter graph in ASCII AIGER, as yosys writes it: gates in an order to evaluate them in.
class Graph {
 public:
  explicit Graph(const fs::path& path) {
    std::ifstream file(path);
    std::string word;
    size_t variables = 0, latches = 0, gates = 0, inputs = 0, outputs = 0;
    file >> word >> variables >> inputs >> latches >> outputs >> gates;
    EXPECT_EQ(word, "aag");
    EXPECT_EQ(latches, 0u);
    values_.resize(variables + 1);
    inputs_.resize(inputs);
    outputs_.resize(outputs);
    gates_.resize(gates);
    for (size_t& literal : inputs_) file >> literal;
    for (size_t& literal : outputs_) file >> literal;
    for (Gate& gate : gates_) file >> gate.out >> gate.in0 >> gate.in1;
    std::string name;
    while (file >> word >> name && word[0] != 'c') {
      const size_t index = std::stoul(word.substr(1));
      (word[0] == 'i' ? input_ : output_)[name] = (word[0] == 'i' ? inputs_ : outputs_)[index];
    }
  }

  /// Bit k of each is of the k-th of 64 evaluations.
  void Set(const std::string& input, uint64_t bits) {
    const auto found = input_.find(input);
    ASSERT_NE(found, input_.end()) << input;
    values_[found->second / 2] = bits;
  }
  void Evaluate() {
    for (const Gate& gate : gates_) values_[gate.out / 2] = Value(gate.in0) & Value(gate.in1);
  }
  uint64_t Get(const std::string& output) const { return Value(output_.at(output)); }

 private:
  struct Gate {
    size_t out, in0, in1;
  };
  uint64_t Value(size_t literal) const {
    return values_[literal / 2] ^ (literal & 1 ? ~uint64_t{0} : 0);
  }
  std::vector<uint64_t> values_;
  std::vector<size_t> inputs_, outputs_;
  std::vector<Gate> gates_;
  std::map<std::string, size_t> input_, output_;
};

std::string Bit(const std::string& port, size_t index, int bits) {
  return bits == 1 ? port : fmt::format("{}[{}]", port, index);
}

Graph GraphOf(const std::vector<Subject>& subjects, const OperandKind& operand) {
  const fs::path folder =
      fs::path(testing::TempDir()) /
      fmt::format("rtl{}-{}-{}", operand.bits, operand.significand, operand.dropped_bits);
  fs::create_directories(folder);
  std::ofstream(folder / "top.v") << Top(subjects, operand.bits);
  const ProcessResult result =
      RunProcess({"yosys", "-q", "-p",
                  "read_verilog top.v; hierarchy -check -top top; proc -norom; flatten; opt_expr; "
                  "techmap; opt -fast; aigmap; opt_clean; write_aiger -ascii -symbols top.aag"},
                 folder, 300);
  EXPECT_EQ(result.exit_status, 0) << result.output;
  Graph graph(folder / "top.aag");
  fs::remove_all(folder);
  return graph;
}

void ExpectModels(const OperandKind& operand) {
  const std::vector<Subject> subjects = Subjects(operand);
  ASSERT_GT(subjects.size(), 5u);
  const std::vector<Pair> pairs = TestPairs(operand);
  Graph graph = GraphOf(subjects, operand);
  const int n = operand.bits;
  std::vector<int64_t> wrong(subjects.size());
  for (size_t first = 0; first < pairs.size(); first += 64) {
    const size_t count = std::min<size_t>(64, pairs.size() - first);
    for (int bit = 0; bit < n; ++bit) {
      uint64_t a = 0, b = 0;
      for (size_t k = 0; k < count; ++k) {
        a |= uint64_t{pairs[first + k].a >> bit & 1} << k;
        b |= uint64_t{pairs[first + k].b >> bit & 1} << k;
      }
      graph.Set(Bit("a", static_cast<size_t>(bit), n), a);
      graph.Set(Bit("b", static_cast<size_t>(bit), n), b);
    }
    graph.Evaluate();
    for (size_t s = 0; s < subjects.size(); ++s) {
      std::vector<uint64_t> products(64);
      for (size_t bit = 0; bit < static_cast<size_t>(2 * n); ++bit) {
        const uint64_t values = graph.Get(fmt::format("p{}[{}]", s, bit));
        for (size_t k = 0; k < count; ++k) products[k] |= (values >> k & 1) << bit;
      }
      for (size_t k = 0; k < count; ++k) {
        const auto [a, b] = pairs[first + k];
        const uint64_t expected = subjects[s].model(a, b);
        if (products[k] == expected || ++wrong[s] > 2) continue;
        ADD_FAILURE() << subjects[s].name << " of " << n << " bits: " << a << " times " << b
                      << " is " << products[k] << ", not " << expected;
      }
    }
  }
  for (size_t s = 0; s < subjects.size(); ++s) EXPECT_EQ(wrong[s], 0) << subjects[s].name;
  testing::Test::RecordProperty("modules", static_cast<int>(subjects.size()));
  testing::Test::RecordProperty("pairs", static_cast<int>(pairs.size()));
}

TEST(MultiplierModule, IsTheModelAtFourBits) {
  ExpectModels({.bits = 4});
}
TEST(MultiplierModule, IsTheModelAtTwoBits) {
  ExpectModels({.bits = 2});
}
TEST(MultiplierModule, IsTheModelAtOneBit) {
  ExpectModels({.bits = 1});
}
TEST(MultiplierModule, IsTheModelAtSevenBits) {
  ExpectModels({.bits = 7});
}
TEST(MultiplierModule, IsTheModelAtEightBits) {
  ExpectModels({.bits = 8});
}
TEST(MultiplierModule, IsTheModelAtTwelveBits) {
  ExpectModels({.bits = 12});
}
TEST(MultiplierModule, IsTheModelOfSignificandsOfBf16) {
  ExpectModels({.bits = 8, .significand = true, .dropped_bits = 16});
}
TEST(MultiplierModule, IsTheModelOfSignificandsOfFp32) {
  ExpectModels({.bits = 24, .significand = true});
}

TEST(MultiplierModule, RefusesWhatHasNoCircuit) {
  EXPECT_THROW(ModuleOf({"table", {}, "a.bin"}, {.bits = 8}), UsageError);
  EXPECT_THROW(ModuleOf({"drum", {9}}, {.bits = 8}), UsageError);
}

}  // namespace
}  // namespace mulberry
