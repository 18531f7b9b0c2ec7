#include "mulberry/base/append_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "mulberry/base/error.h"

namespace mulberry {

AppendFile::AppendFile(std::string path) : path_(std::move(path)) {
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw Error("{}: cannot be created: {}", path_, std::strerror(errno));
}

AppendFile::AppendFile(std::string path, size_t length) : path_(std::move(path)) {
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor_ < 0) throw Error("{}: cannot be written: {}", path_, std::strerror(errno));
  if (::ftruncate(descriptor_, static_cast<off_t>(length)) != 0) {
    const int error = errno;
    ::close(descriptor_);
    throw Error("{}: cannot be cut off: {}", path_, std::strerror(error));
  }
}

AppendFile::~AppendFile() {
  ::close(descriptor_);
}

void AppendFile::Append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw Error("{}: cannot be written: {}", path_, std::strerror(errno));
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

void AppendFile::Sync() {
  if (::fsync(descriptor_) != 0) {
    throw Error("{}: cannot be written: {}", path_, std::strerror(errno));
  }
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("{}: cannot be read: {}", path, std::strerror(errno));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace mulberry
