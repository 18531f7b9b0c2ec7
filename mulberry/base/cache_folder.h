// The folder where what can be fetched or computed again is kept between runs, and a lock on it.
#pragma once

#include <filesystem>

namespace mulberry {

/// The folder that the environment variable `variable` names, if set, else
/// $XDG_CACHE_HOME/mulberry, else $HOME/.cache/mulberry. Need not exist. Throws Error where none of
/// the three is set.
std::filesystem::path CacheFolder(const char* variable);

/// An exclusive lock on a folder among processes, held while this object lives. A process that ends
/// in whatever way releases it.
class FolderLock {
 public:
  /// Waits for the lock on `folder`, which must exist. Throws Error that names the folder.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace mulberry
