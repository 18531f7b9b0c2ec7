#include "mulberry/circuits/circuit_child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cmath>
#include <cstring>
#include <utility>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

using Clock = std::chrono::steady_clock;

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

[[noreturn]] void Refuse(const char* what) {
  throw Error("cannot {} for a circuit's process: {}", what, std::strerror(errno));
}

/// A copy of `descriptor` above those that the program expects.
int Raised(int descriptor) {
  const int raised = fcntl(descriptor, F_DUPFD_CLOEXEC, kSocketDescriptor + 1);
  if (raised < 0) Refuse("open a descriptor");
  return raised;
}

pid_t Spawn(const std::filesystem::path& program, int memory, int socket) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // Whatever the function prints goes nowhere.
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, memory, kBatchDescriptor);
  posix_spawn_file_actions_adddup2(&actions, socket, kSocketDescriptor);
  posix_spawn_file_actions_addclosefrom_np(&actions, kSocketDescriptor + 1);

  // Its own process group, which Ctrl-C on the terminal does not reach; signals as at log-in.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  std::string name = program.string();
  char* arguments[] = {name.data(), nullptr};
  pid_t process = -1;
  const int error = posix_spawn(&process, name.c_str(), &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw Error(
        "{}: cannot be run: {}; set MULBERRY_CACHE to a folder in which programs may be run", name,
        std::strerror(error));
  }
  return process;
}

}  // namespace

std::string Description(const BatchEnd& end, double seconds) {
  switch (end.kind) {
    case BatchEnd::Kind::kDone:
      return "it gave its products";
    case BatchEnd::Kind::kExit:
      return fmt::format("it ended its process with exit status {}", end.code);
    case BatchEnd::Kind::kSignal:
      return fmt::format("it crashed with signal {} ({})", end.code, strsignal(end.code));
    case BatchEnd::Kind::kTimeout:
      break;
  }
  return fmt::format("it gave no answer within {} s", seconds);
}

CircuitChild::CircuitChild(const std::filesystem::path& program, const CircuitLimits& limits)
    : limits_(limits) {
  const Descriptor memory(memfd_create("mulberry", MFD_CLOEXEC));
  if (memory.get() < 0 || ftruncate(memory.get(), sizeof(MulberryBatch)) != 0) {
    Refuse("allocate memory");
  }
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) Refuse("open a socket");
  Descriptor ours(ends[0]);
  const Descriptor theirs(ends[1]);
  const Descriptor raised_memory(Raised(memory.get()));
  const Descriptor raised_socket(Raised(theirs.get()));

  void* shared =
      mmap(nullptr, sizeof(MulberryBatch), PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), 0);
  if (shared == MAP_FAILED) Refuse("map memory");
  batch_ = static_cast<MulberryBatch*>(shared);
  batch_->seconds = static_cast<unsigned>(std::ceil(limits.seconds));
  batch_->memory = limits.memory_bytes;
  try {
    process_ = Spawn(program, raised_memory.get(), raised_socket.get());
  } catch (...) {
    munmap(batch_, sizeof(MulberryBatch));
    throw;
  }
  socket_ = ours.release();
}

CircuitChild::~CircuitChild() {
  Kill();
  close(socket_);
  munmap(batch_, sizeof(MulberryBatch));
}

bool CircuitChild::alive() const {
  pollfd state{socket_, POLLIN, 0};
  return process_ >= 0 && poll(&state, 1, 0) == 0;
}

BatchEnd CircuitChild::Run(uint32_t count) {
  batch_->progress = 0;
  // If it is gone, so does the reply tell.
  (void)send(socket_, &count, sizeof count, MSG_NOSIGNAL);
  return AwaitReply(count, limits_.seconds);
}

BatchEnd CircuitChild::AwaitReply(uint32_t expected, double seconds) {
  const Clock::time_point deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                        std::chrono::duration<double>(seconds));
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd state{socket_, POLLIN, 0};
    const int ready = poll(&state, 1, static_cast<int>(std::clamp<int64_t>(left, 0, INT_MAX)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return ReasonOfEnd(true);
    uint32_t reply = ~expected;
    const ssize_t received = recv(socket_, &reply, sizeof reply, 0);
    if (received < 0 && errno == EINTR) continue;
    if (received == sizeof reply && reply == expected) return {};
    return ReasonOfEnd(false);
  }
}

BatchEnd CircuitChild::ReasonOfEnd(bool timed_out) {
  BatchEnd end{BatchEnd::Kind::kTimeout, 0, batch_->progress};
  siginfo_t info{};
  // Where its end of the socket is closed it is on its way out, and the kill below no longer
  // changes what it is remembered for.
  const bool ended = !timed_out || (waitid(P_PID, static_cast<id_t>(process_), &info,
                                           WEXITED | WNOHANG | WNOWAIT) == 0 &&
                                    info.si_pid == process_);
  const int status = Kill();
  if (!ended) return end;
  end.kind = WIFSIGNALED(status) ? BatchEnd::Kind::kSignal : BatchEnd::Kind::kExit;
  end.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
  return end;
}

int CircuitChild::Kill() {
  int status = 0;
  if (process_ < 0) return status;
  kill(-process_, SIGKILL);
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  return status;
}

}  // namespace mulberry
