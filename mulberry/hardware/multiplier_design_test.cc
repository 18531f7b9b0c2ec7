// Integer multipliers as designs, read back as users' Verilog is (circuits/verilog.h), against
// their models.
#include "mulberry/hardware/multiplier_design.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "mulberry/base/test_folder.h"
#include "mulberry/circuits/verilog.h"

namespace mulberry {
namespace {

std::string Written(const std::string& name, const std::string& text) {
  static const TestFolder folder;
  const std::filesystem::path path = folder.path() / name;
  WriteTestFile(path, text);
  return path.string();
}

/// Every product of the design's circuit, as yosys reads it.
void ExpectIsItsModel(const std::string& spec) {
  const Design design = IntegerMultiplierDesign(ParseArithmetic(spec));
  const IntegerFormats formats = ParseArithmetic(spec).integer_formats();
  const int a_bits = formats.first.bits, b_bits = formats.second.bits;
  ASSERT_EQ(design.input_bits(), a_bits + b_bits);
  const auto circuit = LoadVerilog(Written("design.v", design.verilog), design.module,
                                   {.a_bits = a_bits, .b_bits = b_bits});
  std::vector<uint32_t> a, b;
  for (uint32_t i = 0; i < uint32_t{1} << (a_bits + b_bits); ++i) {
    a.push_back(i >> b_bits);
    b.push_back(i & ((uint32_t{1} << b_bits) - 1));
  }
  std::vector<uint64_t> products(a.size());
  circuit->Evaluate(a.data(), b.data(), products.data(), a.size());
  int wrong = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const uint64_t inputs[] = {a[i], b[i]};
    if (products[i] == design.model(inputs) || ++wrong > 3) continue;
    ADD_FAILURE() << spec << ": " << a[i] << " times " << b[i] << " is " << products[i] << ", not "
                  << design.model(inputs);
  }
  EXPECT_EQ(wrong, 0) << spec;
}

TEST(IntegerMultiplierDesign, IsItsModel) {
  for (const char* spec :
       {"exact@uint8", "exact@int8", "exact@uint8xint4", "exact@int4xuint8", "exact@uint4xint8",
        "exact@int4xint7", "rounded(v=9)@uint8xint8", "rounded(v=3)@uint8xint8",
        "rounded(v=8)@int8", "rounded(v=5)@uint7xint4", "rounded(v=7)@int5xuint5",
        "rounded(v=7)@uint5xint5+sign=twos", "mitchell@int8", "drum(k=4)@int8xuint4",
        "etm@int4xint7", "mbm@int6+sign=twos", "exact@int5+sign=twos", "roba@uint4xuint7"}) {
    ExpectIsItsModel(spec);
  }
}

TEST(IntegerMultiplierDesign, TheSignedProductIsOfValues) {
  const Design design = IntegerMultiplierDesign(ParseArithmetic("exact@int8"));
  const uint64_t inputs[] = {0x80, 0xff};  // -128 times -1.
  EXPECT_EQ(design.model(inputs), 128u);
}

TEST(IntegerMultiplierDesign, OfUsersModules) {
  Written("user_part.v", "module part(input [3:0] x, output [3:0] y); assign y = x; endmodule\n");
  const std::string path = Written(
      "user.v",
      "`include \"user_part.v\"\nmodule mine(input [3:0] first, input [4:0] second, output [8:0] "
      "out);\n wire [3:0] w; part u(.x(first), .y(w)); assign out = w * second | 9'd1;\n"
      "endmodule\n");
  for (const char* formats :
       {"#mine@uint4xuint5", "@uint4xuint5", "#mine@int4xint5", "#mine@int4xint5+sign=magnitude"}) {
    ExpectIsItsModel("verilog:" + path + formats);
  }
}

TEST(IntegerMultiplierDesign, RefusesWhatIsNoCircuit) {
  for (const char* spec : {"table:a.npy@uint8", "c:a.c#f@uint8", "exact@bf16", "fp32"}) {
    EXPECT_THROW(IntegerMultiplierDesign(ParseArithmetic(spec)), UsageError) << spec;
  }
}

}  // namespace
}  // namespace mulberry
