#include "mulberry/analysis/pareto_plot.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"

namespace mulberry {
namespace {

class WriteParetoPlotTest : public testing::Test {
 protected:
  std::string Draw(const std::vector<ParetoPlotPoint>& points) const {
    WriteParetoPlot(points, "cost of a MAC: MACs of FP32", path_);
    return ReadTestFile(path_);
  }

  const TestFolder folder_;
  const std::string path_ = folder_.path() / "front.svg";
};

TEST_F(WriteParetoPlotTest, NamesEveryPointAndItsAxes) {
  const std::string svg = Draw({{"lenet5", "fp32", 1, 99, 0.1, true},
                                {"lenet5", "exact@e4m3 | exact@e5m2xe4m3", 0.2, 98, {}, true},
                                {"lenet300", "mbm@bf16", 0.3, 97, {}, false}});
  for (const char* text : {"lenet5", "lenet300", "exact@e4m3 | exact@e5m2xe4m3", "mbm@bf16",
                           "cost of a MAC: MACs of FP32", "test accuracy, %"}) {
    EXPECT_NE(svg.find(text), std::string::npos) << text;
  }
}

TEST_F(WriteParetoPlotTest, Refusals) {
  EXPECT_THROW(Draw({}), UsageError);
  EXPECT_THROW(WriteParetoPlot({{"lenet5", "fp32", 1, 99, 0.1, true}}, "", "x.jpg"), UsageError);
}

}  // namespace
}  // namespace mulberry
