// `mulberry analyze`, `mulberry table` and the list of multipliers from outside, against published
// figures.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "mulberry/cli/cli_test.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class CliAnalyzeTest : public CliTest {
 protected:
  Json Analyze(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "analyze");
    arguments.push_back("--json");
    const Outcome outcome = Mulberry(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return Json::parse(outcome.out);
  }
};

TEST_F(CliAnalyzeTest, PrintsEveryFigureUnderItsKey) {
  const Json json = Analyze({"low_drop(p=1,q=1)@uint4"});
  // a·b loses 1 where both are odd: a quarter of the pairs.
  EXPECT_EQ(json.at("med"), 0.25);
  EXPECT_EQ(json.at("mse"), 0.25);
  EXPECT_EQ(json.at("nmed"), 0.25 / 225);
  EXPECT_EQ(json.at("wce"), 1);
  EXPECT_EQ(json.at("ep_pct"), 25);
  EXPECT_EQ(json.at("wcre_pct"), 100);
  EXPECT_EQ(json.at("rank"), 1);
  // Relative errors add up to (1 + 1/3 + ... + 1/15)² over the 225 pairs with a product.
  double odd = 0;
  for (int a = 1; a < 16; a += 2) odd += 1.0 / a;
  EXPECT_NEAR(json.at("mred_pct"), 100 * odd * odd / 225, 1e-12);
  EXPECT_NEAR(json.at("bias_pct"), -100 * odd * odd / 225, 1e-12);
  EXPECT_GT(json.at("std_pct"), 0);
  EXPECT_EQ(json.at("conventions").at("zero_products"), "left-out");
  EXPECT_EQ(json.at("exhaustive"), true);
  EXPECT_EQ(json.at("pairs"), 256);
  EXPECT_TRUE(json.at("confidence_95").at("med").is_null());
  EXPECT_EQ(json.at("wce_at").at("a"), 1);
  EXPECT_EQ(json.at("structure").at("factors").at("terms"), 1);
  EXPECT_FALSE(json.at("structure").at("factors").contains("u"));

  const Json with_factors = Analyze({"low_drop(p=1,q=1)@uint4", "--factors"});
  EXPECT_EQ(with_factors.at("structure").at("factors").at("u").at(0).size(), 16u);
}

TEST_F(CliAnalyzeTest, WritesTheErrorsThatErrorModelsDrawFrom) {
  const std::string file = folder_ + "/errors.json";
  const Json figures = Analyze({"drum(k=6)@uint8", "--errors", file});
  std::ifstream stream(file);
  const Json errors = Json::parse(stream);
  EXPECT_EQ(errors.at("source"), "drum(k=6)@uint8");
  EXPECT_NEAR(100 * errors.at("mean").get<double>(), figures.at("bias_pct"), 1e-9);
  EXPECT_NEAR(100 * errors.at("sd").get<double>(), figures.at("std_pct"), 1e-9);
  EXPECT_EQ(errors.at("quantiles").size(), 4096u);
  const Outcome plan = Mulberry({"plan", "noise(file=" + file + ")@fp32", "--explain"});
  EXPECT_EQ(plan.exit_code, 0) << plan.err;
  EXPECT_TRUE(Has(plan.out, "@fp32: error model (statistical)")) << plan.out;
  EXPECT_TRUE(Has(plan.out, "mean 0.571 % and standard deviation 1.59 % for each weight"))
      << plan.out;
  const Outcome several = Mulberry({"analyze", "exact@int8", "mitchell@int8", "--errors", file});
  EXPECT_NE(several.exit_code, 0);
  EXPECT_TRUE(Has(several.err, "--errors writes those of one multiplier, and 2 are given"));
  const Outcome noise = Mulberry({"analyze", "noise(mre=1%)@fp32"});
  EXPECT_NE(noise.exit_code, 0);
  EXPECT_TRUE(Has(noise.err, "noise says what errors products have, not what they are"));
}

TEST_F(CliAnalyzeTest, AgreesWithPublishedFigures) {
  // Mitchell's peak of 11.11 %; DRUM(6) of 16 bits, mean 1.47 % and peak 6.31 % (ICCAD 2015).
  const Json json = Analyze({"mitchell@uint8", "drum(k=6)@uint16", "--samples", "1000000"});
  ASSERT_EQ(json.size(), 2u);
  EXPECT_NEAR(json.at(0).at("wcre_pct"), 11.11, 0.005);
  const Json& drum = json.at(1);
  EXPECT_EQ(drum.at("exhaustive"), false);
  EXPECT_NEAR(drum.at("mred_pct"), 1.47, 0.005);
  EXPECT_LE(drum.at("confidence_95").at("mred_pct").at(0), drum.at("mred_pct"));
  EXPECT_TRUE(drum.at("rank").is_null());
}

