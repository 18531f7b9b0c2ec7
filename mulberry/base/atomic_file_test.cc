// Whole files: created, replaced, and left alone when the write fails.
#include "mulberry/base/atomic_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

class ReplaceFileTest : public testing::Test {
 protected:
  ReplaceFileTest() { fs::create_directory(folder_); }
  ~ReplaceFileTest() override { fs::remove_all(folder_); }

  std::string Content(const fs::path& path) const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  size_t Files() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }

  const fs::path folder_ =
      fs::temp_directory_path() / ("mulberry_atomic_file_" + std::to_string(::getpid()));
};

TEST_F(ReplaceFileTest, CreatesAndReplaces) {
  const fs::path path = folder_ / "x.bin";
  ReplaceFile(path, std::string_view("old\0one", 7));
  EXPECT_EQ(Content(path), std::string("old\0one", 7));
  ReplaceFile(path, "");
  EXPECT_EQ(Content(path), "");
  EXPECT_EQ(Files(), 1u);
}

TEST_F(ReplaceFileTest, FailureNamesTheFileAndLeavesNothing) {
  // A folder of that name: the rename is what fails.
  const fs::path path = folder_ / "taken";
  fs::create_directory(path);
  try {
    ReplaceFile(path, "new");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(path.string()), std::string::npos) << error.what();
  }
  EXPECT_TRUE(fs::is_directory(path));
  EXPECT_EQ(Files(), 1u);
  EXPECT_THROW(ReplaceFile(folder_ / "no" / "x.bin", "new"), Error);
}

}  // namespace
}  // namespace mulberry
