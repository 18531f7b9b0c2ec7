// Users' files that are wrong, from outside: each kind has its own message, and exit code 1. What
// the messages say in full is tested where they are made (circuits/circuit_bad_input_test.cc).
#include <set>

#include "mulberry/cli/cli_test.h"

namespace mulberry {
namespace {

struct BadFile {
  const char* file;
  const char* contents;
  const char* spec;     ///< With FILE for the file's path.
  const char* message;  ///< A part of what is printed.
};

const BadFile kBadFiles[] = {
    {"a.c", nullptr, "c:FILE#f@uint8", "cannot be read"},
    {"a.pas", "", "c:FILE#f@uint8", "is not a C or C++ source"},
    {"a.c", "int f(int a, int b) { return a * b }", "c:FILE#f@uint8", "does not compile"},
    {"a.c", "int mul(int a, int b) { return a * b; }", "c:FILE#mull@uint8", "did you mean mul?"},
    {"a.c", "static int x;", "c:FILE#f@uint8", "nor any other of two numbers"},
    {"a.c", "int f(int a, int b, int c) { return a * b * c; }", "c:FILE#f@uint8",
     "is not a function of two numbers"},
    {"a.c", "int g(int); int f(int a, int b) { return g(a) * b; }", "c:FILE#f@uint8",
     "does not link by itself"},
    {"a.c", "int f(unsigned char a, int b) { return a * b; }", "c:FILE#f@uint9",
     "its first parameter is unsigned char, which does not hold"},
    {"a.c", "char f(int a, int b) { return a * b; }", "c:FILE#f@uint8", "it returns char, 8 bits"},
    {"a.c", "double f(double a, double b) { return a * b; }", "c:FILE#f@int8",
     "must take two integers"},
    {"a.c", "int f(int a, int b) { return a / (b - 5); }", "c:FILE#f@uint8",
     "on the operands a = 0, b = 5 it crashed with signal 8"},
    {"a.c", "void exit(int); int f(int a, int b) { if (a == 9) exit(3); return a * b; }",
     "c:FILE#f@uint8", "on the operands a = 9, b = 0 it"},
    {"a.c",
     "int f(int a, int b) { while (a == 7 && b == 2) b = *(volatile int*)&b; return a * b; }",
     "c:FILE#f@uint8", "on the operands a = 7, b = 2"},
    {"a.c", "int rand(void); int f(int a, int b) { return a * b ^ (rand() & 1); }",
     "c:FILE#f@uint8", "it depends on more than its operands"},
    {"a.c", "float f(float a, float b) { return a - b; }", "c:FILE#f@bf16",
     "it must be 0 or from 2^-23 to below 4"},
    {"a.v", "module m(input [7:0] a, b, output [15:0] o); assign o = a * ; endmodule",
     "verilog:FILE#m@uint8", "yosys cannot read it"},
    {"a.v", "module m(input [7:0] a, b, output [15:0] o); assign o = a * b; endmodule",
     "verilog:FILE#n@uint8", "has no module \"n\"; it has: m"},
    {"a.v", "module m(input [7:0] a, b, output [14:0] o); assign o = a * b; endmodule",
     "verilog:FILE#m@uint8", "15"},
    {"a.v", "module m(input c, input [7:0] a, b, output [15:0] o); assign o = a * b; endmodule",
     "verilog:FILE#m@uint8", "input"},
    {"a.v",
     "module m(input [7:0] a, b, output reg [15:0] o); always @(posedge a[0]) o <= a * b; "
     "endmodule",
     "verilog:FILE#m@uint8", "is not combinational"},
    {"a_7.bin", "too short", "table:FILE@bf16", "has 9 bytes; a table of W mantissa bits"},
    {"a.bin", "too short", "table:FILE@uint8", "has 9 bytes; a table of uint8 operands"},
    {"a_1.bin", "\x01\x02\x03\x04", "table:FILE@float(8,1)", "byte 1 is 0x02"},
    {"a_1.bin", "\x01\x01\x01\x01", "table:FILE@bf16", "is a table of 1 mantissa bits"},
    {"a.npy", "\x93NUMPZ", "table:FILE@uint8", "is not a .npy file"},
    {"a.txt", "1 2 3\n", "table:FILE@uint4", "a.txt"},
    {"a.csv", "1,2,three\n", "table:FILE@uint4", "three"},
    {"a.xls", "1", "table:FILE@uint4", "a.xls"},
};

using CliCircuitTest = CliTest;

TEST_F(CliCircuitTest, EachKindOfBadFileHasItsMessageAndExitCode1) {
  const ScopedVariable cache("MULBERRY_CACHE", (folder_ + "/cache").c_str());
  std::set<std::string> messages;
  int number = 0;
  for (const BadFile& bad : kBadFiles) {
    const std::string path = folder_ + "/" + std::to_string(number++) + "/" + bad.file;
    if (bad.contents) WriteTestFile(path, bad.contents);
    std::string spec = bad.spec;
    spec.replace(spec.find("FILE"), 4, path);
    SCOPED_TRACE(spec);
    const Outcome outcome = Mulberry({"plan", spec});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(Has(outcome.err, path)) << outcome.err;
    EXPECT_TRUE(Has(outcome.err, bad.message)) << outcome.err;
    std::string message = outcome.err;
    message.erase(0, message.find(path) + path.size());
    EXPECT_TRUE(messages.insert(message).second) << "said before: " << message;
  }
  EXPECT_GE(number, 20);
}

}  // namespace
}  // namespace mulberry
