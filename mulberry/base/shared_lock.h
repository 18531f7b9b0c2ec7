// A lock between processes that outlives the one that took it: for work that children go on with.
#pragma once

#include <string>

namespace mulberry {

/// Locks a file, which is made if need be. Children inherit it: it lasts until
/// this process and all that it started since have ended.
class SharedLock {
 public:
  /// Tries for `seconds`. Throws Error where the file cannot be opened.
  SharedLock(const std::string& path, int seconds);
  ~SharedLock();
  SharedLock(const SharedLock&) = delete;
  SharedLock& operator=(const SharedLock&) = delete;

  bool held() const { return held_; }

 private:
  int descriptor_ = -1;
  bool held_ = false;
};

}  // namespace mulberry
