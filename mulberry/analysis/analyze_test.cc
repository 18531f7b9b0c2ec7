#include "mulberry/analysis/analyze.h"

#include <gtest/gtest.h>

#include "mulberry/analysis/test_models.h"

namespace mulberry {
namespace {

TEST(Analyze, MetricsAndStructure) {
  ErrorOptions options;
  options.conventions.zero_products = ZeroProducts::kCountedAsExact;
  options.distribution.a = Normal{100, 20};
  const ErrorReport report = Analyze(Library("low_drop", {2, 3}, 8), options);
  EXPECT_EQ(report.metrics.conventions, options.conventions);
  EXPECT_EQ(report.metrics.distribution, "a normal(mean 100, deviation 20), b uniform");
  EXPECT_EQ(report.metrics.wce.value, 3 * 7);
  ASSERT_TRUE(report.structure);
  EXPECT_EQ(report.structure->rank, 1);
}

TEST(Analyze, NoStructureOfWideOperands) {
  ErrorOptions options;
  options.samples = 1000;
  const ErrorReport report = Analyze(Library("mitchell", {}, 16), options);
  EXPECT_FALSE(report.metrics.exhaustive);
  EXPECT_FALSE(report.structure);
}

// A posit's significands are a float's; but the error of a product that is rounded into a posit
// depends on its exponent.
TEST(Analyze, PositsBeforeTheirProductsAreRounded) {
  const auto subject = [](const char* spec) { return SubjectOf(ParseArithmetic(spec)); };
  const double mred_pct = MeasureErrors(subject("mitchell@posit(12,1)"), {}).mred_pct.value;
  EXPECT_EQ(mred_pct, MeasureErrors(subject("mitchell@float(5,8)"), {}).mred_pct.value);
  EXPECT_THROW(subject("mitchell@posit(12,1)+result=nearest"), UsageError);
}

}  // namespace
}  // namespace mulberry
