#include "mulberry/base/append_file.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"

namespace mulberry {
namespace {

TEST(AppendFile, GrowsAndIsCutOff) {
  const TestFolder folder;
  const std::string path = folder.path() / "lines";
  {
    AppendFile file(path);
    file.Append("one\n");
    file.Append("two\nto");
    file.Sync();
  }
  EXPECT_EQ(ReadFile(path), "one\ntwo\nto");
  {
    AppendFile file(path, 8);
    EXPECT_EQ(ReadFile(path), "one\ntwo\n");
    file.Append("three\n");
  }
  EXPECT_EQ(ReadFile(path), "one\ntwo\nthree\n");
}

TEST(AppendFile, OverwritesNothing) {
  const TestFolder folder;
  const std::string path = folder.path() / "lines";
  WriteTestFile(path, "one\n");
  EXPECT_THROW(AppendFile{path}, Error);
  EXPECT_EQ(ReadFile(path), "one\n");
}

TEST(AppendFile, NamesTheFile) {
  const TestFolder folder;
  const std::string path = folder.path() / "none" / "lines";
  const auto names_it = [&](const auto& action) {
    try {
      action();
      FAIL() << "no Error";
    } catch (const Error& e) {
      EXPECT_TRUE(std::string(e.what()).starts_with(path + ": cannot be ")) << e.what();
    }
  };
  names_it([&] { AppendFile{path}; });
  names_it([&] { AppendFile{path, 0}; });
  names_it([&] { ReadFile(path); });
}

}  // namespace
}  // namespace mulberry
