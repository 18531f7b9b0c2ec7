// Plans of users' circuits: every form of one circuit gives the same bits through every strategy
// that accepts it, and a circuit that fails half-way is an error that names the operands.
#include <gtest/gtest.h>

#include "mulberry/circuits/table_files.h"
#include "mulberry/circuits/test_circuits.h"
#include "mulberry/kernels/test_multiplier.h"
#include "mulberry/plan/plan.h"

namespace mulberry {
namespace {

/// C = A·B of m × k and k × n.
std::vector<float> Gemm(const Plan& plan, const std::vector<float>& a, const std::vector<float>& b,
                        int64_t k) {
  const auto m = static_cast<int64_t>(a.size()) / k, n = static_cast<int64_t>(b.size()) / k;
  std::vector<float> c(static_cast<size_t>(m * n));
  GemmProblem problem;
  problem.a = StridedOperand(a.data(), m, k, k, 1);
  problem.b = StridedOperand(b.data(), k, n, n, 1);
  problem.c = {c.data(), n, n, 1, 0};
  plan.Gemm(problem);
  return c;
}

std::vector<std::string> Accepting(const Arithmetic& arithmetic) {
  std::vector<std::string> names;
  for (const Verdict& verdict : MakePlan(arithmetic)->verdicts()) {
    if (verdict.accepted) names.push_back(verdict.strategy);
  }
  return names;
}

std::string Spec(const char* family, const char* file, const char* function, const char* format) {
  return fmt::format("{}:{}#{}@{}", family, SourceFile(file), function, format);
}

/// The values of a format whose products are the circuit's on all pairs of its operands.
std::vector<float> AllValues(const std::string& format) {
  std::vector<float> values;
  for (int i = 0; i < 256; ++i) {
    if (format == "uint8") values.push_back(static_cast<float>(i));
    if (format == "int8") values.push_back(static_cast<float>(i - 128));
    if (format == "bf16" && i >= 128) values.push_back(static_cast<float>(i) / 128);
  }
  return values;
}

TEST(CircuitPlan, EveryFormThroughEveryStrategyGivesTheProductsOfAllPairs) {
  const TestFolder folder;
  for (const std::string format : {"uint8", "int8", "bf16"}) {
    const bool is_signed = format == "int8";
    const char* name = is_signed ? "mul8s_drop" : "mul8u_drop";
    const std::string file = folder.path().string() + "/t_" + format + ".npy";
    const CircuitShape shape = is_signed ? Signed(8) : Unsigned(8);
    WriteTable({shape, TableOf(shape, DropProduct)}, file, TableFormat::kNpy);

    const std::vector<float> values = AllValues(format);
    const float unit = format == "bf16" ? 128 : 1;
    std::vector<float> expected;
    for (const float a : values) {
      for (const float b : values) {
        expected.push_back(static_cast<float>(DropProduct(static_cast<int64_t>(a * unit),
                                                          static_cast<int64_t>(b * unit))) /
                           (unit * unit));
      }
    }
    for (const std::string& spec : {Spec("c", "multipliers.c", name, format.c_str()),
                                    Spec("verilog", "multipliers.v", name, format.c_str()),
                                    "table:" + file + "@" + format +
                                        (format == "bf16" ? "+round=nearest+result=full" : "")}) {
      const Arithmetic arithmetic = ParseArithmetic(spec);
      const std::vector<std::string> strategies = Accepting(arithmetic);
      EXPECT_GE(strategies.size(), 2u) << spec;
      for (const std::string& strategy : strategies) {
        SCOPED_TRACE(spec + ", " + strategy);
        ExpectSameBits(expected, Gemm(*MakePlan(arithmetic, strategy), values, values, 1));
      }
    }
  }
}

// Of circuits too wide for a table, `direct` sums in batches what the reference sums one by one.
TEST(CircuitPlan, WideCircuitsGiveTheReferenceSums) {
  const int64_t k = 300;
  for (const auto& [wide, same] :
       {std::pair{Spec("c", "multipliers.c", "mul24s", "int16"), "exact@int16"},
        std::pair{Spec("c", "multipliers.c", "mul32u", "uint16"), "exact@uint16"},
        std::pair{Spec("c", "multipliers.c", "mul32u", "float(8,15)"), "exact@float(8,15)"}}) {
    SCOPED_TRACE(wide);
    const auto plan = MakePlan(ParseArithmetic(wide));
    EXPECT_EQ(plan->strategy(), "direct");
    std::vector<float> a = RandomElements(5 * k, 23, Elements::kSpecial, 1);
    std::vector<float> b = RandomElements(k * 7, 23, Elements::kOrdinary, 2);
    const bool is_integer = plan->arithmetic().is_integer();
    if (is_integer) a = RandomElements(5 * k, 23, Elements::kOrdinary, 3);
    for (std::vector<float>* operand : {&a, &b}) {
      for (float& x : *operand) x *= is_integer ? 100 : 1;
      plan->Round(operand->data(), operand->data(), static_cast<int64_t>(operand->size()));
    }
    ExpectSameBits(Gemm(*MakePlan(ParseArithmetic(same), "direct"), a, b, k), Gemm(*plan, a, b, k));
  }
}

TEST(CircuitPlan, AFunctionThatCrashesIsAnErrorThatNamesItsOperands) {
  const std::string spec = Spec("c", "faults.c", "segfault", "uint8");
  EXPECT_EQ(MessageOf([&] { MakePlan(ParseArithmetic(spec)); }),
            SourceFile("faults.c") +
                "#segfault: on the operands a = 3, b = 7 it crashed with signal "
                "11 (Segmentation fault)");
  // One that is too wide for a table is found out by the product that meets the fault.
  const TestFolder folder;
  const std::string file = folder.path().string() + "/late.c";
  WriteTestFile(file,
                "#include <stdlib.h>\n"
                "long f(int a, int b) { if (a == 77 && b == -3) abort(); return (long)a * b; }\n");
  const auto plan = MakePlan(ParseArithmetic("c:" + file + "#f@int16"));
  EXPECT_EQ(Gemm(*plan, {77, 2}, {3, 4}, 2), std::vector<float>{239});
  EXPECT_EQ(MessageOf([&] {
              Gemm(*plan, {5, 77}, {2, -3}, 2);
            }),
            file + "#f: on the operands a = 77, b = -3 it crashed with signal 6 (Aborted)");
}

}  // namespace
}  // namespace mulberry
