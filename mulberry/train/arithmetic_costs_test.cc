// Reading costs by arithmetic, and what is said of mistakes.
#include "mulberry/train/arithmetic_costs.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

using Costs = std::map<std::string, double>;

std::string ErrorOf(const std::string& toml) {
  try {
    ParseArithmeticCosts(toml, "costs.toml");
  } catch (const UsageError& e) {
    return e.what();
  }
  return "";
}

TEST(ArithmeticCosts, AreByCanonicalSpecification) {
  const ArithmeticCosts costs = ParseArithmeticCosts(
      "unit = 'pJ'\n[costs]\nfp32 = 1\n'drum( k=4 )@bf16' = 0.25\n"
      "'exact@e4m3 | exact@e5m2xe4m3' = 0\n",
      "costs.toml");
  EXPECT_EQ(costs.unit, "pJ");
  EXPECT_EQ(costs.file, "costs.toml");
  EXPECT_EQ(costs.costs,
            (Costs{{"fp32", 1}, {"drum(k=4)@bf16", 0.25}, {"exact@e4m3 | exact@e5m2xe4m3", 0}}));
}

TEST(ArithmeticCosts, NameTheLineAtFault) {
  EXPECT_EQ(ErrorOf("unit = 'pJ'\ncost = 1\n"),
            "costs.toml:2: unknown key 'cost'; the keys are unit and [costs]");
  EXPECT_EQ(ErrorOf("unit = 'pJ'\n[costs]\nfp32 = -1\n"),
            "costs.toml:3: fp32: a cost must be a number, 0 or more");
  EXPECT_EQ(ErrorOf("unit = 'pJ'\n[costs]\nfp32 = true\n"),
            "costs.toml:3: fp32: a cost must be a number, 0 or more");
  EXPECT_EQ(ErrorOf("unit = 'pJ'\n[costs]\nfp32 = nan\n"),
            "costs.toml:3: fp32: a cost must be a number, 0 or more");
  EXPECT_EQ(ErrorOf("unit = 'pJ'\n[costs]\n' fp32' = 1\nfp32 = 1\n"),
            "costs.toml:4: fp32: is given twice");
  EXPECT_EQ(ErrorOf("[costs]\nfp32 = 1\n"),
            "costs.toml:1: unit: must be a string, such as \"MACs of FP32\"");
  EXPECT_EQ(ErrorOf("unit = 'pJ'\n"),
            "costs.toml:1: [costs]: must have a cost for each arithmetic");
  const std::string wrong = ErrorOf("unit = 'pJ'\n[costs]\n'mitchel@bf16' = 1\n");
  EXPECT_EQ(wrong.rfind("costs.toml:3:\nmitchel@bf16\n^", 0), 0u) << wrong;
  EXPECT_NE(ErrorOf("unit =").find("costs.toml:1:"), std::string::npos);
}

}  // namespace
}  // namespace mulberry
