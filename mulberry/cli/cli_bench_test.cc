// `mulberry bench` from outside. It never asserts on time: only that what was asked for was run.
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "mulberry/cli/cli_test.h"

namespace mulberry {
namespace {

using Json = nlohmann::json;
using CliBenchTest = CliTest;

TEST_F(CliBenchTest, TimesMatrixProductsUnderEachStrategy) {
  const Outcome outcome = Mulberry({"bench", "kulkarni@uint4", "mitchell@bf16", "--size", "48",
                                    "--rounds", "1", "--strategy", "all", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json.at("threads"), 1);
  std::set<std::string> seen;
  for (const Json& m : json.at("measurements")) {
    EXPECT_EQ(m.at("product"), "48×48×48");
    EXPECT_GT(m.at("gmac_per_s"), 0);
    EXPECT_GT(m.at("native_gmac_per_s"), 0);
    EXPECT_GT(m.at("ratio"), 0);
    seen.insert(m.at("arithmetic").get<std::string>() + " " + m.at("strategy").get<std::string>());
  }
  for (const char* expected : {"kulkarni@uint4 integer table", "kulkarni@uint4 direct",
                               "mitchell@bf16 closed form", "mitchell@bf16 gather table"}) {
    EXPECT_TRUE(seen.contains(expected)) << expected;
  }
}

TEST_F(CliBenchTest, RunsOnTheInstructionSetAskedFor) {
  // Every machine has the plainest one, which has no byte permutes.
  const Outcome outcome = Mulberry({"bench", "mbm@bf16", "--size", "32", "--rounds", "1", "--json",
                                    "--instruction-set", "SCALAR"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json.at("instruction_set"), "SCALAR");
  EXPECT_EQ(json.at("measurements").at(0).at("strategy"), "gather table");
  const Outcome unknown = Mulberry({"bench", "--instruction-set", "AVX9"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_TRUE(Has(unknown.err, "'AVX9' is not one that this machine has: ")) << unknown.err;
}

TEST_F(CliBenchTest, TimesConvolutionsForwardAndBothGradients) {
  const Outcome outcome = Mulberry({"bench", "exact@int8", "mitchell@bf16", "--conv", "lenet5",
                                    "--batch", "2", "--rounds", "1"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* pass : {"forward", "input gradient", "weight gradient"}) {
    EXPECT_TRUE(Has(outcome.out, std::string("lenet5 conv1 ") + pass)) << outcome.out;
    EXPECT_TRUE(Has(outcome.out, std::string("lenet5 conv2 ") + pass)) << outcome.out;
  }
}

TEST_F(CliBenchTest, TimesTrainingSteps) {
  const Outcome outcome = Mulberry({"bench", "mitchell@bf16", "--step", "lenet5", "--step",
                                    "resnet20", "--batch", "2", "--rounds", "1", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json measurements = Json::parse(outcome.out).at("measurements");
  ASSERT_EQ(measurements.size(), 2u);
  EXPECT_EQ(measurements[0].at("product"), "lenet5 training step");
  EXPECT_EQ(measurements[1].at("product"), "resnet20 training step");
  const Outcome unsigned_operands = Mulberry({"bench", "exact@uint8", "--step", "lenet5"});
  EXPECT_EQ(unsigned_operands.exit_code, 2);
  EXPECT_TRUE(Has(unsigned_operands.err, "negative values, which exact@uint8 cannot hold"))
      << unsigned_operands.err;
}

TEST_F(CliBenchTest, RefusesWhatCannotBeTimed) {
  const Outcome native = Mulberry({"bench", "fp32"});
  EXPECT_EQ(native.exit_code, 2);
  EXPECT_TRUE(Has(native.err, "fp32 is what the others are measured against")) << native.err;
  const Outcome strategy = Mulberry({"bench", "exact@int8", "--strategy", "gather table"});
  EXPECT_EQ(strategy.exit_code, 2);
  EXPECT_TRUE(Has(strategy.err, "it is for floats")) << strategy.err;
  const Outcome network = Mulberry({"bench", "--conv", "resnet7"});
  EXPECT_EQ(network.exit_code, 2);
  EXPECT_TRUE(Has(network.err, "resnet7")) << network.err;
  const Outcome step = Mulberry({"bench", "--step", "resnet2"});
  EXPECT_EQ(step.exit_code, 2);
  EXPECT_TRUE(Has(step.err, "did you mean \"resnet20\"?")) << step.err;
}

}  // namespace
}  // namespace mulberry
