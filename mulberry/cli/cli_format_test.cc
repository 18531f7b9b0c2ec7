// `mulberry format` from outside: its tables, lists and JSON, the picture, and what it refuses.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "mulberry/cli/cli_test.h"

namespace mulberry {
namespace {

using Json = nlohmann::json;

TEST_F(CliTest, ShowsARowForEachFormat) {
  const Outcome outcome = Mulberry({"format", "e4m3", "posit(8,1)", "fixed(3,4)", "uint8", "bf16"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  for (const char* row :
       {"\ne4m3           8         -448         448      2^-9", "\nposit(8,1)     8", "\nuint8 ",
        "\nfixed(3,4)", "\nbf16 ", "OCP OFP8 1.0, 2023"}) {
    EXPECT_TRUE(Has(outcome.out, row)) << outcome.out;
  }
  EXPECT_FALSE(Has(outcome.out, "in units of")) << outcome.out;
  const Outcome block = Mulberry({"format", "mxfp4"});
  EXPECT_TRUE(Has(block.out, "in units of its block's scale")) << block.out;
  EXPECT_TRUE(Has(block.out, "\nmxfp4   4.25")) << block.out;
  const Outcome dynamic = Mulberry({"format", "dfx(8)"});
  EXPECT_TRUE(Has(dynamic.out, "in units of its tensor's eps")) << dynamic.out;
}

TEST_F(CliTest, ListsTheValuesOfAFormat) {
  const Outcome outcome = Mulberry({"format", "e4m3", "mxfp4", "--values"});
  EXPECT_EQ(outcome.exit_code, 0);
  for (const char* row : {"\n0x38  0 0111 000             1\n",
                          "\n0x7f  0 1111 111           NaN\n", "\n0x7    0 11 1      6\n"}) {
    EXPECT_TRUE(Has(outcome.out, row)) << outcome.out;
  }
}

TEST_F(CliTest, PrintsFormatsAsJson) {
  const Json one = Json::parse(
      Mulberry({"format", "e5m2", "--values", "--json", "--from", "-2", "--to", "18"}).out);
  EXPECT_EQ(one.at("largest"), 57344);
  EXPECT_EQ(one.at("gap_at_one"), 0.25);
  EXPECT_EQ(one.at("values"), 247);
  EXPECT_EQ(one.at("encodings").size(), 256u);
  EXPECT_EQ(one.at("encodings").at(0x7c).at("value"), "infinity");
  EXPECT_EQ(one.at("encodings").at(0x3c).at("value"), 1);
  const Json& errors = one.at("relative_error");
  ASSERT_EQ(errors.size(), 20u);
  EXPECT_EQ(errors.at(0).at("exponent"), -2);
  EXPECT_DOUBLE_EQ(errors.at(0).at("largest"), 0.125 / 1.125);
  EXPECT_TRUE(errors.at(19).at("largest").is_null());
  const Json two = Json::parse(Mulberry({"format", "int8", "mxint8", "--json"}).out);
  ASSERT_EQ(two.size(), 2u);
  EXPECT_TRUE(two.at(0).at("smallest_normal").is_null());
  EXPECT_EQ(two.at(1).at("block"), 32);
}

TEST_F(CliTest, DrawsFormats) {
  const std::string file = folder_ + "/formats.svg";
  const Outcome outcome = Mulberry({"format", "bf16", "mxfp4", "--plot", file});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST_F(CliTest, RefusesFormatsThatDoNotExist) {
  const auto expect = [&](const std::vector<std::string>& arguments, const std::string& error) {
    const Outcome outcome = Mulberry(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << error;
    EXPECT_EQ(outcome.out, "") << error;
    EXPECT_TRUE(Has(outcome.err, error)) << outcome.err;
  };
  expect({"format", "bf61"},
         "mulberry format:\nbf61\n^~~~\nunknown format \"bf61\"; did you mean \"bf16\"?");
  expect({"format"}, "mulberry format: FORMAT is required");
  expect({"format", "posit(32,2)"}, "posit(32,2) has 27 fraction bits");
  expect({"format", "bf16", "--values"}, "bf16 has encodings of 16 bits");
  expect({"format", "bf16", "--plot", "x.pdf"}, "x.pdf: a plot is a .png or an .svg file\n");
  expect({"format", "bf16", "--json", "--to", "200"}, "exponents go upwards, from -126 to 127\n");
  expect({"format", "bf16", "--polt", "x.png"}, "did you mean '--plot'?\n");
}

}  // namespace
}  // namespace mulberry
