#include "mulberry/nn/report.h"

#include <gtest/gtest.h>

namespace mulberry {
namespace {

RunReport Sample() {
  RunReport report;
  report.lines.push_back(
      {"conv1", "conv2d", Pass::kForward, "mitchell@bf16", "closed form", "", 938, 110323200});
  report.lines.push_back(
      {"fc1", "linear", Pass::kWeightGradient, "fp32", "", "the policy says fp32", 1, 48000});
  report.lines.push_back(
      {"matmul", "matmul", Pass::kInputGradient, "mbm@bf16", "register table", "", 2, 800});
  return report;
}

TEST(RunReportTest, TotalsSeparateSimulatedFromNative) {
  EXPECT_EQ(Sample().approximate_macs(), 110324000);
  EXPECT_EQ(Sample().native_macs(), 48000);
  EXPECT_EQ(RunReport{}.approximate_macs(), 0);
  EXPECT_EQ(RunReport{}.native_macs(), 0);
}

TEST(RunReportTest, TableIsAligned) {
  EXPECT_EQ(
      FormatTable(Sample()),
      "layer        op      pass             arithmetic     plan            calls         MACs\n"
      "conv1        conv2d  forward          mitchell@bf16  closed form       938  110,323,200\n"
      "fc1          linear  weight_gradient  fp32           native              1       48,000"
      "  the policy says fp32\n"
      "matmul       matmul  input_gradient   mbm@bf16       register table      2          800\n"
      "approximate                                                                 110,324,000\n"
      "native                                                                           48,000\n");
}

}  // namespace
}  // namespace mulberry
