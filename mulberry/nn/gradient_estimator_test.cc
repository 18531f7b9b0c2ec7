#include "mulberry/nn/gradient_estimator.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

TEST(GradientEstimator, IsReadAndPrinted) {
  for (const char* text :
       {"straight-through", "slopes", "slopes(window=0)", "differences", "differences(window=2)",
        "differences(tolerance=0.5%)", "differences(window=8,tolerance=5%)"}) {
    EXPECT_EQ(Print(ParseGradientEstimator(text)), text);
  }
  EXPECT_EQ(Print(ParseGradientEstimator("differences(tolerance=1%, window=4)")), "differences");
}

TEST(GradientEstimator, SaysWhatIsWrong) {
  for (const char* text :
       {"", "slope", "straight-through(window=1)", "slopes(window=-1)", "slopes(window=)",
        "slopes(window)", "slopes()", "slopes(tolerance=1%)", "differences(tolerance=1)",
        "differences(tolerance=0%)", "differences(tolerance=101%)", "differences(window=1"}) {
    EXPECT_THROW(ParseGradientEstimator(text), UsageError) << text;
  }
}

}  // namespace
}  // namespace mulberry
