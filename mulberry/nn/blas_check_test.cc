// The libraries are made by the build: they have the symbols by which a BLAS is known.
#include "mulberry/nn/blas_check.h"

#include <gtest/gtest.h>

namespace mulberry {
namespace {

TEST(BlasCheckTest, ReferenceBlasIsFound) {
  const auto warning = SlowBlasWarning(std::string(MULBERRY_REFERENCE_BLAS));
  ASSERT_TRUE(warning);
  EXPECT_NE(warning->find(MULBERRY_REFERENCE_BLAS), std::string::npos);
  EXPECT_NE(warning->find("libopenblas0-pthread"), std::string::npos);
}

TEST(BlasCheckTest, OtherLibrariesGiveNoWarning) {
  EXPECT_FALSE(SlowBlasWarning(std::string(MULBERRY_OTHER_BLAS)));
  EXPECT_FALSE(SlowBlasWarning(std::string("there/is/no/such/library.so")));
}

// The set-up makes sure of OpenBLAS.
TEST(BlasCheckTest, ThisProcessHasAnOptimisedBlas) {
  EXPECT_EQ(SlowBlasWarning().value_or(""), "");
}

}  // namespace
}  // namespace mulberry
