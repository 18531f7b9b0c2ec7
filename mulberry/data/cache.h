// The folder where fetched data sets are kept, and a lock on it.
#pragma once

#include <filesystem>

namespace mulberry {

/// $MULBERRY_DATA if set, else $XDG_CACHE_HOME/mulberry, else $HOME/.cache/mulberry. Need not
/// exist. Throws Error where none of the three is set.
std::filesystem::path CacheFolder();

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
