// The Verilog of every circuit passes Verilator's lint with all warnings, but for those of kWaived.
#include <gtest/gtest.h>

#include "mulberry/base/process.h"
#include "mulberry/base/test_folder.h"
#include "mulberry/base/threads.h"
#include "mulberry/hardware/exact_baseline.h"
#include "mulberry/hardware/flexible_mac.h"
#include "mulberry/hardware/unit.h"

namespace mulberry {
namespace {

constexpr int kSeconds = 120;

constexpr char kWaived[] = R"(`verilator_config
// A design is one text of many modules, which are shared: none needs all that another one makes.
lint_off -rule DECLFILENAME
lint_off -rule UNUSEDSIGNAL
// A module's own name is not hidden by its parent's, which Verilog does not see.
lint_off -rule VARHIDDEN
// Of the narrowest posits, a comparison is always true.
lint_off -rule UNSIGNED
// A carry or a sign beside a word; counts beside longer words.
lint_off -rule WIDTH -file "*" -match "* generates 1 bits*"
lint_off -rule WIDTH -file "*" -match "*VARREF 'q' generates*"
lint_off -rule WIDTH -file "*" -match "*VARREF 'count' generates*"
lint_off -rule WIDTH -file "*" -match "*VARREF 'top' generates*"
// The low bits of a word that is shifted, or of one that is shifted or not.
lint_off -rule WIDTH -file "*" -match "*Assign RHS's SHIFTR generates*"
lint_off -rule WIDTH -file "*" -match "*Assign RHS's COND generates*"
lint_off -rule WIDTH -file "*" -match "*Conditional True's SEL generates*"
// Constants made of parameters.
lint_off -rule WIDTH -file "*" -match "*on the Initial value*"
)";

/// What the lint says; empty of a clean design.
std::string Lint(const std::string& module, const std::string& verilog) {
  const TestFolder folder;
  WriteTestFile(folder.path() / "waived.vlt", kWaived);
  WriteTestFile(folder.path() / "design.v", verilog);
  const ProcessResult result = RunProcess(
      {"verilator", "--lint-only", "-Wall", "--top-module", module, "waived.vlt", "design.v"},
      folder.path(), kSeconds);
  return result.exit_status == 0 ? result.output
                                 : fmt::format("status {}: {}", result.exit_status, result.output);
}

void ExpectClean(const std::vector<Design>& designs) {
  std::vector<std::string> said(designs.size());
  ParallelFor(static_cast<int64_t>(designs.size()), [&](int64_t i) {
    const Design& design = designs[static_cast<size_t>(i)];
    said[static_cast<size_t>(i)] = Lint(design.module, design.verilog);
  });
  for (size_t i = 0; i < designs.size(); ++i) EXPECT_EQ(said[i], "") << designs[i].spec;
}

TEST(RtlLint, Multipliers) {
  std::vector<Design> designs = {BehaviouralDesign(ParseArithmetic("exact@uint8"))};
  for (const char* family :
       {"exact", "mitchell", "mbm", "realm(m=8)", "alm_soa(m=4)", "alm_loa(m=4)", "drum(k=4)",
        "ssm(m=4)", "essm(m=4)", "tosam(t=2,h=5)", "letam(k=4)", "roba", "bam(v=4,h=2)",
        "truncated(v=6)", "rounded(v=6)", "kulkarni", "etm", "low_drop(p=4,q=4)"}) {
    for (const char* format : {"uint8", "int8", "bf16"}) {
      designs.push_back(
          DesignOf(ParseArithmetic(fmt::format("{}@{}", family, format)), Unit::kMultiplier));
    }
  }
  ExpectClean(designs);
}

TEST(RtlLint, Formats) {
  std::vector<Design> designs;
  for (const char* spec :
       {"exact@uint8xint8", "rounded(v=9)@uint8xint8", "exact@e4m3", "exact@e5m2xe4m3",
        "exact@fp16", "exact@fp32", "mitchell@fp32", "exact@bf16+result=zero",
        "exact@float(4,3)+result=nearest", "exact@float(5,0)", "exact@float(8,0)",
        "exact@posit(8,1)", "exact@posit(8,1)+result=nearest", "exact@posit(16,2)+result=zero",
        "exact@posit(2,0)", "exact@posit(3,1)", "exact@posit(6,4)",
        "exact@posit(2,1)+result=nearest"}) {
    designs.push_back(DesignOf(ParseArithmetic(spec), Unit::kMultiplier));
  }
  ExpectClean(designs);
}

TEST(RtlLint, MultiplyAccumulateUnits) {
  std::vector<Design> designs;
  for (const char* spec : {"exact@e4m3", "exact@bf16", "exact@bf16+acc=bf16", "exact@fp32",
                           "mitchell@bf16", "exact@posit(8,0)", "exact@posit(16,1)", "exact@int8",
                           "mitchell@uint8", "exact@int8+acc=int24"}) {
    for (const Unit unit : {Unit::kMac, Unit::kPipelinedMac}) {
      designs.push_back(DesignOf(ParseArithmetic(spec), unit));
    }
  }
  ExpectClean(designs);
}

TEST(RtlLint, FlexibleMacs) {
  for (const int digits : {2, 4}) {
    const FlexibleUnit mac = MakeFlexibleMac(ParseArithmetic("exact@uint8"), digits);
    EXPECT_EQ(Lint(mac.module, mac.verilog), "");
  }
}

TEST(RtlLint, SeesAWidthThatDoesNotFit) {
  EXPECT_NE(Lint("m", "module m (input [3:0] a, output [2:0] y);\n  assign y = a;\nendmodule\n")
                .find("WIDTH"),
            std::string::npos);
}

}  // namespace
}  // namespace mulberry
