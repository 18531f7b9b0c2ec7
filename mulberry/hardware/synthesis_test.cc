// What synthesis, simulation and proof say when a library or a tool is not as it should be, and
// that the cache then holds nothing half-made. Right netlists: verify_test.cc.
#include "mulberry/hardware/synthesis.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"
#include "mulberry/hardware/equivalence.h"
#include "mulberry/hardware/verilator.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

Design Product() {
  return {"test",
          "m",
          "module m (input [1:0] a, input [1:0] b, output [3:0] p);\n  assign p = a * b;\n"
          "endmodule\n",
          {{"a", 2}, {"b", 2}},
          {"p", 4},
          0,
          [](const uint64_t* inputs) { return inputs[0] * inputs[1]; }};
}

Design Register() {
  return {"register",
          "m",
          "module m (input clock, input [1:0] a, output reg [1:0] p);\n"
          "  always @(posedge clock) p <= a;\nendmodule\n",
          {{"a", 2}},
          {"p", 2},
          1,
          [](const uint64_t* inputs) { return inputs[0]; }};
}

/// A combinational cell of Liberty with the output Y.
std::string Cell(const std::string& name, const std::string& inputs, const std::string& function) {
  std::string pins;
  for (const char input : inputs) {
    pins += std::string("pin (") + input + ") { direction : input; capacitance : 1; } ";
  }
  return "cell (" + name + ") { area : 1; " + pins + "pin (Y) { direction : output; function : \"" +
         function + "\"; } }\n";
}

std::string LibraryOf(const std::string& cells) {
  return "library (small) { nom_voltage : 1; time_unit : \"1ns\"; capacitive_load_unit (1, ff);\n" +
         cells + "}\n";
}

class Synthesis : public testing::Test {
 protected:
  std::string WriteLibrary(const std::string& text) const {
    WriteTestFile(folder_.path() / "cells.lib", text);
    return (folder_.path() / "cells.lib").string();
  }

  /// Programs of this name stand in PATH before the machine's.
  void StandIn(const std::string& program, const std::string& script) const {
    WriteTestFile(bin_ / program, "#!/bin/sh\n" + script + "\n");
    fs::permissions(bin_ / program, fs::perms::owner_all);
  }

  /// In PATH only these programs of the machine, beside what the tests stand in.
  void HaveOnly(const std::vector<std::string>& programs) {
    fs::create_directories(bin_);
    for (const std::string& program : programs) {
      fs::create_symlink("/usr/bin/" + program, bin_ / program);
    }
    path_.emplace("PATH", bin_.c_str());
  }

  void PutFirst() { path_.emplace("PATH", (bin_.string() + ":" + std::getenv("PATH")).c_str()); }

  static std::string MessageOf(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  static void ExpectIn(const std::string& message, const std::string& part) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }

  void ExpectEmptyCache() const {
    for (const auto& entry : fs::recursive_directory_iterator(cache_.path())) {
      EXPECT_TRUE(entry.is_directory() && entry.path().parent_path() == cache_.path())
          << entry.path();
    }
  }

  TestFolder cache_, folder_;
  fs::path bin_ = folder_.path() / "bin";
  ScopedVariable variable_{"MULBERRY_CACHE", cache_.path().c_str()};
  std::optional<ScopedVariable> path_;
};

// The first test, as a version that will do is asked for once in a process.
TEST_F(Synthesis, RefusesOldTools) {
  const Library library = ReadLiberty(DefaultLiberty());
  StandIn("yosys", "echo 'Yosys 0.9 (git sha1 1979e0b)'");
  StandIn("verilator", "echo 'Verilator 4.038 2020-07-11'");
  PutFirst();
  ExpectIn(MessageOf([&] { Synthesise(Product(), library); }), "yosys 0.23 or later");
  ExpectIn(MessageOf([&] { VerilatedDesign{Product()}; }), "verilator 5.0 or later");
  ExpectEmptyCache();
}

TEST_F(Synthesis, RefusesATruncatedLibrary) {
  const std::string whole = ReadTestFile(DefaultLiberty());
  const std::string path = WriteLibrary(whole.substr(0, whole.rfind("pin(")));
  const std::string message = MessageOf([&] { ReadLiberty(path); });
  EXPECT_EQ(message.find(path + ":"), 0u) << message;
  ExpectIn(message, "found the end of the file");
}

