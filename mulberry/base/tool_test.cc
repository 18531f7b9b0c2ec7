#include "mulberry/base/tool.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"

namespace fs = std::filesystem;

namespace mulberry {
namespace {

std::string MessageOf(const Tool& tool) {
  try {
    RunTool(tool, {}, ".", 1);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

void WriteProgram(const std::string& path, const std::string& command) {
  std::ofstream(path) << "#!/bin/sh\n" << command << "\n";
  fs::permissions(path, fs::perms::owner_all);
}

TEST(Tool, IsNamedWithItsPackageWhereItIsMissing) {
  EXPECT_EQ(MessageOf({"mulberry-no-such-tool", "synthesis", "the package yosys"}),
            "synthesis needs mulberry-no-such-tool, and there is no such program: install the "
            "package yosys");
}

TEST(Tool, IsStoppedAtItsTimeLimit) {
  const TestFolder folder;
  const std::string sleeper = folder.path() / "sleeper";
  WriteProgram(sleeper, "sleep 60");
  EXPECT_EQ(
      MessageOf({sleeper.c_str(), "synthesis", "it"}),
      "synthesis: " + sleeper + " was stopped: it did not finish within 1 s, or ran out of memory");
  EXPECT_FALSE(RunToolWithin({sleeper.c_str(), "synthesis", "it"}, {}, ".", 1));
}

TEST(Tool, GivesWhatItPrintsWithinItsTimeLimit) {
  const TestFolder folder;
  const std::string printer = folder.path() / "printer";
  WriteProgram(printer, "echo $1; exit 3");
  const auto result = RunToolWithin({printer.c_str(), "synthesis", "it"}, {"words"}, ".", 20);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_status, 3);
  EXPECT_EQ(result->output, "words\n");
}

TEST(Tool, IsRefusedWhereItIsTooOld) {
  const TestFolder folder;
  const std::string old = folder.path() / "old";
  WriteProgram(old, "echo 'Old 0.9 (git 7.3)'");
  EXPECT_EQ(MessageOf({old.c_str(), "synthesis", "the package yosys", "-V", "0.23"}),
            "synthesis needs " + old +
                " 0.23 or later, and this one says \"Old 0.9 (git 7.3)\": install the package "
                "yosys of Debian 12 or later");
}

TEST(Tool, VersionsAreComparedNumberByNumber) {
  EXPECT_TRUE(IsVersionAtLeast("0.23", "0.23"));
  EXPECT_TRUE(IsVersionAtLeast("0.40", "0.23"));
  EXPECT_TRUE(IsVersionAtLeast("5.100", "5.6"));
  EXPECT_TRUE(IsVersionAtLeast("5.6.1", "5.6"));
  EXPECT_FALSE(IsVersionAtLeast("0.9", "0.23"));
  EXPECT_FALSE(IsVersionAtLeast("4.999", "5.0"));
  EXPECT_FALSE(IsVersionAtLeast("5", "5.0"));
  EXPECT_FALSE(IsVersionAtLeast("", "5.0"));
}

}  // namespace
}  // namespace mulberry
