#include "mulberry/base/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

// Reads to the end and keeps the last `limit` bytes.
std::string ReadTail(int descriptor, size_t limit) {
  std::string tail;
  char block[1024];
  ssize_t count;
  while ((count = read(descriptor, block, sizeof block)) != 0) {
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    tail.append(block, static_cast<size_t>(count));
    if (tail.size() > 2 * limit) tail.erase(0, tail.size() - limit);
  }
  return tail.size() > limit ? tail.substr(tail.size() - limit) : tail;
}

}  // namespace

ProcessResult RunProcess(const std::vector<std::string>& command,
                         const std::filesystem::path& folder, int seconds, size_t output_limit) {
  // timeout(1) keeps the limit, for the program and all that it runs: they are a process group of
  // their own. That is why a terminal's Ctrl-C does not reach them, and setpriv(1) has timeout end
  // them when this process ends.
  std::vector<std::string> words = {"setpriv", "--pdeathsig", "TERM", "timeout", "--kill-after=5",
                                    std::to_string(seconds)};
  words.insert(words.end(), command.begin(), command.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) {
    throw Error("cannot make a pipe to run {}: {}", command[0], std::strerror(errno));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDERR_FILENO);
  pid_t child = 0;
  const int error =
      posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_ends[1]);
  if (error != 0) {
    close(pipe_ends[0]);
    throw Error("cannot run {} in {}: {}", command[0], folder.string(), std::strerror(error));
  }

  ProcessResult result;
  result.output = ReadTail(pipe_ends[0], output_limit);
  close(pipe_ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace mulberry
