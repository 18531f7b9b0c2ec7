// Users' files as multipliers: the forms of one circuit, operands of every kind, and what is
// refused.
#include "mulberry/multipliers/imported.h"

#include <gtest/gtest.h>

#include <bit>

#include "mulberry/circuits/table_files.h"
#include "mulberry/circuits/test_circuits.h"
#include "mulberry/multipliers/float_multiplier.h"
#include "mulberry/multipliers/integer_multiplier.h"

namespace mulberry {
namespace {

constexpr OperandKind kUint8{.bits = 8};
constexpr OperandKind kInt8{.bits = 8, .twos_complement = true};
constexpr OperandKind kBf16{.bits = 8, .significand = true};
constexpr OperandKind kFp32{.bits = 24, .significand = true};

Multiplier C(const char* function, const char* file = "multipliers.c") {
  return {"c", {}, SourceFile(file), function};
}
Multiplier Verilog(const char* module) {
  return {"verilog", {}, SourceFile("multipliers.v"), module};
}

/// All products of 8-bit encodings, by `product` and as the model has them.
void ExpectAll(const Model& model, bool is_signed) {
  for (uint32_t a = 0; a < 256; ++a) {
    for (uint32_t b = 0; b < 256; ++b) {
      const int64_t product = DropProduct(ValueOf(a, 8, is_signed), ValueOf(b, 8, is_signed));
      ASSERT_EQ(model(a, b), static_cast<uint64_t>(product) & 0xffff) << a << " " << b;
    }
  }
}

TEST(ImportedModel, IsTheSameOfEveryFormOfACircuit) {
  const TestFolder folder;
  for (const bool is_signed : {false, true}) {
    const OperandKind kind = is_signed ? kInt8 : kUint8;
    const CircuitShape shape = is_signed ? Signed(8) : Unsigned(8);
    const char* name = is_signed ? "mul8s_drop" : "mul8u_drop";
    ExpectAll(MakeModel(C(name), kind), is_signed);
    ExpectAll(MakeModel(Verilog(name), kind), is_signed);
    const ProductTable table{shape, TableOf(shape, DropProduct)};
    for (const auto& [file, format] :
         {std::pair{"t.bin", TableFormat::kTfApprox}, std::pair{"t.txt", TableFormat::kApproxTorch},
          std::pair{"t.npy", TableFormat::kNpy}, std::pair{"t.csv", TableFormat::kCsv}}) {
      const std::string path = folder.path().string() + "/" + file;
      WriteTable(table, path, format);
      ExpectAll(MakeModel({"table", {}, path}, kind), is_signed);
    }
  }
}

TEST(ImportedModel, OfSignificandsIsTheUnsignedCircuit) {
  const FloatMultiplier bf16(MakeModel(C("mul8u_drop"), kBf16), 7, ResultRounding::kFull);
  for (uint32_t i = 0; i < 128; ++i) {
    for (uint32_t j = 0; j < 128; ++j) {
      const auto product = static_cast<float>(DropProduct(128 + i, 128 + j));
      ASSERT_EQ(bf16.SignificandProduct(i, j), product / 16384);
    }
  }
  EXPECT_EQ(bf16(-3.0f, 0.5f), -1.5f);
}

TEST(ImportedModel, OfAFloatFunctionKeepsEveryBitOfItsProduct) {
  // It truncates the first operand to bfloat16, and its product has 24 bits.
  const auto expected = [](float a, float b) {
    return std::bit_cast<float>(std::bit_cast<uint32_t>(a) & 0xffff0000) * b;
  };
  const FloatMultiplier fp32(MakeModel(C("mul_bf16"), kFp32), 23, ResultRounding::kFull);
  EXPECT_TRUE(fp32.of_arrays());
  std::vector<float> a, b;
  for (uint32_t i = 0; i < 500; ++i) {
    a.push_back(std::bit_cast<float>(0x3f812345u + i * 0x3a1f7));
    b.push_back(-std::bit_cast<float>(0x3f876543u + i * 0x1c3d5));
  }
  std::vector<float> products(a.size());
  fp32.Multiply(a.data(), b.data(), products.data(), a.size());
  for (size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(products[i], expected(a[i], b[i])) << a[i] << " " << b[i];
  }
  EXPECT_EQ(fp32(a[7], b[9]), expected(a[7], b[9]));

  const FloatMultiplier bf16(MakeModel(C("mul_bf16"), kBf16), 7, ResultRounding::kFull);
  EXPECT_FALSE(bf16.of_arrays());
  EXPECT_EQ(bf16(1.9921875f, 1.9921875f), 1.9921875f * 1.9921875f);
}

TEST(ImportedModel, OfAnIntegerFunctionTooWideForATableIsOfArrays) {
  const Model model = MakeModel(C("mul24s"), {.bits = 24, .twos_complement = true});
  EXPECT_TRUE(model.of_arrays());
  const IntegerMultiplier multiplier(MakeModel(C("mul24s"), {.bits = 16, .twos_complement = true}),
                                     IntegerFormat{.bits = 16, .is_signed = true},
                                     SignHandling::kTwosComplement);
  const std::vector<int32_t> a = {-32768, 32767, -1, 0, 12345}, b = {-32768, -32768, -1, 7, -321};
  std::vector<int64_t> products(a.size());
  multiplier.Multiply(a.data(), b.data(), products.data(), a.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(products[i], int64_t{a[i]} * b[i]);
    EXPECT_EQ(multiplier(a[i], b[i]), int64_t{a[i]} * b[i]);
  }
}

TEST(ImportedModel, RefusesProductsThatNoSignificandsHave) {
  const TestFolder folder;
  const std::string path = folder.path().string() + "/m.c";
  const auto write = [&](const char* body) { WriteTestFile(path, body); };
  const Multiplier multiplier{"c", {}, path, "f"};
  const std::string start = path + "#f: its product of 1 and 1 is ";
  const std::string end =
      "; of two numbers from 1 to below 2 it must be 0 or from 2^-23 to below 4";
  write("float f(float a, float b) { return -a * b; }");
  EXPECT_EQ(MessageOf([&] { MakeModel(multiplier, kBf16); }), start + "-1" + end);
  write("float f(float a, float b) { return 4 * a * b; }");
  EXPECT_EQ(MessageOf([&] { MakeModel(multiplier, kBf16); }), start + "4" + end);
  write("float f(float a, float b) { return 0 / (a - b); }");
  EXPECT_EQ(MessageOf([&] { MakeModel(multiplier, kBf16); }), start + "-nan" + end);
  write("double f(double a, double b) { return a * b; }");
  EXPECT_EQ(MessageOf([&] { MakeModel(multiplier, kBf16); }),
            path +
                "#f: takes (double, double) and returns double; for uint8 operands it must take "
                "two integers and return an integer");
}

}  // namespace
}  // namespace mulberry
