// Which names are suggested for which typing errors, and when none is.
#include "mulberry/base/suggest.h"

#include <gtest/gtest.h>

#include <string>

namespace mulberry {
namespace {

const std::vector<std::string_view> kNames = {"exact", "mitchell", "mbm", "drum", "table"};

TEST(Nearest, FindsEachKindOfSlip) {
  EXPECT_EQ(Nearest("mitchel", kNames), "mitchell");    // a letter left out
  EXPECT_EQ(Nearest("mitchelll", kNames), "mitchell");  // one too many
  EXPECT_EQ(Nearest("mitchall", kNames), "mitchell");   // a wrong one
  EXPECT_EQ(Nearest("mithcell", kNames), "mitchell");   // two exchanged
  EXPECT_EQ(Nearest("mtichlel", kNames), "mitchell");   // two slips in a longer word
  EXPECT_EQ(Nearest("Mitchell", kNames), "mitchell");   // case
  EXPECT_EQ(Nearest("DRUM", kNames), "drum");
  EXPECT_EQ(Nearest("exact", kNames), "exact");
}

TEST(Nearest, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(Nearest("wallace", kNames), "");
  EXPECT_EQ(Nearest("rd", kNames), "");
  EXPECT_EQ(Nearest("", kNames), "");
  EXPECT_EQ(Nearest("mitchell", {}), "");
  EXPECT_EQ(Nearest("x", {"y"}), "");  // One edit, but nothing in common.
}

TEST(Nearest, TakesTheFirstOfEquals) {
  EXPECT_EQ(Nearest("bf17", {"bf16", "bf18"}), "bf16");
  EXPECT_EQ(Nearest("fp15", {"bf16", "fp16"}), "fp16");
}

TEST(Nearest, IsBoundedForLongInput) {
  EXPECT_EQ(Nearest(std::string(1'000'000, 'm'), kNames), "");
}

}  // namespace
}  // namespace mulberry
