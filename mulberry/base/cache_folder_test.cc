// The cache folder.
#include "mulberry/base/cache_folder.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"

namespace mulberry {
namespace {

TEST(CacheFolder, IsTheFirstOfThreeThatIsSet) {
  const ScopedVariable home("HOME", "/h");
  const ScopedVariable xdg("XDG_CACHE_HOME", "/x");
  const ScopedVariable data("MULBERRY_DATA", "/d");
  EXPECT_EQ(CacheFolder("MULBERRY_DATA"), "/d");
  const ScopedVariable no_data("MULBERRY_DATA", nullptr);
  EXPECT_EQ(CacheFolder("MULBERRY_DATA"), "/x/mulberry");
  const ScopedVariable relative("XDG_CACHE_HOME", "x");
  EXPECT_EQ(CacheFolder("MULBERRY_DATA"), "/h/.cache/mulberry");
  const ScopedVariable empty("XDG_CACHE_HOME", "");
  EXPECT_EQ(CacheFolder("MULBERRY_DATA"), "/h/.cache/mulberry");
}

TEST(CacheFolder, NamesTheVariablesWhereNoneIsSet) {
  const ScopedVariable home("HOME", nullptr);
  const ScopedVariable xdg("XDG_CACHE_HOME", nullptr);
  const ScopedVariable data("MULBERRY_DATA", nullptr);
  try {
    CacheFolder("MULBERRY_DATA");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what())
                  .find("none of MULBERRY_DATA, XDG_CACHE_HOME and HOME is set in the environment; "
                        "set MULBERRY_DATA to"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace mulberry
