#include "mulberry/base/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
};

// Each of these is false, with errno set, where the system refuses.

bool WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

bool WriteAndSync(const std::string& path, std::string_view bytes) {
  const Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)};
  return file.value >= 0 && WriteAll(file.value, bytes) && ::fsync(file.value) == 0;
}

bool SyncFolderOf(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const Descriptor descriptor{
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  return descriptor.value >= 0 && ::fsync(descriptor.value) == 0;
}

}  // namespace

void ReplaceFile(const std::string& path, std::string_view bytes) {
  static std::atomic<int> calls{0};
  const std::string temporary = fmt::format("{}.{}-{}.tmp", path, ::getpid(), calls++);
  // One left by a killed process whose number has come round again.
  ::unlink(temporary.c_str());
  if (!WriteAndSync(temporary, bytes) || ::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    throw Error("{}: cannot be written: {}", path, std::strerror(error));
  }
  // The rename is on the disk once its folder is.
  if (!SyncFolderOf(path)) {
    throw Error("{}: its folder cannot be flushed to the disk: {}", path, std::strerror(errno));
  }
}

}  // namespace mulberry
