// Locking a file. See shared_lock.h.
#include "mulberry/base/shared_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "mulberry/base/error.h"

namespace mulberry {

SharedLock::SharedLock(const std::string& path, int seconds) {
  descriptor_ = open(path.c_str(), O_RDWR | O_CREAT, 0666);  // No O_CLOEXEC: children inherit it.
  if (descriptor_ < 0) throw Error("{}: cannot be opened: {}", path, std::strerror(errno));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!(held_ = flock(descriptor_, LOCK_EX | LOCK_NB) == 0)) {
    if (std::chrono::steady_clock::now() >= end) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

SharedLock::~SharedLock() {
  close(descriptor_);
}

}  // namespace mulberry