TEST_F(Synthesis, SaysWhichCellsALibraryLacks) {
  const std::string inverter = Cell("INV", "A", "!A"), nand = Cell("NAND", "AB", "!(A B)");
  const auto message = [&](const std::string& cells, const Design& design) {
    const Library library = ReadLiberty(WriteLibrary(LibraryOf(cells)));
    return MessageOf([&] { Synthesise(design, library); });
  };
  ExpectIn(message(inverter + nand, Register()), "no flip-flop");
  ExpectIn(message(nand, Product()), "no inverter");
  ExpectIn(message(inverter, Product()), "no NAND, NOR, AND or OR");
  ExpectEmptyCache();
}

TEST_F(Synthesis, MapsToALibraryInAFolderWithASpace) {
  const fs::path path = folder_.path() / "my cells" / "a;b.lib";
  WriteTestFile(path, ReadTestFile(DefaultLiberty()));
  const MappedDesign mapped = Synthesise(Product(), ReadLiberty(path.string()));
  EXPECT_NE(mapped.verilog.find("NAND2X1"), std::string::npos) << mapped.verilog;
  EXPECT_TRUE(fs::exists(mapped.json_path));
  // Any file of a cache may go.
  fs::remove(mapped.json_path);
  EXPECT_TRUE(fs::exists(Synthesise(Product(), ReadLiberty(path.string())).json_path));
}

TEST_F(Synthesis, NamesThePackageOfAMissingTool) {
  const Library library = ReadLiberty(DefaultLiberty());
  HaveOnly({"sh", "timeout", "env"});
  ExpectIn(MessageOf([&] { Synthesise(Product(), library); }), "install the packages yosys");
  ExpectIn(MessageOf([&] { VerilatedDesign{Product()}; }), "install the package verilator");
  const LogicGraph graph{"", {"a[0]"}};
  ExpectIn(MessageOf([&] { CheckEquivalence(Product(), graph, graph, ProofBy::kInside, 5); }),
           "install the package berkeley-abc");
  ExpectEmptyCache();
}

TEST_F(Synthesis, NamesThePackageOfTheMapperThatYosysRuns) {
  const Library library = ReadLiberty(DefaultLiberty());
  HaveOnly({"sh", "timeout", "env", "yosys"});
  ExpectIn(MessageOf([&] { Synthesise(Product(), library); }), "install the package berkeley-abc");
  ExpectEmptyCache();
}

TEST_F(Synthesis, StopsAToolAtItsLimit) {
  const Library library = ReadLiberty(DefaultLiberty());
  StandIn("yosys", "case $1 in -V) echo Yosys 99.9;; *) sleep 30;; esac");
  PutFirst();
  const auto begin = std::chrono::steady_clock::now();
  ExpectIn(MessageOf([&] {
             Synthesise(Product(), library, {AdderMapping::kLogic, 1});
           }),
           "yosys was stopped: it did not finish within 1 s");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(15));
  ExpectEmptyCache();
}

TEST_F(Synthesis, NamesACacheThatCannotBeWritten) {
  const Library library = ReadLiberty(DefaultLiberty());
  WriteTestFile(folder_.path() / "file", "");
  const ScopedVariable cache("MULBERRY_CACHE", (folder_.path() / "file").c_str());
  ExpectIn(MessageOf([&] { Synthesise(Product(), library); }), "set MULBERRY_CACHE to a folder");
  ExpectIn(MessageOf([&] { VerilatedDesign{Product()}; }), "set MULBERRY_CACHE to a folder");
}

TEST_F(Synthesis, KeepsNothingOfADesignThatIsRefused) {
  Design design = Product();
  design.verilog = "module m (input [1:0] a, input [1:0] b, output [3:0] p);\n  assign p = a *;\n";
  ExpectIn(MessageOf([&] { Synthesise(design, ReadLiberty(DefaultLiberty())); }),
           "test: yosys refuses it");
  ExpectIn(MessageOf([&] { VerilatedDesign{design}; }), "test: Verilator refuses it");
  ExpectEmptyCache();
}

}  // namespace
}  // namespace mulberry
