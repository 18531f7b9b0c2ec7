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

// Operands of 8 and 4 bits, with either sign.
TEST(CircuitPlan, EveryFormTakesOperandsOfTwoFormats) {
  const TestFolder folder;
  struct Case {
    const char *c, *verilog, *format;
    CircuitShape shape;
  };
  for (const Case& form :
       {Case{"mul8x4u_drop", "mul8x4u_drop", "uint8xuint4", {8, 4, false, false, false}},
        Case{"mul8ux8s_drop", "mul8ux4s_drop", "uint8xint4", {8, 4, false, true, false}},
        Case{"mul8sx4u_drop", "mul8sx4u_drop", "int8xuint4", {8, 4, true, false, false}}}) {
    const CircuitShape& shape = form.shape;
    const std::string file = folder.path().string() + "/" + form.format;
    const ProductTable table{shape, TableOf(shape, DropProduct)};
    WriteTable(table, file + ".npy", TableFormat::kNpy);
    WriteTable(table, file + ".bin", TableFormat::kTfApprox);

    std::vector<float> first, second, expected;
    for (uint64_t i = 0; i < 256; ++i) {
      first.push_back(static_cast<float>(ValueOf(i, 8, shape.a_signed)));
    }
    for (uint64_t j = 0; j < 16; ++j) {
      second.push_back(static_cast<float>(ValueOf(j, 4, shape.b_signed)));
    }
    for (const int64_t product : table.products) expected.push_back(static_cast<float>(product));
    for (const std::string& spec : {Spec("c", "multipliers.c", form.c, form.format),
                                    Spec("verilog", "multipliers.v", form.verilog, form.format),
                                    fmt::format("table:{}.npy@{}", file, form.format),
                                    fmt::format("table:{}.bin@{}", file, form.format)}) {
      const Arithmetic arithmetic = ParseArithmetic(spec);
      const std::vector<std::string> strategies = Accepting(arithmetic);
      EXPECT_GE(strategies.size(), 3u) << spec;
      for (const std::string& strategy : strategies) {
        SCOPED_TRACE(spec + ", " + strategy);
        ExpectSameBits(expected, Gemm(*MakePlan(arithmetic, strategy), first, second, 1));
      }
    }
  }
}

// An unsigned circuit serves signed operands by their magnitudes, of either operand.
TEST(CircuitPlan, MagnitudesOfEitherOperand) {
  const std::string unsigned_8x4 = Spec("c", "multipliers.c", "mul8x4u_drop", "");
  const auto product = [&](const char* format, float a, float b) {
    const auto plan = MakePlan(ParseArithmetic(unsigned_8x4 + format + "+sign=magnitude"));
    return Gemm(*plan, {a}, {b}, 1).front();
  };
  EXPECT_EQ(product("uint8xint4", 255, -8), -252 * 8);
  EXPECT_EQ(product("int8xuint4", -127, 15), -124 * 15);
  EXPECT_EQ(product("int8xint4", -127, -8), 124 * 8);
}

// Of circuits too wide for a table, `direct` sums in batches what the reference sums one by one.
TEST(CircuitPlan, WideCircuitsGiveTheReferenceSums) {
  const int64_t k = 300;
  const std::vector<const char*> of_integers = {"", "+acc=int24+adder=loa(5)",
                                                "+acc=int40+acc-overflow=wrap"};
  const std::vector<const char*> of_floats = {"", "+acc=fp16+chunk=16",
                                              "+acc=fixed(4,8)+adder=trunc(2)", "+acc=quire"};
  for (const auto& [wide, same] : std::vector<std::pair<std::string, std::string>>{
           {Spec("c", "multipliers.c", "mul24s", "int16"), "exact@int16"},
           {Spec("c", "multipliers.c", "mul32u", "uint16"), "exact@uint16"},
           {Spec("c", "multipliers.c", "mul24s", "uint16xint12"), "exact@uint16xint12"},
           {Spec("c", "multipliers.c", "mul24s", "int10xuint16"), "exact@int10xuint16"},
           {Spec("c", "multipliers.c", "mul32u", "float(8,15)"), "exact@float(8,15)"}}) {
    SCOPED_TRACE(wide);
    const auto plan = MakePlan(ParseArithmetic(wide));
    EXPECT_EQ(plan->strategy(), "direct");
    std::vector<float> a = RandomElements(5 * k, 23, Elements::kSpecial, 1);
    std::vector<float> b = RandomElements(k * 7, 23, Elements::kOrdinary, 2);
    const bool is_integer = plan->arithmetic().is_integer();
    if (is_integer) a = RandomElements(5 * k, 23, Elements::kOrdinary, 3);
    for (std::vector<float>* operand : {&a, &b}) {
      for (float& x : *operand) x *= is_integer ? 100 : 1;
      plan->Round(operand == &a ? OperandIndex::kFirst : OperandIndex::kSecond, operand->data(),
                  operand->data(), static_cast<int64_t>(operand->size()));
    }
    for (const char* options : is_integer ? of_integers : of_floats) {
      SCOPED_TRACE(options);
      const auto sums = [&](const std::string& spec) {
        return Gemm(*MakePlan(ParseArithmetic(spec + options), "direct"), a, b, k);
      };
      ExpectSameBits(sums(same), sums(wide));
    }
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
