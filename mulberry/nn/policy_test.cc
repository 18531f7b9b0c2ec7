#include "mulberry/nn/policy.h"

#include <gtest/gtest.h>

#include <string>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

Arithmetic Spec(const char* text) {
  return ParseArithmetic(text);
}

bool Glob(const char* pattern, const char* name) {
  return Matches(Rule{pattern, {}, {}}, name, Pass::kForward);
}

TEST(PolicyTest, GlobsMatchWholeNames) {
  EXPECT_TRUE(Glob("conv1", "conv1"));
  EXPECT_FALSE(Glob("conv1", "conv10"));
  EXPECT_FALSE(Glob("conv1", "features.conv1"));
  EXPECT_FALSE(Glob("conv1", ""));
}

TEST(PolicyTest, StarMatchesAnyText) {
  EXPECT_TRUE(Glob("*", ""));
  EXPECT_TRUE(Glob("*", "layer1.0.conv2"));
  EXPECT_TRUE(Glob("conv*", "conv"));
  EXPECT_TRUE(Glob("conv*", "conv12"));
  EXPECT_TRUE(Glob("*.conv?", "layer1.0.conv2"));
  EXPECT_TRUE(Glob("layer*.*.conv*", "layer1.0.conv2"));
  EXPECT_TRUE(Glob("**a**b**", "xaxxb"));
  EXPECT_FALSE(Glob("**a**b**", "xbxxa"));
  EXPECT_FALSE(Glob("*fc", "fc1"));
}

TEST(PolicyTest, QuestionMarkMatchesOneCharacter) {
  EXPECT_TRUE(Glob("fc?", "fc1"));
  EXPECT_FALSE(Glob("fc?", "fc"));
  EXPECT_FALSE(Glob("fc?", "fc12"));
}

TEST(PolicyTest, LastMatchingRuleWins) {
  const Policy policy{{{"*", {}, Spec("mitchell@bf16")},
                       {"conv*", {Pass::kForward}, Spec("exact@bf16")},
                       {"conv1", {}, Spec("fp32")},
                       {"conv*", {Pass::kWeightGradient}, Spec("mbm@bf16")}}};
  EXPECT_EQ(*policy.Find("fc", Pass::kForward), Spec("mitchell@bf16"));
  EXPECT_EQ(*policy.Find("conv2", Pass::kForward), Spec("exact@bf16"));
  EXPECT_EQ(*policy.Find("conv2", Pass::kInputGradient), Spec("mitchell@bf16"));
  EXPECT_EQ(*policy.Find("conv1", Pass::kForward), Spec("fp32"));
  EXPECT_EQ(*policy.Find("conv1", Pass::kWeightGradient), Spec("mbm@bf16"));
}

TEST(PolicyTest, NoRuleIsNull) {
  EXPECT_EQ(Policy{}.Find("conv1", Pass::kForward), nullptr);
  const Policy policy{{{"conv*", {Pass::kForward}, Spec("mitchell@bf16")}}};
  EXPECT_EQ(policy.Find("fc1", Pass::kForward), nullptr);
  EXPECT_EQ(policy.Find("conv1", Pass::kInputGradient), nullptr);
}

TEST(PolicyTest, UniformCoversAllLayersAndPasses) {
  const Policy policy = Policy::Uniform(Spec("mitchell@bf16"));
  for (Pass pass : kAllPasses) EXPECT_EQ(*policy.Find("any", pass), Spec("mitchell@bf16"));
}

TEST(RuleTest, ReadsLayersPassesAndArithmetic) {
  const Rule rule = ParseRule("conv*:forward,weight_gradient=mitchell@bf16");
  EXPECT_EQ(rule.layers, "conv*");
  EXPECT_EQ(rule.passes, (std::vector<Pass>{Pass::kForward, Pass::kWeightGradient}));
  EXPECT_EQ(rule.arithmetic, Spec("mitchell@bf16"));
}

// The specification has "=" of its own.
TEST(RuleTest, FirstEqualsSignEndsTheLayers) {
  const Rule rule = ParseRule("fc?=drum(k=6)@bf16+round=zero");
  EXPECT_EQ(rule.layers, "fc?");
  EXPECT_TRUE(rule.passes.empty());
  EXPECT_EQ(rule.arithmetic, Spec("drum(k=6)@bf16+round=zero"));
}

TEST(RuleTest, BlanksAroundPartsAreIgnored) {
  EXPECT_EQ(Print(ParseRule("  conv* : forward , input_gradient = mitchell@bf16 ")),
            "conv*:forward,input_gradient=mitchell@bf16");
}

TEST(RuleTest, PrintIsTheInverseOfParse) {
  for (const char* text :
       {"*=fp32", "conv1:forward=mitchell@bf16", "*.fc?:input_gradient,weight_gradient=mbm@bf16",
        "l:forward,input_gradient,weight_gradient=drum(k=6)@bf16"}) {
    EXPECT_EQ(Print(ParseRule(text)), text);
  }
}

void ExpectRefused(const std::string& rule, const std::string& part) {
  try {
    ParseRule(rule);
    FAIL() << rule << " was accepted";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

TEST(RuleTest, BadRulesSayWhatIsWrong) {
  ExpectRefused("mitchell@bf16", "has no \"=\"");
  ExpectRefused("=mitchell@bf16", "names no layers");
  ExpectRefused(":forward=mitchell@bf16", "names no layers");
  ExpectRefused("conv1:backward=mitchell@bf16", "unknown pass \"backward\"");
  ExpectRefused("conv1:forward,=mitchell@bf16", "unknown pass \"\"");
  ExpectRefused("conv1=mitchel@bf16", "mitchel");
}

TEST(NetworkArithmetic, IsOneForForwardAndOneForGradients) {
  const NetworkArithmetic fp8 = ParseNetworkArithmetic("exact@e4m3 | exact@e5m2 x e4m3");
  EXPECT_EQ(Print(fp8), "exact@e4m3 | exact@e5m2xe4m3");
  const Policy policy = Policy::Uniform(fp8);
  EXPECT_EQ(Print(*policy.Find("any", Pass::kForward)), "exact@e4m3");
  EXPECT_EQ(Print(*policy.Find("any", Pass::kInputGradient)), "exact@e5m2xe4m3");
  EXPECT_EQ(Print(*policy.Find("any", Pass::kWeightGradient)), "exact@e5m2xe4m3");
  EXPECT_EQ(Print(ParseNetworkArithmetic("exact@bf16 | exact@bf16")), "exact@bf16");
  EXPECT_TRUE(Policy::Uniform(ParseNetworkArithmetic("fp32")).native());
  EXPECT_FALSE(Policy::Uniform(ParseNetworkArithmetic("fp32 | exact@bf16")).native());
  EXPECT_THROW(ParseNetworkArithmetic("exact@bf16 | "), SpecError);
  EXPECT_THROW(ParseNetworkArithmetic("exact@bf16 | fp16"), SpecError);
}

}  // namespace
}  // namespace mulberry
