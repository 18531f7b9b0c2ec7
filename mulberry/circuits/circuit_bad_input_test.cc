// Every kind of bad input to a circuit has its own message, which names the file and the fault.
#include <gtest/gtest.h>

#include "mulberry/circuits/c_source.h"
#include "mulberry/circuits/table_files.h"
#include "mulberry/circuits/test_circuits.h"
#include "mulberry/circuits/verilog.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

/// A file, what is asked of it, and the message: FILE in it stands for the file's path. A message
/// that ends in "..." is only how it begins. Contents "missing" and "folder" are what they say.
struct BadInput {
  const char* kind;
  const char* file;
  std::string contents;
  const char* name;  ///< Of the function or module.
  CircuitShape shape;
  std::string message;
};

void PrintTo(const BadInput& input, std::ostream* stream) {
  *stream << input.kind;
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string KindOf(const testing::TestParamInfo<BadInput>& test) {
  return Replaced(test.param.kind, " ", "_");
}

class BadInputTest : public testing::TestWithParam<BadInput> {
 protected:
  /// Writes the file, has `load` read it, and compares the message.
  template <typename Function>
  void Expect(Function load) const {
    const BadInput& input = GetParam();
    const TestFolder folder;
    const std::string path = folder.path() / input.file;
    if (input.contents == "folder") {
      fs::create_directory(path);
    } else if (input.contents != "missing") {
      WriteTestFile(path, input.contents);
    }
    const std::string message = Replaced(MessageOf([&] { load(path, input); }), path, "FILE");
    if (input.message.ends_with("...")) {
      EXPECT_TRUE(message.starts_with(input.message.substr(0, input.message.size() - 3)))
          << message << "\ndoes not begin with\n"
          << input.message;
    } else {
      EXPECT_EQ(message, input.message);
    }
  }

 private:
  // The compiler's own words are in English and its quotes are ASCII.
  const ScopedVariable language_{"LC_ALL", "C"};
};

class BadC : public BadInputTest {};

TEST_P(BadC, HasItsOwnMessage) {
  Expect([](const std::string& path, const BadInput& input) {
    LoadCSource(path, input.name, input.shape);
  });
}

constexpr char kFour[] =
    "int f(int a, int b) { return a * b; }\n"
    "static int g(int a) { return a; }\n"
    "long mul8u_abc(long a, long b) { return a * b; }\n"
    "float h(float a, float b) { return a * b; }\n";
constexpr char kNoNumbers[] =
    "FILE: f is not a function of two numbers that returns a number:\n...";

INSTANTIATE_TEST_SUITE_P(
    , BadC,
    testing::Values(
        BadInput{"missing", "s.c", "missing", "f", Unsigned(8),
                 "FILE: cannot be read: No such file or directory"},
        BadInput{"folder", "s.c", "folder", "f", Unsigned(8),
                 "FILE: cannot be read: it is a folder"},
        BadInput{"no source", "s.py", "def f(a, b): return a * b\n", "f", Unsigned(8),
                 "FILE: is not a C or C++ source: its name ends in neither .c, .cc, .cpp, .cxx nor "
                 ".C"},
        BadInput{"syntax error", "s.c", "int f(int a, int b) {\n  return a * ;\n}\n", "f",
                 Unsigned(8),
                 "FILE: does not compile:\nFILE: In function 'f':\nFILE:2:14: error: expected "
                 "expression before ';' token\n    2 |   return a * ;\n..."},
        BadInput{"missing header", "s.c", "#include \"absent.h\"\n", "f", Unsigned(8),
                 "FILE: does not compile:\nFILE:1:10: fatal error: absent.h: No such file or "
                 "directory\n..."},
        BadInput{"cpp in a C file", "s.c", "class C {};\n", "f", Unsigned(8),
                 "FILE: does not compile:\nFILE:1:1: error: unknown type name 'class'\n..."},
        BadInput{"no such function", "s.c", kFour, "mul8u_abd", Unsigned(8),
                 "FILE: has no function \"mul8u_abd\"; it has: f, h, mul8u_abc; did you mean "
                 "mul8u_abc?"},
        BadInput{"no functions", "s.c", "int x;\n", "f", Unsigned(8),
                 "FILE: has no function \"f\", nor any other of two numbers"},
        BadInput{"not a name", "s.c", kFour, "f(1);", Unsigned(8),
                 "FILE: \"f(1);\" is not a function's name"},
        BadInput{"one parameter", "s.c", "int f(int a) { return a; }\n", "f", Unsigned(8),
                 kNoNumbers},
        BadInput{"three parameters", "s.c", "int f(int a, int b, int c) { return a; }\n", "f",
                 Unsigned(8), kNoNumbers},
        BadInput{"pointers", "s.c", "void f(int* a, int b) { *a = b; }\n", "f", Unsigned(8),
                 kNoNumbers},
        BadInput{"other types", "s.c", "__int128 f(__int128 a, int b) { return a * b; }\n", "f",
                 Unsigned(8),
                 "FILE#f: takes (another type, another type) and returns another type; for uint8 "
                 "operands it must take two integers and return an integer"},
        BadInput{"double", "s.c", "double f(double a, float b) { return a * b; }\n", "f",
                 kFloatShape,
                 "FILE#f: takes (double, float) and returns double; for float operands it must be "
                 "float f(float, float)"},
        BadInput{"float for integers", "s.c", kFour, "h", Unsigned(8),
                 "FILE#h: takes (float, float) and returns float; for uint8 operands it must take "
                 "two integers and return an integer"},
        BadInput{"integer for floats", "s.c", kFour, "f", kFloatShape,
                 "FILE#f: takes (int, int) and returns int; for float operands it must be float "
                 "f(float, float)"},
        BadInput{"narrow parameter", "s.c", "int f(unsigned char a, int b) { return a * b; }\n",
                 "f", Unsigned(12),
                 "FILE#f: its first parameter is unsigned char, which does not hold uint12 "
                 "operands, 0 to 4095"},
        BadInput{"signed parameter", "s.c", "int f(int a, signed char b) { return a * b; }\n", "f",
                 Unsigned(8),
                 "FILE#f: its second parameter is signed char, which does not hold uint8 operands, "
                 "0 to 255"},
        BadInput{"narrow result", "s.c", "unsigned char f(int a, int b) { return a * b; }\n", "f",
                 Signed(8),
                 "FILE#f: it returns unsigned char, 8 bits, and the product of int8 operands has "
                 "16"},
        BadInput{"not by itself", "s.c",
                 "int other(int);\nint f(int a, int b) { return other(a) * b; }\n", "f",
                 Unsigned(8), "FILE: does not link by itself:\n..."},
        BadInput{"too wide", "s.c", kFour, "f", Unsigned(33),
                 "operands of a circuit have 1 to 32 bits, not 33"},
        BadInput{"ambiguous", "s.cc", "int f(int a, int b) { return 0; }\nint f(long a, long b);\n",
                 "f", Unsigned(8), kNoNumbers},
        BadInput{"reference", "s.cc", "int f(int& a, int b) { return a * b; }\n", "f", Unsigned(8),
                 kNoNumbers}),
    KindOf);

class BadVerilog : public BadInputTest {};

TEST_P(BadVerilog, HasItsOwnMessage) {
  Expect([](const std::string& path, const BadInput& input) {
    LoadVerilog(path, input.name, input.shape);
  });
}

/// A module m of 8-bit operands.
std::string Module(const std::string& body) {
  return "module m(input [7:0] A, input [7:0] B, output [15:0] O);\n" + body + "\nendmodule\n";
}
const std::string kGood = Module("  assign O = A * B;");

INSTANTIATE_TEST_SUITE_P(
    , BadVerilog,
    testing::Values(
        BadInput{"missing", "s.v", "missing", "m", Unsigned(8),
                 "FILE: cannot be read: No such file or directory"},
        BadInput{"syntax error", "s.v", Module("  assign O = A * ;"), "m", Unsigned(8),
                 "FILE: yosys cannot read it:\nFILE:2: ERROR: syntax error, unexpected ';'"},
        BadInput{"missing include", "s.v", "`include \"absent.vh\"\n" + kGood, "m", Unsigned(8),
                 "FILE: yosys cannot read it:\n..."},
        BadInput{"no module", "s.v", "// nothing\n", "m", Unsigned(8), "FILE: defines no module"},
        BadInput{"no such module", "s.v", Replaced(kGood, " m(", " mul8u_abc("), "mul8u_abd",
                 Unsigned(8),
                 "FILE: has no module \"mul8u_abd\"; it has: mul8u_abc; did you mean mul8u_abc?"},
        BadInput{"not a name", "s.v", kGood, "m; exit", Unsigned(8),
                 "FILE: \"m; exit\" is not a module's name of letters, digits, _ and $"},
        BadInput{"several modules", "s.v",
                 kGood + "module n(input a, output b);\n  assign b = a;\nendmodule\n", "",
                 Unsigned(8),
                 "FILE: has several modules that no other instantiates: m, n; name one"},
        BadInput{"register", "s.v",
                 "module m(input clk, input [7:0] A, B, output reg [15:0] O);\n"
                 "  always @(posedge clk) O <= A * B;\nendmodule\n",
                 "m", Unsigned(8),
                 "FILE#m: is not combinational: it has a register (yosys' $dff) at FILE:2.3-2.36"},
        BadInput{"latch", "s.v",
                 "module m(input [7:0] A, B, output reg [15:0] O);\n"
                 "  always @* if (A[0]) O = A * B;\nendmodule\n",
                 "m", Unsigned(8),
                 "FILE#m: is not combinational: it has a latch (yosys' $dlatch) at FILE:2.3-2.33"},
        BadInput{"memory", "s.v",
                 Module("  reg [15:0] t [0:3];\n  initial begin t[0] = 1; t[1] = 2; t[2] = 3; "
                        "t[3] = 4; end\n  assign O = t[A[1:0]] * B;"),
                 "m", Unsigned(8), "FILE#m: is not combinational: it has a memory (yosys' $mem..."},
        BadInput{"third input", "s.v",
                 "module m(input clk, input [7:0] A, B, output [15:0] O);\n"
                 "  assign O = A * B;\nendmodule\n",
                 "m", Unsigned(8),
                 "FILE#m: has 3 inputs (clk, A, B); a combinational multiplier has two"},
        BadInput{"two outputs", "s.v",
                 "module m(input [7:0] A, B, output [15:0] O, output p);\n"
                 "  assign O = A * B, p = ^O;\nendmodule\n",
                 "m", Unsigned(8), "FILE#m: has 2 outputs (O, p); a multiplier has one"},
        BadInput{"inout", "s.v",
                 "module m(input [7:0] A, inout [7:0] B, output [15:0] O);\n"
                 "  assign O = A * B;\nendmodule\n",
                 "m", Unsigned(8),
                 "FILE#m: its port B is an inout; a multiplier has two inputs and one output"},
        BadInput{"width of an input", "s.v", kGood, "m", Unsigned(7),
                 "FILE#m: its first input A has 8 bits, and the first of uint7 operands has 7"},
        BadInput{"width of the other input", "s.v", kGood, "m",
                 CircuitShape{8, 4, true, true, false},
                 "FILE#m: its second input B has 8 bits, and the second of int8 x int4 operands "
                 "has 4"},
        BadInput{"width of the output", "s.v", Replaced(kGood, "15:0", "16:0"), "m", Unsigned(8),
                 "FILE#m: its output O has 17 bits, and the product of uint8 operands has 16"},
        BadInput{"undefined module", "s.v", Module("  other o(A, B, O);"), "m", Unsigned(8),
                 "FILE#m: yosys refuses it:\nERROR: Module `\\other' referenced in module `\\m' in "
                 "cell `\\o' is not part of the design."},
        BadInput{"black box", "s.v",
                 "(* blackbox *) module other(input [7:0] a, b, output [15:0] o);\nendmodule\n" +
                     Module("  other o(A, B, O);"),
                 "m", Unsigned(8),
                 "FILE#m: yosys refuses it:\nERROR: External blackbox cell `other' is not marked "
                 "as a CXXRTL blackbox."},
        BadInput{"no driver", "s.v", Module("  assign O[15:1] = A * B;"), "m", Unsigned(8),
                 "FILE#m: yosys says: Warning: Wire m.\\O [0] is used but has no driver."},
        BadInput{"undeclared wire", "s.v", Module("  assign O = A * b;"), "m", Unsigned(8),
                 "FILE#m: yosys says: Warning: Wire m.\\b is used but has no driver."},
        BadInput{"two drivers", "s.v", Module("  assign O = A * B;\n  assign O = A + B;"), "m",
                 Unsigned(8),
                 "FILE#m: yosys says: Warning: multiple conflicting drivers for m...."},
        BadInput{"loop", "s.v",
                 Module("  wire x, y;\n  assign x = y & A[0], y = x | B[0];\n"
                        "  assign O = A * B ^ x;"),
                 "m", Unsigned(8),
                 "FILE#m: has a combinational loop; yosys says: Warning: found logic loop in "
                 "module m:\n..."},
        BadInput{"floats", "s.v", kGood, "m", kFloatShape,
                 "FILE: a Verilog module multiplies integers, not floats"}),
    KindOf);

class BadTable : public BadInputTest {};

TEST_P(BadTable, HasItsOwnMessage) {
  Expect([](const std::string& path, const BadInput& input) { LoadTableFile(path, input.shape); });
}

std::string NpyHeader(const std::string& dictionary) {
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(dictionary.size()) + '\0' +
         dictionary;
}
const std::string kNpyOfTwo =
    NpyHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }");

