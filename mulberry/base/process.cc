#include "mulberry/base/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
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

struct Pipe {
  int read, write;
};

Pipe MakePipe(const std::string& program) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    throw Error("cannot make a pipe to run {}: {}", program, std::strerror(errno));
  }
  return {ends[0], ends[1]};
}

/// What the new process does: becomes the program, or tells its errno and ends. Nothing here but
/// calls that are safe between fork and exec.
[[noreturn]] void Become(char* const* arguments, const char* folder, pid_t parent, int output,
                         int failure) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(128 + SIGTERM);
  const int input = open("/dev/null", O_RDONLY);
  if (chdir(folder) == 0 && dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
      dup2(output, STDERR_FILENO) >= 0) {
    execvp(arguments[0], arguments);
  }
  const int error = errno;
  [[maybe_unused]] const ssize_t told = write(failure, &error, sizeof error);
  _exit(127);
}

}  // namespace

ProcessResult RunProcess(const std::vector<std::string>& command,
                         const std::filesystem::path& folder, int seconds, size_t output_limit) {
  // timeout(1) keeps the limit, for the program and all that it runs: they are a process group of
  // their own. That is why a terminal's Ctrl-C does not reach them; the end of this process does.
  std::vector<std::string> words = {"timeout", "--kill-after=5", std::to_string(seconds)};
  words.insert(words.end(), command.begin(), command.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  const Pipe output = MakePipe(command[0]), failure = MakePipe(command[0]);
  const pid_t parent = getpid();
  // posix_spawn cannot tie the child's life to this process's.
  const pid_t child = fork();
  if (child == 0) Become(arguments.data(), folder.c_str(), parent, output.write, failure.write);
  int error = child < 0 ? errno : 0;
  close(output.write);
  close(failure.write);
  // Nothing is told where it has become the program.
  ssize_t told = 0;
  while (child > 0 && (told = read(failure.read, &error, sizeof error)) < 0 && errno == EINTR) {
  }
  if (child > 0 && told <= 0) error = 0;
  close(failure.read);

  ProcessResult result;
  if (error == 0) result.output = ReadTail(output.read, output_limit);
  close(output.read);
  int status = 0;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (error != 0) {
    throw Error("cannot run {} in {}: {}", command[0], folder.string(), std::strerror(error));
  }
  result.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace mulberry
