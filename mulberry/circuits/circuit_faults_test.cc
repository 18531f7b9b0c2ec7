// What a user's function may do to itself, and what becomes of it: an error that names the
// operands, while this process goes on as if nothing had been.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>

#include "mulberry/circuits/c_source.h"
#include "mulberry/circuits/test_circuits.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

struct Fault {
  const char* function;
  CircuitShape shape;
  const char* message;  ///< After the file's name.
  CircuitLimits limits = {};
};

void PrintTo(const Fault& fault, std::ostream* stream) {
  *stream << fault.function;
}

class CircuitFault : public testing::TestWithParam<Fault> {};

std::string ErrorOf(const Fault& fault) {
  return MessageOf([&] {
    EvaluateAll(*LoadCSource(SourceFile("faults.c"), fault.function, fault.shape, fault.limits));
  });
}

TEST_P(CircuitFault, IsAnErrorThatNamesTheOperands) {
  const Fault& fault = GetParam();
  EXPECT_EQ(ErrorOf(fault),
            fmt::format("{}#{}: {}", SourceFile("faults.c"), fault.function, fault.message));
}

constexpr CircuitLimits kSmallMemory{.memory_bytes = uint64_t{512} << 20};

INSTANTIATE_TEST_SUITE_P(
    All, CircuitFault,
    testing::Values(
        Fault{"segfault", Unsigned(8),
              "on the operands a = 3, b = 7 it crashed with signal 11 (Segmentation fault)"},
        Fault{"aborts", Unsigned(8),
              "on the operands a = 0, b = 9 it crashed with signal 6 (Aborted)"},
        Fault{"divides", Unsigned(8),
              "on the operands a = 0, b = 5 it crashed with signal 8 (Floating point exception)"},
        Fault{"divides_signed", Signed(8),
              "on the operands a = 0, b = -5 it crashed with signal 8 (Floating point exception)"},
        Fault{"exits", Unsigned(8),
              "on the operands a = 255, b = 255 it ended its process with exit status 0"},
        Fault{"loops",
              Unsigned(8),
              "on the operands a = 200, b = 1 it gave no answer within 0.5 s",
              {0.5}},
        Fault{"recurses", Unsigned(8),
              "on the operands a = 2, b = 0 it crashed with signal 11 (Segmentation fault)"},
        Fault{"hoards", Unsigned(8),
              "on the operands a = 4, b = 0 it crashed with signal 11 (Segmentation fault)",
              kSmallMemory},
        Fault{"leaves_a_child",
              Unsigned(8),
              "on the operands a = 6, b = 0 it crashed with signal 6 (Aborted)",
              {1}},
        Fault{
            "tires", Unsigned(8),
            "on the operands a = 3, b = 232, after 1000 others, it crashed with signal 6 "
            "(Aborted); on these alone it does not, so that it depends on more than its operands"}),
    [](const auto& test) { return std::string(test.param.function); });

TEST(CircuitFaultTest, ASlowFunctionIsToldFromAnEndlessOne) {
  const std::string message = ErrorOf({"sleeps", Unsigned(8), "", {1}});
  EXPECT_NE(message.find("#sleeps: is too slow: "), std::string::npos) << message;
  EXPECT_NE(message.find(" of 65536 products in 1 s"), std::string::npos) << message;
}

TEST(CircuitFaultTest, AFunctionThatIsNoneIsRefused) {
  for (const Fault& fault :
       {Fault{"random_bit", Unsigned(8), ""}, Fault{"counts", Unsigned(8), ""},
        Fault{"process_number", Unsigned(8), ""}, Fault{"random_bit_wide", Unsigned(16), ""},
        Fault{"random_float", kFloatShape, ""}}) {
    const std::string message = ErrorOf(fault);
    EXPECT_NE(message.find(": it depends on more than its operands"), std::string::npos) << message;
    EXPECT_NE(message.find(": its product of a = "), std::string::npos) << message;
  }
}

size_t OpenDescriptors() {
  return static_cast<size_t>(std::distance(fs::directory_iterator("/proc/self/fd"), {}));
}

/// Of programs in this test's cache.
size_t RunningPrograms() {
  size_t running = 0;
  for (const fs::directory_entry& process : fs::directory_iterator("/proc")) {
    std::error_code ignored;  // Most of these are no processes, or not ours to see.
    const fs::path program = fs::read_symlink(process.path() / "exe", ignored);
    running += program.string().starts_with(test_cache_folder.path().string());
  }
  return running;
}

TEST(CircuitFaultTest, NothingIsLeftBehind) {
  const size_t before = OpenDescriptors();
  for (const char* function : {"segfault", "leaves_a_child", "loops"}) {
    EXPECT_NE(ErrorOf({function, Unsigned(8), "", {0.5}}), "no error");
  }
  {
    const auto circuit = LoadCSource(SourceFile("faults.c"), "segfault", Unsigned(8));
    EXPECT_EQ(RunningPrograms(), 1u);
    EXPECT_GT(OpenDescriptors(), before);
  }
  EXPECT_EQ(RunningPrograms(), 0u);
  EXPECT_EQ(OpenDescriptors(), before);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(CircuitFaultTest, OtherOperandsStillHaveTheirProducts) {
  const auto circuit = LoadCSource(SourceFile("faults.c"), "segfault", Unsigned(8));
  const uint32_t a[] = {3, 3, 200}, b[] = {6, 7, 100};
  uint64_t products[3] = {};
  EXPECT_THROW(circuit->Evaluate(a, b, products, 3), Error);
  circuit->Evaluate(a, b, products, 1);
  circuit->Evaluate(a + 2, b + 2, products + 2, 1);
  EXPECT_EQ(products[0], 18u);
  EXPECT_EQ(products[2], 20000u);
}

TEST(CircuitFaultTest, ConstructorsMayFailToo) {
  const TestFolder folder;
  const std::string path = folder.path() / "s.cc";
  WriteTestFile(
      path, "struct S { S() { throw 1; } };\nstatic S s;\nint f(int a, int b) { return a * b; }\n");
  EXPECT_EQ(MessageOf([&] { LoadCSource(path, "f", Unsigned(8)); }),
            path + "#f: before its first product it crashed with signal 6 (Aborted)");
  WriteTestFile(path,
                "struct S { S() { for (volatile int i = 0;; i = 0) {} } };\nstatic S s;\n"
                "int f(int a, int b) { return a * b; }\n");
  EXPECT_EQ(MessageOf([&] { LoadCSource(path, "f", Unsigned(8), {.start_seconds = 2}); }),
            path + "#f: before its first product it gave no answer within 2 s");
}

}  // namespace
}  // namespace mulberry
