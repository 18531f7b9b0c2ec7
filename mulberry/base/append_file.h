// A file that only grows, such as a record of lines: where the program is killed, what it had
// appended stays, but for the end of what it was appending. Not for whole files (atomic_file.h).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mulberry {

class AppendFile {
 public:
  /// Creates a file. Throws Error if it exists or cannot be written.
  explicit AppendFile(std::string path);
  /// Opens one and cuts it off after its first `length` bytes. Throws Error.
  AppendFile(std::string path, size_t length);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  /// Does not wait for the disk. Throws Error.
  void Append(std::string_view bytes);
  /// Waits until all bytes are on the disk. Throws Error.
  void Sync();

 private:
  std::string path_;
  int descriptor_ = -1;
};

/// All bytes of a file. Throws Error if it cannot be read.
std::string ReadFile(const std::string& path);

}  // namespace mulberry
