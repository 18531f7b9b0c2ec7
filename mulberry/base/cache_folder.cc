#include "mulberry/base/cache_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "mulberry/base/error.h"

namespace fs = std::filesystem;

namespace mulberry {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

fs::path CacheFolder(const char* variable) {
  if (const std::string folder = Environment(variable); !folder.empty()) return folder;
  // The XDG Base Directory Specification has relative paths ignored.
  if (const fs::path cache = Environment("XDG_CACHE_HOME"); cache.is_absolute()) {
    return cache / "mulberry";
  }
  if (const std::string home = Environment("HOME"); !home.empty()) {
    return fs::path(home) / ".cache" / "mulberry";
  }
  throw Error(
      "no cache folder: none of {}, XDG_CACHE_HOME and HOME is set in the environment; set {} to a "
      "folder",
      variable, variable);
}

FolderLock::FolderLock(const fs::path& folder)
    : descriptor_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  int result;
  do {
    result = descriptor_ < 0 ? -1 : flock(descriptor_, LOCK_EX);
  } while (result != 0 && errno == EINTR);
  if (result != 0) {
    const int error = errno;
    if (descriptor_ >= 0) close(descriptor_);
    throw Error("cannot lock the folder {}: {}", folder.string(), std::strerror(error));
  }
}

FolderLock::~FolderLock() {
  close(descriptor_);
}

}  // namespace mulberry
