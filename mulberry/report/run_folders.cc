#include "mulberry/report/run_folders.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// Throws Error unless the configuration has what a row of a table is made of.
void CheckConfiguration(const std::string& file, const Json& configuration) {
  const auto has = [&](const char* key, auto good) {
    const auto found = configuration.find(key);
    return found != configuration.end() && good(*found);
  };
  const bool good =
      configuration.is_object() &&
      has("arithmetic",
          [](const Json& j) { return j.is_array() && j.size() == 1 && j[0].is_string(); }) &&
      has("model", [](const Json& j) { return j.is_string(); }) &&
      has("seed", [](const Json& j) { return j.is_number_integer(); });
  if (!good) {
    throw Error("{}:1: its configuration must have one arithmetic, a model and a seed", file);
  }
}

class Finder {
 public:
  FoundRuns TakeFound() { return std::move(found_); }

  // Whether there is a run in the folder or below it.
  bool Search(const fs::path& folder) {
    std::error_code error;
    if (!seen_.insert(fs::weakly_canonical(folder, error)).second) return true;
    const bool has_record = fs::exists(folder / kMetricsFile, error);
    if (has_record) Read(folder);
    bool has_runs = has_record;
    for (const fs::path& below : FoldersIn(folder)) has_runs |= Search(below);
    if (!has_runs && fs::exists(folder / kConfigFile, error)) {
      found_.not_begun.push_back(folder);
      return true;
    }
    return has_runs;
  }

 private:
  void Read(const fs::path& folder) {
    const std::string file = folder / kMetricsFile;
    try {
      RecordedRun run{folder, ReadMetrics(file)};
      CheckConfiguration(file, run.metrics.header.configuration);
      found_.runs.push_back(std::move(run));
    } catch (const Error& e) {
      found_.damaged.push_back(e.what());
    }
  }

  std::vector<fs::path> FoldersIn(const fs::path& folder) {
    std::vector<fs::path> folders;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
      std::error_code ignored;
      if (entry->is_directory(ignored) && !entry->is_symlink(ignored)) folders.push_back(*entry);
    }
    if (error) {
      found_.damaged.push_back(
          fmt::format("{}: cannot be read: {}", folder.string(), error.message()));
    }
    std::sort(folders.begin(), folders.end());
    return folders;
  }

  FoundRuns found_;
  std::set<fs::path> seen_;
};

}  // namespace

FoundRuns FindRuns(const std::vector<std::string>& folders) {
  Finder finder;
  for (const std::string& folder : folders) {
    std::error_code ignored;
    if (!fs::exists(folder, ignored)) throw Error("{}: there is no such folder", folder);
    if (!fs::is_directory(folder, ignored)) throw Error("{}: is a file, not a folder", folder);
    finder.Search(folder);
  }
  return finder.TakeFound();
}

}  // namespace mulberry
