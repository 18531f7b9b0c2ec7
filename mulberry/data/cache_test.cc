// The cache folder, and digests against published ones.
#include "mulberry/data/cache.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"
#include "mulberry/data/sha256.h"
#include "mulberry/data/test_folder.h"

namespace mulberry {
namespace {

TEST(CacheFolder, IsTheFirstOfThreeThatIsSet) {
  const ScopedVariable home("HOME", "/h");
  const ScopedVariable xdg("XDG_CACHE_HOME", "/x");
  const ScopedVariable data("MULBERRY_DATA", "/d");
  EXPECT_EQ(CacheFolder(), "/d");
  const ScopedVariable no_data("MULBERRY_DATA", nullptr);
  EXPECT_EQ(CacheFolder(), "/x/mulberry");
  const ScopedVariable relative("XDG_CACHE_HOME", "x");
  EXPECT_EQ(CacheFolder(), "/h/.cache/mulberry");
  const ScopedVariable empty("XDG_CACHE_HOME", "");
  EXPECT_EQ(CacheFolder(), "/h/.cache/mulberry");
}

TEST(CacheFolder, NamesTheVariablesWhereNoneIsSet) {
  const ScopedVariable home("HOME", nullptr);
  const ScopedVariable xdg("XDG_CACHE_HOME", nullptr);
  const ScopedVariable data("MULBERRY_DATA", nullptr);
  try {
    CacheFolder();
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("set MULBERRY_DATA to a folder"), std::string::npos);
  }
}

// FIPS 180-4's examples, published by NIST, and the digest of no bytes at all.
TEST(Sha256, AgreesWithPublishedDigests) {
  const TestFolder folder;
  const auto path = folder.path() / "f";
  WriteTestFile(path, "");
  EXPECT_EQ(Sha256(path), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  WriteTestFile(path, "abc");
  EXPECT_EQ(Sha256(path), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  WriteTestFile(path, std::string(1000000, 'a'));
  EXPECT_EQ(Sha256(path), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, NamesAFileThatCannotBeRead) {
  try {
    Sha256("/nonexistent/file");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "cannot read /nonexistent/file: No such file or directory");
  }
}

}  // namespace
}  // namespace mulberry
