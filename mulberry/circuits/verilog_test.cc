// Verilog modules as multipliers: ports, signs, hierarchies, and the same circuit in other forms.
#include "mulberry/circuits/verilog.h"

#include <gtest/gtest.h>

#include "mulberry/circuits/c_source.h"
#include "mulberry/circuits/table_files.h"
#include "mulberry/circuits/test_circuits.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

std::vector<int64_t> TableOfVerilog(const char* module, const CircuitShape& shape,
                                    const char* file = "multipliers.v") {
  return EvaluateAll(*LoadVerilog(SourceFile(file), module, shape))->products;
}

TEST(Verilog, TakesPortsInTheOrderOfTheirDeclaration) {
  EXPECT_EQ(TableOfVerilog("mul8u_drop", Unsigned(8)), TableOf(Unsigned(8), DropProduct));
  EXPECT_EQ(TableOfVerilog("mul8u_drop_named", Unsigned(8)), TableOf(Unsigned(8), DropProduct));
}

TEST(Verilog, TakesSignedModules) {
  EXPECT_EQ(TableOfVerilog("mul8s_drop", Signed(8)), TableOf(Signed(8), DropProduct));
}

TEST(Verilog, TakesOperandsOfTwoWidthsAndSigns) {
  for (const auto& [module, a_signed, b_signed] : {std::tuple{"mul8x4u_drop", false, false},
                                                   {"mul8sx4u_drop", true, false},
                                                   {"mul8ux4s_drop", false, true}}) {
    const CircuitShape shape{8, 4, a_signed, b_signed, false};
    EXPECT_EQ(TableOfVerilog(module, shape), TableOf(shape, DropProduct)) << module;
  }
}

TEST(Verilog, TakesCarryChainsOfVectors) {
  const CircuitShape shape{8, 4, false, false, false};
  EXPECT_EQ(TableOfVerilog("add8x4", shape),
            TableOf(shape, [](int64_t a, int64_t b) { return a + b; }));
}

TEST(Verilog, TakesBehaviouralModules) {
  EXPECT_EQ(TableOfVerilog("mul2u", Unsigned(2)),
            TableOf(Unsigned(2), [](int64_t a, int64_t b) { return a * b & ~int64_t{1}; }));
}

// A netlist of cells from another file, in C and as a table: three forms of one circuit.
TEST(Verilog, CAndTablesOfOneCircuitAreTheSame) {
  const auto verilog = EvaluateAll(*LoadVerilog(SourceFile("mul4u_or.v"), "mul4u_or", Unsigned(4)));
  EXPECT_EQ(verilog->products, TableOf(Unsigned(4), OrProduct));
  const auto c = EvaluateAll(*LoadCSource(SourceFile("mul4u_or.c"), "mul4u_or", Unsigned(4)));
  EXPECT_EQ(*c, *verilog);
  const TestFolder folder;
  WriteTable(*verilog, folder.path() / "t.csv", TableFormat::kCsv);
  EXPECT_EQ(*EvaluateAll(*LoadTableFile(folder.path() / "t.csv", Unsigned(4))), *verilog);
}

TEST(Verilog, FindsTheOnlyModuleThatNoOtherInstantiates) {
  EXPECT_EQ(LoadVerilog(SourceFile("mul4u_or.v"), "", Unsigned(4))->description(),
            SourceFile("mul4u_or.v") + "#mul4u_or");
}

TEST(Verilog, FilesAndCachesMayHaveAnyName) {
  const TestFolder folder;
  const fs::path path = folder.path() / "-a $b c.sv";
  WriteTestFile(path,
                "module m(input logic [2:0] A, B, output logic [5:0] O);\n"
                "  always_comb O = A * B;\nendmodule\n");
  const ScopedVariable cache("MULBERRY_CACHE", (folder.path() / "c d").c_str());
  EXPECT_EQ(EvaluateAll(*LoadVerilog(path, "m", Unsigned(3)))->products,
            TableOf(Unsigned(3), [](int64_t a, int64_t b) { return a * b; }));
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  EXPECT_NO_THROW(LoadVerilog(path.filename(), "", Unsigned(3)));
  fs::current_path(before);
}

TEST(Verilog, SaysWhichPackagesItNeeds) {
  const TestFolder folder;
  WriteTestFile(folder.path() / "yosys-config", "#!/bin/sh\nexit 127\n");
  fs::permissions(folder.path() / "yosys-config", fs::perms::owner_all);
  const std::string path = folder.path().string() + ":" + std::getenv("PATH");
  const ScopedVariable variable("PATH", path.c_str());
  EXPECT_EQ(MessageOf([] { LoadVerilog(SourceFile("multipliers.v"), "mul2u", Unsigned(2)); }),
            "Verilog needs yosys-config, and there is no such program: install the packages yosys and "
            "yosys-dev");
}

}  // namespace
}  // namespace mulberry
