// Programs that run beside this one, without a shell: started, asked whether they have ended, and
// signalled. Not here: one program run to its end (process.h).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace mulberry {

class ChildProcess {
 public:
  /// Starts `command`, a program's path and its arguments, with no standard input; what it writes
  /// to standard output and error is appended to the file `log`. It is in a process group of its
  /// own, so a terminal's Ctrl-C reaches it only through Signal. Should this process end before it,
  /// by whatever signal, it gets a SIGTERM. To be called from a thread that lives as long as the
  /// process. Throws Error.
  ChildProcess(const std::vector<std::string>& command, const std::string& log);
  /// Kills it if it is still there.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Its exit status once it has ended; 127: it could not be run; 128 + n: signal n.
  std::optional<int> Poll();
  /// Does nothing once Poll has given a status.
  void Signal(int signal) const;

 private:
  pid_t process_ = 0;
  std::optional<int> status_;
};

/// The path of the program that runs, which stays good if its file is replaced.
inline constexpr const char* kThisProgram = "/proc/self/exe";

}  // namespace mulberry
