// What circuits keep on disk between runs: compiled programs in `circuits` and tables in `tables`,
// each under the digest of all that it was made of, in the folder $MULBERRY_CACHE, else
// $XDG_CACHE_HOME/mulberry, else ~/.cache/mulberry. Anything in it may be deleted at any time.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "mulberry/circuits/circuit.h"

namespace mulberry {

/// The cache's subfolder of this name, which then exists. Throws Error.
std::filesystem::path CircuitCacheFolder(const char* name);

/// A new folder in CircuitCacheFolder("work"), deleted with this object.
class WorkFolder {
 public:
  WorkFolder();
  ~WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A table's shape and products as bytes, with a digest of them.
std::string TableBytes(const ProductTable& table);

/// The table of `digest`: the one in memory if somebody holds it, else the one on disk, else that
/// of `compute`, which then is written to disk.
std::shared_ptr<const ProductTable> CachedTable(const std::string& digest,
                                                const CircuitShape& shape,
                                                const std::function<ProductTable()>& compute);

}  // namespace mulberry
