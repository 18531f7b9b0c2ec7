// The multipliers of rtl/, as yosys reads them, against the models: all pairs of up to 8 bits and
// of significands of up to 11, and corners and random pairs of wider operands. For each kind of
// operand one and-inverter graph of all modules is evaluated, for 64 pairs at once. Not here: the
// same by simulation and by proof (verify_test.cc).
#include "mulberry/hardware/multiplier_module.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "mulberry/base/error.h"
#include "mulberry/hardware/equivalence.h"
#include "mulberry/hardware/rtl_library.h"
#include "mulberry/multipliers/test_pairs.h"

namespace mulberry {
namespace {

constexpr int kYosysSeconds = 300;

struct Pair {
  uint32_t a;
  uint32_t b;
};

uint64_t Largest(int n) {
  return (uint64_t{1} << n) - 1;
}

/// All, where they are few: 2^20 at most.
std::vector<Pair> TestPairs(const OperandKind& operand) {
  const int n = operand.bits, free_bits = operand.significand ? n - 1 : n;
  const uint64_t top = operand.significand ? uint64_t{1} << (n - 1) : 0;
  std::vector<Pair> pairs;
  const auto add = [&](uint64_t a, uint64_t b) {
    pairs.push_back({static_cast<uint32_t>(a | top), static_cast<uint32_t>(b | top)});
  };
  if (free_bits <= 10) {
    for (uint64_t a = 0; a <= Largest(free_bits); ++a) {
      for (uint64_t b = 0; b <= Largest(free_bits); ++b) add(a, b);
    }
    return pairs;
  }
  ForEachTestPair(n, add);
  std::set<uint64_t> corners = {0, Largest(n)};
  for (int i = 0; i < n; ++i) {
    const uint64_t power = uint64_t{1} << i;
    corners.insert({power - 1, power, (power + 1) & Largest(n), (power | power >> 1),
                    (power | power >> 1) - 1, Largest(n) - power});
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
      if (n > 12) tried = {0, 4, 16, n / 2 + 1, n - 2};
      if (n > 5 && family.parameters.size() > 1 && family.name != "realm") tried = {0, 3, n - 2};
      if (n > 5 && parameter.name == "t" && family.name == "realm") tried = {0, n - 7};
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
  for (int v = 0; operand.bits >= 2 && v <= 2 * operand.bits - 2; v += operand.bits > 8 ? 5 : 1) {
    const int n = operand.bits;
    subjects.push_back(
        {fmt::format("mixed, v={}", v), MixedModule(n, n, v),
         [n, model = MakeModel({"rounded", {v}, {}}, operand)](uint64_t a, uint64_t b) {
           const bool negative = (b >> (n - 1)) != 0;
           const uint64_t magnitude = negative ? (uint64_t{1} << n) - b : b;
           const uint64_t product = model(a, magnitude);
           return (negative ? -product : product) & Largest(2 * n);
         }});
  }
  return subjects;
}

/// A module of inputs a and b that has all of them, with their products one after the other.
Design DesignOf(const std::vector<Subject>& subjects, const OperandKind& operand) {
  const int n = operand.bits, bits = 2 * n * static_cast<int>(subjects.size());
  std::set<std::string> files;
  std::string instances;
  for (size_t i = 0; i < subjects.size(); ++i) {
    const MultiplierModule& module = subjects[i].module;
    files.insert(module.files.begin(), module.files.end());
    instances +=
        fmt::format("  {}\n", module.Instance(fmt::format("m{}", i), "a", "b",
                                              fmt::format("p[{0} * {1} +: {0}]", 2 * n, i)));
  }
  Design design;
  design.spec = design.module = "multipliers";
  const std::string top = operand.significand ? "1'b1, " : "";
  const int given = operand.significand ? n - 1 : n;  // Bits: significands' top one is constant.
  design.verilog = RtlText({files.begin(), files.end()}) +
                   fmt::format(
                       "module multipliers(input [{0}:0] x, input [{0}:0] y, output [{1}:0] p);\n"
                       "  wire [{2}:0] a = {{{3}x}}, b = {{{3}y}};\n{4}endmodule\n",
                       given - 1, bits - 1, n - 1, top, instances);
  design.inputs = {{"x", given}, {"y", given}};
  design.output = {"p", bits};
  return design;
}

/// An and-inverter graph (binary AIGER) without latches, evaluated for 64 cases at once.
class Graph {
 public:
  explicit Graph(const LogicGraph& graph) : names_(graph.inputs) {
    std::istringstream file(graph.aiger);
    std::string kind;
    size_t variables = 0, inputs = 0, latches = 0, outputs = 0, gates = 0;
    file >> kind >> variables >> inputs >> latches >> outputs >> gates;
    EXPECT_EQ(kind, "aig");
    EXPECT_EQ(latches, 0u);
    EXPECT_EQ(inputs, names_.size());
    EXPECT_EQ(variables, inputs + gates);
    outputs_.resize(outputs);
    for (size_t& literal : outputs_) file >> literal;
    file.get();
    for (size_t i = 0; i < gates; ++i) {
      const size_t gate = 2 * (inputs + 1 + i), first = gate - Difference(file);
      gates_.push_back({first, first - Difference(file)});
    }
    EXPECT_TRUE(file.good());
    values_.resize(variables + 1);
  }

  size_t outputs() const { return outputs_.size(); }
  /// Bit k of each word is of the k-th of 64 cases; `word` gives an input's by its name, "x[3]".
  template <typename Word>
  void Evaluate(Word word) {
    for (size_t i = 0; i < names_.size(); ++i) values_[1 + i] = word(names_[i]);
    uint64_t* value = &values_[1 + names_.size()];
    for (const auto& [first, second] : gates_) *value++ = Value(first) & Value(second);
  }
  uint64_t Output(size_t i) const { return Value(outputs_[i]); }

 private:
  struct Gate {
    size_t first, second;
  };
  static size_t Difference(std::istream& file) {
    size_t value = 0;
    for (int shift = 0;; shift += 7) {
      const int byte = file.get();
      if (byte < 0 || shift > 28) break;
      value |= static_cast<size_t>(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  }
  uint64_t Value(size_t literal) const {
    return values_[literal / 2] ^ (literal & 1 ? ~uint64_t{0} : 0);
  }
  std::vector<std::string> names_;
  std::vector<size_t> outputs_;
  std::vector<Gate> gates_;
  std::vector<uint64_t> values_;
};

/// Of 64 pairs at most, from `pairs` on.
void Evaluate(Graph& graph, const Pair* pairs, size_t count) {
  graph.Evaluate([&](const std::string& name) {
    const int bit = std::stoi(name.substr(2));
    uint64_t word = 0;
    for (size_t k = 0; k < count; ++k) {
      word |= uint64_t{(name[0] == 'x' ? pairs[k].a : pairs[k].b) >> bit & 1} << k;
    }
    return word;
  });
}

/// The values of the `bits` outputs from `first` on.
std::vector<uint64_t> Outputs(const Graph& graph, size_t first, size_t bits, size_t count) {
  std::vector<uint64_t> values(count);
  for (size_t bit = 0; bit < bits; ++bit) {
    const uint64_t word = graph.Output(first + bit);
    for (size_t k = 0; k < count; ++k) values[k] |= (word >> k & 1) << bit;
  }
  return values;
}

void ExpectModels(const OperandKind& operand, const std::vector<Pair>& pairs,
                  const std::vector<Subject>& subjects) {
  const size_t bits = 2 * static_cast<size_t>(operand.bits);
  Graph graph(GraphOfVerilog(DesignOf(subjects, operand), kYosysSeconds));
  ASSERT_EQ(graph.outputs(), bits * subjects.size());
  std::vector<int64_t> wrong(subjects.size());
  for (size_t first = 0; first < pairs.size(); first += 64) {
    const size_t count = std::min<size_t>(64, pairs.size() - first);
    Evaluate(graph, &pairs[first], count);
    for (size_t s = 0; s < subjects.size(); ++s) {
      const std::vector<uint64_t> products = Outputs(graph, bits * s, bits, count);
      for (size_t k = 0; k < count; ++k) {
        const auto [a, b] = pairs[first + k];
        const uint64_t expected = subjects[s].model(a, b);
        if (products[k] == expected || ++wrong[s] > 2) continue;
        ADD_FAILURE() << subjects[s].name << " of " << operand.bits << " bits: " << a << " times "
                      << b << " is " << products[k] << ", not " << expected;
      }
    }
  }
  for (size_t s = 0; s < subjects.size(); ++s) EXPECT_EQ(wrong[s], 0) << subjects[s].name;
}

void ExpectModels(const OperandKind& operand) {
  constexpr size_t kAtOnce = 20;  // yosys' time for a graph grows faster than the graph.
  const std::vector<Subject> subjects = Subjects(operand);
  const std::vector<Pair> pairs = TestPairs(operand);
  std::set<std::string> modules;
  for (const Subject& subject : subjects) modules.insert(subject.module.name);
  for (size_t first = 0; first < subjects.size(); first += kAtOnce) {
    const size_t end = std::min(first + kAtOnce, subjects.size());
    ExpectModels(operand, pairs, {&subjects[first], &subjects[0] + end});
  }
  std::printf("%zu multipliers of %zu modules, %zu pairs each\n", subjects.size(), modules.size(),
              pairs.size());
}

TEST(MultiplierModule, IsTheModelOfIntegersOfUpToEightBits) {
  for (int bits = 1; bits <= 8; ++bits) ExpectModels({.bits = bits});
}
TEST(MultiplierModule, IsTheModelOfIntegersOfTwelveBits) {
  ExpectModels({.bits = 12});
}
TEST(MultiplierModule, IsTheModelOfIntegersOfSixteenBits) {
  ExpectModels({.bits = 16});
}
TEST(MultiplierModule, IsTheModelOfIntegersOfTwentyFourBits) {
  ExpectModels({.bits = 24});
}
TEST(MultiplierModule, IsTheModelOfSignificandsOfBf16) {
  ExpectModels({.bits = 8, .significand = true, .dropped_bits = 16});
  ExpectModels({.bits = 8, .significand = true});
}
TEST(MultiplierModule, IsTheModelOfSignificandsOfFp16) {
  ExpectModels({.bits = 11, .significand = true, .dropped_bits = 13});
}
TEST(MultiplierModule, IsTheModelOfSignificandsOfFp32) {
  ExpectModels({.bits = 24, .significand = true});
}

/// What the model adds to Mitchell's significand of 24-bit operands 2^23·(1 + i/m) and
/// 2^23·(1 + j/m), in units of 1/64.
uint64_t CorrectionOf(int m, uint64_t i, uint64_t j) {
  const auto of = [&](const char* family, std::vector<int> values) {
    const uint64_t one = 1 << 23, step = one / static_cast<uint64_t>(m);
    return MakeModel({family, values}, {.bits = 24})(one + i * step, one + j * step);
  };
  return (of("realm", {m, 0}) - of("mitchell", {})) >> 40;
}

TEST(MultiplierModule, CorrectsAsRealmDoes) {
  for (const int m : {4, 8, 16}) {
    Design design;
    design.spec = design.module = "corrections";
    design.verilog = RtlText({"realm_corrections.v"}) +
                     fmt::format(
                         "module corrections(input [3:0] x, input [3:0] y, output [3:0] p);\n"
                         "  realm_corrections #(.M({})) all (.i(x), .j(y), .correction(p));\n"
                         "endmodule\n",
                         m);
    Graph graph(GraphOfVerilog(design, kYosysSeconds));
    ASSERT_EQ(graph.outputs(), 4u);
    for (uint32_t i = 0; i < 16; ++i) {
      for (uint32_t j = 0; j < 16; ++j) {
        const Pair pair{i, j};
        Evaluate(graph, &pair, 1);
        const auto segments = static_cast<uint64_t>(m);
        EXPECT_EQ(Outputs(graph, 0, 4, 1)[0], CorrectionOf(m, i * segments / 16, j * segments / 16))
            << "m " << m << ", i " << i << ", j " << j;
      }
    }
  }
}

TEST(MultiplierModule, RefusesWhatHasNoCircuit) {
  EXPECT_THROW(ModuleOf({"table", {}, "a.bin"}, {.bits = 8}), UsageError);
  EXPECT_THROW(ModuleOf({"drum", {9}}, {.bits = 8}), UsageError);
}

}  // namespace
}  // namespace mulberry
