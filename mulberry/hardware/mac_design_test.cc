// Multiply-accumulate units as circuits against their models, and the sums independently of them:
// the machine's own FP32 addition, 64-bit integers, and sums of posits that double holds exactly.
#include "mulberry/hardware/mac_design.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <fstream>
#include <random>

#include "mulberry/base/error.h"
#include "mulberry/hardware/test_simulator.h"

namespace mulberry {
namespace {

std::vector<Design> DesignsOf(const std::vector<const char*>& specs, bool pipelined = false) {
  std::vector<Design> designs;
  for (const char* spec : specs) designs.push_back(MacDesign(ParseArithmetic(spec), pipelined));
  return designs;
}

/// Operands of which the sum is interesting: products of every exponent, and a c that is up to 30
/// exponents away from the product, nearly its opposite, random, or special.
std::vector<Vector> FloatVectors(const Design& design, size_t n) {
  const int c_bits = design.inputs[2].bits, cut = 32 - c_bits;
  const std::vector<uint64_t> specials = {
      0x00000000, 0x80000000, 0x00000001, 0x807fffff, 0x00800000, 0x3f800000, 0xbf800001,
      0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001};
  std::mt19937_64 random(2);
  std::vector<Vector> vectors;
  for (size_t i = 0; i < n; ++i) {
    const uint64_t a = random() >> (64 - design.inputs[0].bits);
    const uint64_t b = random() >> (64 - design.inputs[1].bits);
    const Vector with_zero = {a, b, 0};
    auto c = static_cast<uint32_t>(random());
    // a·b itself, from the model, moved.
    const auto product = static_cast<uint32_t>(design.model(with_zero.data()) << cut);
    const uint32_t move = static_cast<uint32_t>(random() % 61) - 30;
    switch (i % 5) {
      case 0:
        c = (product ^ 0x80000000) + static_cast<uint32_t>(random() % 9) - 4;
        break;
      case 1:
        c = (c & 0x807fffff) | ((product + (move << 23)) & 0x7f800000);
        break;
      case 2:
        c = (product & 0x80000000) ^ (product + (move << 23));
        break;
      case 3:
        c = static_cast<uint32_t>(specials[random() % specials.size()]);
        break;
      default:
        break;
    }
    vectors.push_back({a, b, c >> cut});
  }
  return vectors;
}

/// Built once for the tests of floats.
const TestSimulator& Floats() {
  static const TestSimulator simulator(
      DesignsOf({"exact@bf16", "exact@fp16", "exact@fp32", "exact@e4m3", "exact@e5m2",
                 "exact@bf16+acc=bf16", "exact@e5m2+acc=tf32", "exact@bf16+acc=float(8,1)",
                 "exact@bf16+result=nearest", "exact@e5m2xe4m3"}));
  return simulator;
}
constexpr size_t kFp32Index = 2;

TEST(MacDesign, FloatsEqualTheModel) {
  const TestSimulator& simulator = Floats();
  for (size_t i = 0; i < simulator.designs().size(); ++i) {
    simulator.ExpectModel(i, FloatVectors(simulator.designs()[i], 100'000));
  }
}

/// The sum against the machine's: a product with 1, whose exactness needs no model.
TEST(MacDesign, Fp32SumsAreIeees) {
  const TestSimulator& simulator = Floats();
  std::vector<Vector> vectors = FloatVectors(simulator.designs()[kFp32Index], 150'000);
  for (Vector& vector : vectors) vector[1] = 0x3f800000;
  std::mt19937_64 random(3);
  for (size_t i = 0; i < vectors.size(); i += 2) {
    // Cancellation, and subnormal sums of normal numbers.
    vectors[i][2] = (vectors[i][0] ^ 0x80000000) + random() % 65 - 32;
    if (i % 4 == 0) vectors[i][0] = (random() & 0x807fffff) | (1 + random() % 3) << 23;
    if (i % 4 == 0) vectors[i][2] = (random() & 0x807fffff) | (random() % 4) << 23;
    vectors[i][2] &= 0xffffffff;
  }
  const std::vector<uint64_t> sums = simulator.Run(kFp32Index, vectors);
  size_t compared = 0;
  for (size_t i = 0; i < vectors.size(); ++i) {
    const auto a = std::bit_cast<float>(static_cast<uint32_t>(vectors[i][0]));
    const auto c = std::bit_cast<float>(static_cast<uint32_t>(vectors[i][2]));
    if (std::fpclassify(a) == FP_SUBNORMAL) continue;  // An operand that is read as zero.
    const float sum = c + a;
    const uint32_t expected = std::isnan(sum) ? 0x7fc00000 : std::bit_cast<uint32_t>(sum);
    ASSERT_EQ(sums[i], expected) << std::hex << vectors[i][0] << " + " << vectors[i][2];
    ++compared;
  }
  EXPECT_GT(compared, vectors.size() / 2);
}

/// Every distance between the exponents of the product and of c, with the least and the greatest
/// significands and both signs.
TEST(MacDesign, EveryDistanceOfExponents) {
  const TestSimulator& simulator = Floats();
  std::vector<Vector> vectors;
  for (int exponent = 1; exponent < 255; exponent += 11) {
    for (uint32_t c_exponent = 0; c_exponent < 255; ++c_exponent) {
      for (const uint32_t a : {0u, 1u, 0x7fffffu}) {
        for (const uint32_t c : {0u, 1u, 0x400000u, 0x7fffffu}) {
          for (const uint32_t sign : {0u, 0x80000000u}) {
            vectors.push_back({static_cast<uint32_t>(exponent) << 23 | a, 0x3f800000,
                               sign | c_exponent << 23 | c});
          }
        }
      }
    }
  }
  for (const size_t first : {size_t{0}, kFp32Index}) {
    std::vector<Vector> operands = vectors;
    for (Vector& vector : operands) {
      if (first == 0) vector[0] >>= 16, vector[1] >>= 16;
    }
    simulator.ExpectModel(first, operands);
    const std::vector<uint64_t> sums = simulator.Run(first, operands);
    for (size_t i = 0; i < operands.size(); ++i) {
      const auto a = static_cast<uint32_t>(first == 0 ? operands[i][0] << 16 : operands[i][0]);
      const float sum =
          std::bit_cast<float>(static_cast<uint32_t>(operands[i][2])) + std::bit_cast<float>(a);
      ASSERT_EQ(sums[i], std::bit_cast<uint32_t>(sum)) << i;
    }
  }
}

TEST(MacDesign, ApproximateFamilies) {
  const TestSimulator simulator(
      DesignsOf({"mitchell@bf16", "mbm@bf16", "drum(k=4)@bf16", "mitchell@fp16", "drum(k=6)@fp16",
                 "mitchell@e4m3", "low_drop(p=2,q=2)@bf16"}));
  for (size_t i = 0; i < simulator.designs().size(); ++i) {
    simulator.ExpectModel(i, FloatVectors(simulator.designs()[i], 40'000));
  }
}

TEST(MacDesign, PositsAreRoundedOnce) {
  const TestSimulator simulator(
      DesignsOf({"exact@posit(6,0)", "exact@posit(6,1)", "exact@posit(5,2)", "exact@posit(2,0)",
                 "exact@posit(3,0)", "exact@posit(8,0)", "exact@posit(8,1)", "exact@posit(8,2)",
                 "exact@posit(16,1)", "exact@posit(16,2)", "exact@posit(24,1)"}));
  for (size_t i = 0; i < simulator.designs().size(); ++i) {
    const Design& design = simulator.designs()[i];
    if (design.input_bits() <= 18) {
      const std::vector<Vector> vectors = AllVectors(design);
      simulator.ExpectModel(i, vectors);
      const PositFormat format = *ParseArithmetic(design.spec).posit_format();
      const std::vector<uint64_t> sums = simulator.Run(i, vectors);
      for (size_t k = 0; k < vectors.size(); ++k) {
        double value[3];
        for (int x = 0; x < 3; ++x) value[x] = Decode(format, static_cast<uint32_t>(vectors[k][x]));
        // Exact: six bits, and exponents from -32 to 32.
        ASSERT_EQ(sums[k], RoundToPosit(format, Rounding::kNearestEven,
                                        Unpack(value[2] + value[0] * value[1])));
      }
      continue;
    }
    // Random ones, and a c beside the product's opposite.
    std::vector<Vector> vectors = SomeVectors(design, {}, 100'000);
    const uint64_t mask = (uint64_t{1} << design.output.bits) - 1;
    for (size_t k = 0; k < vectors.size(); k += 2) {
      vectors[k][2] = 0;
      vectors[k][2] = (k % 5 - design.model(vectors[k].data())) & mask;
    }
    simulator.ExpectModel(i, vectors);
  }
}

TEST(MacDesign, Integers) {
  const std::vector<const char*> specs = {"exact@uint4+acc=int6",
                                          "exact@int4+acc=int6",
                                          "exact@int4+acc=int6+acc-overflow=wrap",
                                          "exact@uint4xint5+acc=int8",
                                          "exact@int8",
                                          "exact@uint8",
                                          "exact@int8+acc=int24",
                                          "exact@int16+acc=int64",
                                          "exact@int16+acc=int20",
                                          "exact@int4+sign=twos+acc=int7",
                                          "exact@int4xint5+sign=twos+acc=int8",
                                          "rounded(v=5)@uint5xint5+acc=int8",
                                          "rounded(v=5)@int5+acc=int8",
                                          "rounded(v=9)@uint8xint8"};
  const TestSimulator simulator(DesignsOf(specs));
  for (size_t i = 0; i < specs.size(); ++i) {
    const Design& design = simulator.designs()[i];
    simulator.ExpectModel(
        i, design.input_bits() <= 18 ? AllVectors(design) : SomeVectors(design, {}, 100'000));
  }
  // Independently: int8 in 32 bits that wrap, uint8 in as many.
  for (const size_t i : {size_t{4}, size_t{5}}) {
    const std::vector<Vector> vectors = SomeVectors(simulator.designs()[i], {}, 50'000);
    const std::vector<uint64_t> sums = simulator.Run(i, vectors);
    for (size_t k = 0; k < vectors.size(); ++k) {
      const int64_t a = i == 4 ? static_cast<int8_t>(vectors[k][0]) : int64_t(vectors[k][0]);
      const int64_t b = i == 4 ? static_cast<int8_t>(vectors[k][1]) : int64_t(vectors[k][1]);
      ASSERT_EQ(sums[k], static_cast<uint32_t>(vectors[k][2] + static_cast<uint64_t>(a * b)));
    }
  }
}

TEST(MacDesign, PipelinesGiveTheSameClocksLater) {
  const TestSimulator integers(DesignsOf({"exact@int8", "rounded(v=9)@uint8xint8"}, true));
  for (size_t i = 0; i < integers.designs().size(); ++i) {
    EXPECT_EQ(integers.designs()[i].latency, 2);
    integers.ExpectModel(i, SomeVectors(integers.designs()[i], {}, 40'000));
  }
  const TestSimulator simulator(DesignsOf(
      {"exact@bf16", "exact@fp16", "exact@fp32", "exact@e5m2", "exact@posit(16,1)"}, true));
  for (size_t i = 0; i < simulator.designs().size(); ++i) {
    EXPECT_EQ(simulator.designs()[i].latency, 3);
    simulator.ExpectModel(i, i < 4 ? FloatVectors(simulator.designs()[i], 40'000)
                                   : SomeVectors(simulator.designs()[i], {}, 40'000));
  }
}

/// Of operands of two widths, by magnitude and by encoding; of significands of floats and posits;
/// its product is inexact in its lowest bit, and of encodings in its sign.
TEST(MacDesign, UsersCircuits) {
  const std::string file = testing::TempDir() + "users.v";
  std::ofstream(file) << "module low(input [7:0] x, input [7:0] y, output [15:0] xy);\n"
                         "  assign xy = x * y | 1;\nendmodule\n"
                         "module mixed(output [8:0] out, input [3:0] first, input [4:0] second);\n"
                         "  assign out = first * second ^ 9'd257;\nendmodule\n";
  const std::vector<std::string> mixed = {"#mixed@uint4xuint5+acc=int9",
                                          "#mixed@int4xint5+sign=magnitude+acc=int9",
                                          "#mixed@int4xint5+sign=twos+acc=int9"};
  const std::vector<std::string> low = {"#low@uint8", "#low@int8", "#low@bf16"};
  for (const std::vector<std::string>& specs : {mixed, low}) {
    std::vector<Design> designs;
    for (const std::string& rest : specs) {
      designs.push_back(MacDesign(ParseArithmetic("verilog:" + file + rest), false));
    }
    const TestSimulator simulator(designs);
    for (size_t i = 0; i < designs.size(); ++i) {
      simulator.ExpectModel(i, designs[i].input_bits() <= 18 ? AllVectors(designs[i])
                               : specs[i].ends_with("bf16")  ? FloatVectors(designs[i], 100'000)
                                                            : SomeVectors(designs[i], {}, 100'000));
    }
  }
  EXPECT_THROW(MacDesign(ParseArithmetic("verilog:" + file + "#low@uint4"), false), Error);
  EXPECT_THROW(MacDesign(ParseArithmetic("table:a.npy@uint8"), false), UsageError);
  EXPECT_THROW(MacDesign(ParseArithmetic("c:a.c#f@bf16"), true), UsageError);
}

TEST(MacDesign, RefusesWhatHasNoCircuit) {
  for (const char* spec :
       {"exact@bf16+acc=fp16", "exact@bf16+acc=bf16+chunk=64", "exact@bf16+acc=quire",
        "exact@int8+acc=int16+adder=loa(4)", "exact@posit(8,1)+result=nearest",
        "exact@posit(8,1)xposit(8,2)", "fp32"}) {
    EXPECT_THROW(MacDesign(ParseArithmetic(spec), false), UsageError) << spec;
  }
}

}  // namespace
}  // namespace mulberry
