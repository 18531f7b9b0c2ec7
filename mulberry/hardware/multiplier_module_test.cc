// The multipliers of rtl/, simulated by Verilator, against the models: all pairs of up to 8 bits,
// and corners and random pairs of wider operands. One simulation for a width and kind of operand.
#include "mulberry/hardware/multiplier_module.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
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

std::string Top(const std::vector<Subject>& subjects, int n) {
  std::set<std::string> files;
  std::string ports, instances;
  for (size_t i = 0; i < subjects.size(); ++i) {
    const MultiplierModule& module = subjects[i].module;
    files.insert(module.files.begin(), module.files.end());
    instances += fmt::format(
        "  wire [{}:0] p{};\n  {}\n  assign p[{} +: 64] = p{};\n", 2 * n - 1, i,
        module.Instance(fmt::format("m{}", i), "a", "b", fmt::format("p{}", i)), 64 * i, i);
  }
  return RtlText({files.begin(), files.end()}) +
         fmt::format(
             "module top(input [{0}:0] a, input [{0}:0] b, output [{1}:0] p);\n{2}endmodule\n",
             n - 1, 64 * subjects.size() - 1, instances);
}

constexpr char kMain[] = R"cpp(
#include <cstdio>
#include "Vtop.h"
  int main() {
    Vtop top;
    unsigned pair[2];
    FILE* in = fopen("pairs", "rb");
    FILE* out = fopen("products", "wb");
    while (fread(pair, sizeof pair, 1, in) == 1) {
      top.a = pair[0];
      top.b = pair[1];
      top.eval();
      fwrite(&top.p, sizeof top.p, 1, out);
    }
    return fclose(out);
  }
)cpp";

void WriteFile(const fs::path& path, const void* data, size_t size) {
  std::ofstream(path, std::ios::binary).write(static_cast<const char*>(data), size);
}

void Run(const std::vector<std::string>& command, const fs::path& folder) {
  const ProcessResult result = RunProcess(command, folder, 300);
  ASSERT_EQ(result.exit_status, 0) << result.output;
}

void ExpectModels(const OperandKind& operand) {
  const std::vector<Subject> subjects = Subjects(operand);
  ASSERT_GT(subjects.size(), 5u);
  const std::vector<Pair> pairs = TestPairs(operand);
  const fs::path folder =
      fs::path(testing::TempDir()) /
      fmt::format("rtl{}-{}-{}", operand.bits, operand.significand, operand.dropped_bits);
  fs::remove_all(folder);
  fs::create_directories(folder);
  const std::string top = Top(subjects, operand.bits);
  WriteFile(folder / "top.v", top.data(), top.size());
  WriteFile(folder / "main.cc", kMain, sizeof kMain - 1);
  WriteFile(folder / "pairs", pairs.data(), pairs.size() * sizeof(Pair));
  Run({"verilator", "--cc", "--exe", "--build", "-Wno-fatal", "-Wno-lint", "--top-module", "top",
       "-CFLAGS", "-O1", "top.v", "main.cc"},
      folder);
  Run({"obj_dir/Vtop"}, folder);

  std::vector<uint64_t> products(pairs.size() * subjects.size());
  std::ifstream file(folder / "products", std::ios::binary);
  file.read(reinterpret_cast<char*>(products.data()),
            static_cast<std::streamsize>(products.size() * 8));
  ASSERT_EQ(static_cast<size_t>(file.gcount()), products.size() * 8);
  for (size_t s = 0; s < subjects.size(); ++s) {
    int64_t wrong = 0;
    for (size_t i = 0; i < pairs.size(); ++i) {
      const uint64_t expected = subjects[s].model(pairs[i].a, pairs[i].b);
      const uint64_t product = products[i * subjects.size() + s];
      if (product == expected || ++wrong > 2) continue;
      ADD_FAILURE() << subjects[s].name << " of " << operand.bits << " bits: " << pairs[i].a
                    << " times " << pairs[i].b << " is " << product << ", not " << expected;
    }
    EXPECT_EQ(wrong, 0) << subjects[s].name;
  }
  std::printf("%zu modules, %zu pairs each\n", subjects.size(), pairs.size());
  fs::remove_all(folder);
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
