// Running the built program as a user would, for the tests of this folder. Not a shell: arguments
// are passed as they are.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

extern char** environ;

namespace mulberry {

struct Outcome {
  int exit_code = 0;  ///< 128 + n where signal n ended it.
  std::string out;
  std::string err;
};

/// A process of the program. Its standard output and error go to PREFIX.out and PREFIX.err.
class Program {
 public:
  Program(std::vector<std::string> arguments, std::string prefix) : prefix_(std::move(prefix)) {
    arguments.insert(arguments.begin(), MULBERRY_PROGRAM);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, (prefix_ + ".out").c_str(), kFlags,
                                     0666);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, (prefix_ + ".err").c_str(), kFlags,
                                     0666);
    const int error =
        posix_spawn(&process_, MULBERRY_PROGRAM, &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("cannot start " MULBERRY_PROGRAM);
  }

  void Signal(int signal) const { ::kill(process_, signal); }

  bool Running() const {
    siginfo_t info = {};
    return ::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
  }

  /// Waits for its end.
  Outcome Wait() const {
    int status = 0;
    ::waitpid(process_, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), Read(".out"),
            Read(".err")};
  }

 private:
  std::string Read(const char* suffix) const {
    std::ifstream file(prefix_ + suffix, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string prefix_;
  pid_t process_ = 0;
};

}  // namespace mulberry