TEST_F(CliAnalyzeTest, ConventionsChangeTheFigures) {
  const Json json = Analyze({"low_drop(p=1,q=1)@uint4", "--zero-products", "exact", "--scale",
                             "range", "--nmed-divisor", "range"});
  EXPECT_EQ(json.at("med"), 100 * 0.25 / 256);
  EXPECT_EQ(json.at("nmed"), 0.25 / 256);
  double odd = 0;
  for (int a = 1; a < 16; a += 2) odd += 1.0 / a;
  EXPECT_NEAR(json.at("mred_pct"), 100 * odd * odd / 256, 1e-12);
  EXPECT_EQ(json.at("conventions").at("scale"), "range");
}

TEST_F(CliAnalyzeTest, TakesDistributions) {
  const std::string file = folder_ + "/ones.json";
  WriteTestFile(file, R"({"mulberry_histogram": 1, "source": "all ones", "operands": "unsigned",
                          "a_bits": 4, "b_bits": 4,
                          "a": [0,5,0,0,0,0,0,0,0,0,0,0,0,0,0,0],
                          "b": [0,7,0,0,0,0,0,0,0,0,0,0,0,0,0,0]})");
  const Json json = Analyze({"low_drop(p=1,q=1)@uint4", "--operands", file});
  EXPECT_EQ(json.at("mred_pct"), 100);
  EXPECT_EQ(json.at("operands").at("distribution"), "measured");
  const Json first = Analyze({"low_drop(p=1,q=1)@uint4", "--a", file});
  EXPECT_EQ(first.at("med"), 0.5);  // b is odd in half of the pairs.
  const Json normal = Analyze({"low_drop(p=1,q=1)@uint4", "--operands", "normal:0,0.01"});
  EXPECT_EQ(normal.at("med"), 0);
  EXPECT_TRUE(normal.at("mred_pct").is_null() || normal.at("mred_pct") == 0);
}