INSTANTIATE_TEST_SUITE_P(
    , BadTable,
    testing::Values(
        BadInput{"missing", "t.npy", "missing", "", Unsigned(8),
                 "FILE: cannot be read: No such file or directory"},
        BadInput{"unknown format", "t.tab", "0\n", "", Unsigned(1),
                 "FILE: is not known as a table of products: its name ends in neither .npy, .csv, "
                 ".txt (ApproxTorch) nor .bin (TFApprox)"},
        BadInput{"floats", "t.npy", "", "", kFloatShape,
                 "FILE: float operands have no table of all products"},
        BadInput{"too wide", "t.npy", "", "", Unsigned(16),
                 "FILE: a table of uint16 operands has 2^32 products, more than the limit of 2^24"},
        BadInput{"far too large", "t.csv", std::string(70000, '0'), "", Unsigned(2),
                 "FILE: has 70000 bytes; a table of uint2 operands has at most 66048"},
        BadInput{"truncated raw", "t.bin", std::string(131071, '\0'), "", Unsigned(8),
                 "FILE: has 131071 bytes; a table of uint8 operands with 16-bit products has "
                 "131072"},
        BadInput{"raw of wide operands", "t.bin", "", "", Unsigned(9),
                 "FILE: TFApprox's tables have products of 16 bits, and those of uint9 operands "
                 "have 18"},
        BadInput{"raw out of range", "t.bin", std::string("\0\0\0\0\x10\0\0\0", 8), "", Unsigned(1),
                 "FILE: the entry at byte 4 is 16; products of uint1 operands are integers from 0 "
                 "to 3"},
        BadInput{"signed raw out of range", "t.bin", std::string("\0\0\0\0\xfd\xff\0\0", 8), "",
                 Signed(1),
                 "FILE: the entry at byte 4 is -3; products of int1 operands are integers from -2 "
                 "to 1"},
        BadInput{"words", "t.txt", "0 0\n0 one\n", "", Unsigned(1),
                 "FILE:2: number 2 is \"one\", which is not a number"},
        BadInput{"commas in text", "t.txt", "0,0\n0,1\n", "", Unsigned(1),
                 "FILE:1: number 1 is \"0,0\", which is not a number"},
        BadInput{"short row", "t.txt", "0 0\n\n0\n", "", Unsigned(1),
                 "FILE:3: has 1 numbers; a row of a table of uint1 operands has 2"},
        BadInput{"long row", "t.csv", "0,0,\n0,0\n", "", Unsigned(1),
                 "FILE:1: has 3 numbers; a row of a table of uint1 operands has 2"},
        BadInput{"empty field", "t.csv", "0,0\n,0\n", "", Unsigned(1),
                 "FILE:2: number 1 is \"\", which is not a number"},
        BadInput{"truncated text", "t.csv", "0,0\n", "", Unsigned(1),
                 "FILE: has 1 rows; a table of uint1 operands has 2"},
        BadInput{"long text", "t.csv", "0,0\n0,0\n0,0\n", "", Unsigned(1),
                 "FILE: has 3 rows; a table of uint1 operands has 2"},
        BadInput{"empty text", "t.csv", "", "", Unsigned(1),
                 "FILE: has 0 rows; a table of uint1 operands has 2"},
        BadInput{"text out of range", "t.csv", "0,0\n0,-1\n", "", Unsigned(1),
                 "FILE:2: number 2 is -1; products of uint1 operands are integers from 0 to 3"},
        BadInput{"text of fractions", "t.csv", "0,0\n0.5,1\n", "", Unsigned(1),
                 "FILE:2: number 1 is 0.5; products of uint1 operands are integers from 0 to 3"},
        BadInput{"huge number", "t.txt", "0 0\n0 1e999\n", "", Unsigned(1),
                 "FILE:2: number 2 is 1e999; products of uint1 operands are integers from 0 to 3"},
        BadInput{"not npy", "t.npy", "0 0\n0 1\n", "", Unsigned(1),
                 "FILE: is not a .npy file: it does not begin with \\x93NUMPY"},
        BadInput{"npy of the future", "t.npy", std::string("\x93NUMPY\x03\x00", 8), "", Unsigned(1),
                 "FILE: is a .npy file of version 3; versions 1 and 2 can be read"},
        BadInput{"npy without header", "t.npy", kNpyOfTwo.substr(0, 30), "", Unsigned(1),
                 "FILE: its 30 bytes end within the header of a .npy file"},
        BadInput{"npy with another header", "t.npy", NpyHeader("{'shape': 3}"), "", Unsigned(1),
                 "FILE: its header is not that of a .npy file: {'shape': 3}"},
        BadInput{"npy of another shape", "t.npy", kNpyOfTwo, "",
                 CircuitShape{2, 1, false, false, false},
                 "FILE: has the shape (2, 2); a table of uint2 x uint1 operands has (4, 2)"},
        BadInput{"npy of one dimension", "t.npy",
                 NpyHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }"), "",
                 Unsigned(1), "FILE: has the shape (4); a table of uint1 operands has (2, 2)"},
        BadInput{"npy of another type", "t.npy",
                 NpyHeader("{'descr': '<c8', 'fortran_order': False, 'shape': (2, 2), }"), "",
                 Unsigned(1),
                 "FILE: has entries of type <c8; integers of 8 to 64 bits and floats of 32 and 64 "
                 "can be read"},
        BadInput{"npy of records", "t.npy",
                 NpyHeader("{'descr': [('x', '<u2')], 'fortran_order': False, 'shape': (2, 2), }"),
                 "", Unsigned(1), "FILE: has entries of type [..."},
        BadInput{"truncated npy", "t.npy", kNpyOfTwo + std::string(15, '\0'), "", Unsigned(1),
                 "FILE: has 15 bytes of entries; 2 x 2 of <f4 have 16"},
        BadInput{"npy of fractions", "t.npy",
                 kNpyOfTwo + std::string(12, '\0') + std::string("\0\0\0\x3f", 4), "", Unsigned(1),
                 "FILE: the entry at (1, 1) is 0.5; products of uint1 operands are integers from 0 "
                 "to 3"},
        BadInput{"npy of NaN", "t.npy",
                 kNpyOfTwo + std::string("\0\0\xc0\x7f", 4) + std::string(12, '\0'), "",
                 Unsigned(1),
                 "FILE: the entry at (0, 0) is nan; products of uint1 operands are integers from 0 "
                 "to 3"},
        BadInput{"npy out of range", "t.npy",
                 NpyHeader("{'descr': '>u8', 'fortran_order': True, 'shape': (2, 2), }") +
                     std::string(8, '\0') + std::string(8, '\xff') + std::string(16, '\0'),
                 "", Unsigned(1),
                 "FILE: the entry at (1, 0) is 18446744073709551615; products of uint1 operands "
                 "are integers from 0 to 3"}),
    KindOf);

TEST(BadCompiler, IsNamed) {
  const ScopedVariable c("CC", "no-such-compiler -O"), cpp("CXX", "no-such-c++");
  EXPECT_EQ(MessageOf([] { LoadCSource(SourceFile("faults.c"), "exits", Unsigned(8)); }),
            "there is no compiler no-such-compiler to compile a circuit with; install g++, or set "
            "CC to one");
  EXPECT_EQ(MessageOf([] { LoadVerilog(SourceFile("multipliers.v"), "mul2u", Unsigned(2)); }),
            "there is no compiler no-such-c++ to compile a circuit with; install g++, or set CXX "
            "to one");
}

}  // namespace
}  // namespace mulberry
