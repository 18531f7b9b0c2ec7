#include "mulberry/train/run_folder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cctype>
#include <filesystem>
#include <map>
#include <string_view>
#include <vector>

#include "mulberry/base/atomic_file.h"
#include "mulberry/base/error.h"
#include "mulberry/base/sha256.h"
#include "mulberry/report/metrics.h"
#include "mulberry/train/evaluation_log.h"
#include "mulberry/train/step_pace.h"
#include "mulberry/train/trainer.h"

namespace mulberry {

namespace fs = std::filesystem;

void CheckFolder(const Config& config, Existing existing) {
  const fs::path out = config.out;
  const fs::path file = out / kConfigFile;
  std::error_code ignored;
  if (fs::exists(out, ignored) && !fs::is_directory(out, ignored)) {
    throw Error("{}: is a file, not a folder", config.out);
  }
  if (existing == Existing::kRefuse && fs::exists(out, ignored) && !fs::is_empty(out, ignored)) {
    throw Error(
        "{}: exists; --resume goes on with the run there, --force replaces it, --out names another "
        "folder",
        config.out);
  }
  if (existing == Existing::kResume) {
    if (!fs::exists(file)) throw Error("{}: no run to resume: no {}", config.out, kConfigFile);
    RequireSameRun(config.out, config);
  }
}

void RequireSameRun(const std::string& folder, const Config& config) {
  const fs::path file = fs::path(folder) / kConfigFile;
  if (!fs::exists(file)) return;
  const std::vector<std::string> differences = Differences(ReadConfig(file), config);
  if (differences.empty()) return;
  throw Error("{}: the run there is of another configuration; it has {}", folder,
              fmt::to_string(fmt::join(differences, "; ")));
}

void OpenFolder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error("{}: cannot be created: {}", folder, error.message());
}

namespace {

void RemoveRun(const fs::path& folder) {
  if (!fs::is_directory(folder)) return;
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(kCheckpointFile) || name == kMetricsFile || name == kEvaluationsFile ||
        name == kPaceFile) {
      files.push_back(entry.path());
    }
  }
  for (const fs::path& file : files) fs::remove(file);
}

}  // namespace

void StartFolder(const Config& config, Existing existing) {
  if (existing == Existing::kReplace && fs::is_directory(config.out)) {
    // Before config.toml: a process that ends here leaves nothing that could be taken for a part of
    // the new run.
    for (const fs::directory_entry& entry : fs::directory_iterator(config.out)) {
      RemoveRun(entry.path());
    }
    RemoveRun(config.out);
  }
  OpenFolder(config.out);
  ReplaceFile(fs::path(config.out) / kConfigFile, ToToml(config));
}

std::string RunFolderName(const std::string& arithmetic) {
  std::string name = arithmetic;
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c)) &&
        std::string_view("@+-=.").find(c) == std::string_view::npos) {
      c = '_';
    }
  }
  // A user's circuit may have a long path, and file systems limit names to 255 bytes. What is cut
  // off still tells two names apart.
  constexpr size_t kLongest = 120, kKept = 100;
  if (name.size() <= kLongest) return name;
  return name.substr(name.size() - kKept) + "-" + Sha256().Add(arithmetic).Digest().substr(0, 12);
}

void RequireApart(const std::vector<std::string>& arithmetics) {
  std::map<std::string, std::string> folders;
  for (const std::string& arithmetic : arithmetics) {
    const auto [at, is_new] = folders.emplace(RunFolderName(arithmetic), arithmetic);
    if (is_new) continue;
    throw UsageError(
        "arithmetic: {} and {} would share the folder {}; rename a file, or train them apart",
        at->second, arithmetic, at->first);
  }
}

}  // namespace mulberry
