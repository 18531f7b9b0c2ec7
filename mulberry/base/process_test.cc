// Running other programs: status, output, time limit, missing programs.
#include "mulberry/base/process.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"

namespace mulberry {
namespace {

TEST(RunProcess, GivesStatusAndBothOutputs) {
  const TestFolder folder;
  const ProcessResult result =
      RunProcess({"sh", "-c", "echo out; echo err >&2; exit 3"}, folder.path(), 60);
  EXPECT_EQ(result.exit_status, 3);
  EXPECT_EQ(result.output, "out\nerr\n");
}

TEST(RunProcess, RunsInTheFolderWithoutAShell) {
  const TestFolder folder;
  EXPECT_EQ(RunProcess({"touch", "a b; $(c)"}, folder.path(), 60).exit_status, 0);
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "a b; $(c)"));
}

TEST(RunProcess, HasNoStandardInput) {
  EXPECT_EQ(RunProcess({"cat"}, "/", 60).exit_status, 0);
}

TEST(RunProcess, KeepsTheEndOfALongOutput) {
  const ProcessResult result =
      RunProcess({"sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x; echo end"}, "/", 60);
  EXPECT_EQ(result.output.size(), 4096u);
  EXPECT_EQ(result.output.substr(result.output.size() - 5), "xend\n");
  EXPECT_EQ(RunProcess({"echo", "12345"}, "/", 60, 3).output, "45\n");
}

TEST(RunProcess, StopsAtTheTimeLimit) {
  EXPECT_EQ(RunProcess({"sleep", "600"}, "/", 1).exit_status, 124);
}

// Were it not so, this would take as long as they sleep.
TEST(RunProcess, StopsWhatTheProgramHasStartedToo) {
  EXPECT_EQ(RunProcess({"sh", "-c", "sleep 3000 & sleep 3000"}, "/", 1).exit_status, 124);
}

TEST(RunProcess, TellsAMissingProgram) {
  EXPECT_EQ(RunProcess({"mulberry-no-such-program"}, "/", 60).exit_status, 127);
}

TEST(RunProcess, NamesAFolderThatIsMissing) {
  try {
    RunProcess({"true"}, "/nonexistent", 60);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "cannot run true in /nonexistent: No such file or directory");
  }
}

}  // namespace
}  // namespace mulberry