TEST_F(CliAnalyzeTest, PrintsATableAndDraws) {
  const Outcome outcome = Mulberry({"analyze", "mitchell@uint8", "exact@bf16"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* part :
       {"MRED, %", "\nmitchell@uint8 ", "\nexact@bf16 ", "192 · 192 = 32768, not",
        "operands: uniform; relative errors are of pairs"}) {
    EXPECT_TRUE(Has(outcome.out, part)) << outcome.out;
  }
  const std::string plot = folder_ + "/plot.svg";
  EXPECT_EQ(Mulberry({"analyze", "mitchell@uint6", "--plot", plot}).exit_code, 0);
  EXPECT_TRUE(Has(ReadTestFile(plot), "<svg")) << plot;
}

TEST_F(CliAnalyzeTest, RefusesWhatItCannotDo) {
  const auto expect = [&](const std::vector<std::string>& arguments, int code,
                          const std::string& error) {
    const Outcome outcome = Mulberry(arguments);
    EXPECT_EQ(outcome.exit_code, code) << error;
    EXPECT_EQ(outcome.out, "") << error;
    EXPECT_TRUE(Has(outcome.err, error)) << outcome.err;
  };
  expect({"analyze"}, 2, "SPEC is required");
  expect({"analyze", "fp32"}, 1, "fp32 is LibTorch's own arithmetic");
  expect({"analyze", "mitchell@uint8", "--scale", "rel"}, 2, "must be one of: absolute|range");
  expect({"analyze", "mitchell@uint8", "--operands", "normal:1"}, 2,
         "is not normal:MEAN,DEVIATION");
  expect({"analyze", "mitchell@uint8", "--operands", "gauss"}, 2, "neither uniform, normal:");
  expect({"analyze", "mitchell@uint8", "--operands", "none.json"}, 1, "none.json");
  expect({"analyze", "mitchell@uint8", "exact@uint8", "--plot", "x.png"}, 2,
         "--plot draws one multiplier, and 2 are given");
  expect({"analyze", "mitchell@uint8", "--plot", folder_ + "/x.pdf"}, 2, "x.pdf");
  expect({"table", "mitchell@uint8"}, 2, "--out is required");
  expect({"table", "mitchell@uint8", "-o", "x.doc"}, 2, "x.doc: its name ends in neither");
  expect({"table", "mitchell@uint8", "-o", "x.npy", "--as", "numpy"}, 2, "must be one of: approx");
  expect({"table", "mitchell@uint8", "-o", "x.bin", "--as", "approxtrain"}, 2,
         "approxtrain holds products of mantissas, and mitchell@uint8 multiplies integers");
  expect({"table", "mitchell@bf16", "-o", "x.npy"}, 2, "multiplies floats; --as approxtrain");
  expect({"table", "mitchell@uint16", "-o", "x.npy"}, 1, "more than the limit of 2^24");
  expect({"table", "exact@posit(9,1)", "--encoded", "-o", folder_ + "/x_7.bin"}, 2,
         "posit(9,1) has 9 bits: an encoded table is of formats of at most 8");
  expect({"table", "exact@posit(8,1)", "--encoded", "--as", "npy", "-o", "x.bin"}, 2, "--as: ");
  expect({"table", "exact@posit(8,1)", "--op", "add", "-o", "x.bin"}, 2, "--op: only --encoded");
  expect({"table", "mitchell@posit(8,1)", "--encoded", "--op", "add", "-o", "x.bin"}, 2,
         "ask for them as exact@posit(8,1)");
  expect({"table", "exact@bf16", "-o", folder_ + "/x_7.bin"}, 1, "");
  EXPECT_FALSE(fs::exists(folder_ + "/x_7.bin"));
}

TEST_F(CliAnalyzeTest, EncodedTablesHaveAByteForEachPairOfEncodings) {
  const auto table = [&](std::vector<std::string> arguments) {
    const std::string file = folder_ + "/encoded.bin";
    arguments.insert(arguments.begin(), "table");
    arguments.insert(arguments.end(), {"--encoded", "-o", file});
    const Outcome written = Mulberry(arguments);
    EXPECT_EQ(written.exit_code, 0) << written.err;
    std::ifstream stream(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  // Of posit(8,1): 1.5 is 0x48, 3 is 0x58, 2.25 is 0x52, 4.5 is 0x61, and NaR is 0x80.
  const std::string products = table({"exact@posit(8,1)"});
  ASSERT_EQ(products.size(), 65536u);
  EXPECT_EQ(static_cast<uint8_t>(products[0x48 << 8 | 0x48]), 0x52);
  EXPECT_EQ(static_cast<uint8_t>(products[0x48 << 8 | 0x58]), 0x61);
  EXPECT_EQ(static_cast<uint8_t>(products[0x80 << 8]), 0x80);
  const std::string sums = table({"exact@posit(8,1)", "--op", "add"});
  EXPECT_EQ(static_cast<uint8_t>(sums[0x48 << 8 | 0x48]), 0x58);
  EXPECT_EQ(static_cast<uint8_t>(sums[0x48 << 8 | 0xb8]), 0x00);
  EXPECT_EQ(table({"mitchell@float(2,2)"}).size(), 1024u);
}

// What is written is a multiplier of the same products, and written again the same bytes.
TEST_F(CliAnalyzeTest, TablesAreReadAndWrittenAgainAsTheSameBytes) {
  const ScopedVariable cache("MULBERRY_CACHE", (folder_ + "/cache").c_str());
  for (const auto& [spec, format, as, name] :
       {std::array<std::string, 4>{"mbm@bf16", "bf16", "approxtrain", "mbm_7.bin"},
        {"mitchell@int8", "int8", "tfapprox", "t.bin"},
        {"etm@int8+sign=magnitude", "int8", "approxtorch", "t.txt"},
        {"drum(k=4)@uint8", "uint8", "npy", "t.npy"},
        {"bam(v=5,h=2)@uint6", "uint6", "csv", "t.csv"},
        {"mitchell@uint8xuint4", "uint8xuint4", "npy", "t84.npy"},
        {"low_drop(p=3,q=2)@uint8xint4", "uint8xint4", "csv", "t84.csv"},
        {"mitchell@int6xuint8", "int6xuint8", "tfapprox", "t68.bin"},
        {"c:" MULBERRY_SOURCE "/tests/circuits/multipliers.c#mul8sx4u_drop@int8xuint4",
         "int8xuint4", "approxtorch", "t84.txt"}}) {
    const std::string file = folder_ + "/" + name, again = folder_ + "/again_" + name;
    const Outcome written = Mulberry({"table", spec, "-o", file, "--as", as, "--json"});
    ASSERT_EQ(written.exit_code, 0) << written.err;
    EXPECT_EQ(Json::parse(written.out).at("as"), as);
    const std::string table = "table:" + file + "@" + format;
    ASSERT_EQ(Mulberry({"table", table, "-o", again}).exit_code, 0);
    EXPECT_EQ(ReadTestFile(file), ReadTestFile(again)) << spec;
    Json original = Analyze({spec}), read = Analyze({table});
    for (Json* json : {&original, &read}) json->erase("arithmetic");
    EXPECT_EQ(original, read) << spec;
  }
}

TEST_F(CliAnalyzeTest, MeasuresOperandsOfTwoFormats) {
  // a·b loses 1 where both are odd, b = -1 among them.
  const std::string file = folder_ + "/t.npy";
  const Outcome written = Mulberry({"table", "low_drop(p=1,q=1)@uint8xuint4", "-o", file});
  ASSERT_EQ(written.exit_code, 0) << written.err;
  EXPECT_TRUE(Has(written.out, "4096 products of low_drop(p=1,q=1)@uint8xuint4")) << written.out;
  const Json read = Analyze({"table:" + file + "@uint8xuint4"});
  EXPECT_EQ(read.at("med"), 0.25);
  EXPECT_EQ(read.at("nmed"), 0.25 / (255 * 15));
  EXPECT_EQ(read.at("pairs"), 4096);
  EXPECT_EQ(read.at("rank"), 1);
  EXPECT_EQ(read.at("operands").at("set"), "unsigned");
  EXPECT_EQ(read.at("operands").at("a_bits"), 8);
  EXPECT_EQ(read.at("operands").at("b_bits"), 4);
  EXPECT_EQ(read.at("structure").at("factors").at("terms"), 1);

  const std::string ones = folder_ + "/ones.json";
  WriteTestFile(ones, R"({"mulberry_histogram": 1, "source": "", "operands": "unsigned x signed",
                          "a_bits": 4, "b_bits": 2,
                          "a": [0,5,0,0,0,0,0,0,0,0,0,0,0,0,0,0], "b": [0,7,0,0]})");
  const Outcome refused = Mulberry({"analyze", "exact@uint8xint4", "--operands", ones});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_TRUE(Has(refused.err, "has unsigned x signed operands of 8 and 4 bits")) << refused.err;

  const std::string ours = folder_ + "/ours.json";
  WriteTestFile(ours, R"({"mulberry_histogram": 1, "source": "", "operands": "unsigned x signed",
                          "a_bits": 4, "b_bits": 4,
                          "a": [0,5,0,0,0,0,0,0,0,0,0,0,0,0,0,0],
                          "b": [0,0,0,0,0,0,0,7,0,0,0,0,0,0,0,0]})");
  const Json mixed = Analyze({"low_drop(p=1,q=1)@uint4xint4", "--operands", ours});
  EXPECT_EQ(mixed.at("operands").at("set"), "unsigned x signed");
  EXPECT_EQ(mixed.at("wce_at").at("a"), 1);  // And b = -1, whose product loses all.
  EXPECT_EQ(mixed.at("wce_at").at("b"), -1);
  EXPECT_EQ(mixed.at("mred_pct"), 100);
}

TEST_F(CliAnalyzeTest, TheListShowsWidthsAndErrors) {
  const Outcome outcome = Mulberry({"list", "multipliers", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json list = Json::parse(outcome.out).at("multipliers");
  ASSERT_EQ(list.size(), 23u);  // 18 families, 2 error models and 3 kinds of files.
  for (const Json& family : list) {
    if (!family.contains("bits")) continue;
    EXPECT_EQ(family.at("bits").at(1), 24) << family;
    if (family.at("name") == "mitchell") {
      EXPECT_EQ(family.at("mred_pct_at_8_bits").at("of"), "mitchell@uint8");
      EXPECT_NEAR(family.at("mred_pct_at_8_bits").at("mred_pct"), 3.79, 0.005);
    }
    if (family.at("name") == "essm") {
      EXPECT_EQ(family.at("bits").at(0), 4);
    }
  }
}

}  // namespace
}  // namespace mulberry
