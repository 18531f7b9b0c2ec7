// Child processes: status, output, signals, and what becomes of them when their parent is killed.
#include "mulberry/base/child_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "mulberry/base/error.h"
#include "mulberry/base/shared_lock.h"
#include "mulberry/base/test_folder.h"

namespace mulberry {
namespace {

class ChildProcessTest : public testing::Test {
 protected:
  static int StatusOf(ChildProcess& child) {
    while (!child.Poll()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return *child.Poll();
  }
  void WaitForLog(const std::string& text) const {
    while (ReadTestFile(log_) != text) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }

  const TestFolder folder_;
  const std::string log_ = folder_.path() / "log";
};

TEST_F(ChildProcessTest, GivesStatusAndAppendsBothOutputs) {
  WriteTestFile(log_, "before\n");
  ChildProcess child({"/bin/sh", "-c", "echo out; echo err >&2; cat; exit 3"}, log_);
  EXPECT_EQ(StatusOf(child), 3);
  EXPECT_EQ(ReadTestFile(log_), "before\nout\nerr\n");
}

TEST_F(ChildProcessTest, SaysWhatCannotBeRun) {
  ChildProcess child({"/no/such/program"}, log_);
  EXPECT_EQ(StatusOf(child), 127);
  EXPECT_THROW(ChildProcess({"/bin/true"}, folder_.path() / "no" / "folder"), Error);
}

TEST_F(ChildProcessTest, PassesSignalsOn) {
  ChildProcess child({"/bin/sleep", "600"}, log_);
  EXPECT_EQ(child.Poll(), std::nullopt);
  child.Signal(SIGINT);
  EXPECT_EQ(StatusOf(child), 128 + SIGINT);
}

// The lock outlasts the parent for as long as the child takes to end.
TEST_F(ChildProcessTest, ADeadParentsChildEndsAndLeavesTheLock) {
  const std::string lock = folder_.path() / "lock";
  const pid_t parent = fork();
  if (parent == 0) {
    const SharedLock held(lock, 0);
    const ChildProcess child(
        {"/bin/sh", "-c", "trap 'sleep 0.2; echo ended; exit' TERM; echo on; while :; do :; done"},
        log_);
    pause();
    _exit(0);
  }
  WaitForLog("on\n");
  EXPECT_FALSE(SharedLock(lock, 0).held());
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  EXPECT_TRUE(SharedLock(lock, 60).held());
  EXPECT_EQ(ReadTestFile(log_), "on\nended\n");
}

}  // namespace
}  // namespace mulberry
