// Training several arithmetics. See compare.h.
#include "mulberry/train/compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cctype>
#include <filesystem>
#include <map>
#include <string_view>

#include "mulberry/base/atomic_file.h"
#include "mulberry/base/error.h"
#include "mulberry/base/sha256.h"
#include "mulberry/data/dataset.h"
#include "mulberry/train/checkpoint.h"
#include "mulberry/train/dynamic_precision.h"
#include "mulberry/train/recipe.h"
#include "mulberry/train/step.h"
#include "mulberry/train/trainer.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

// Throws if the run may not go into `out`.
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

void OpenFolder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error("{}: cannot be created: {}", folder, error.message());
}

FinishedRun Finished(const TrainingRun& run) {
  const fs::path folder = run.folder;
  const Config& config = run.config;
  const Metrics metrics = ReadMetrics(folder / kMetricsFile);
  FinishedRun finished;
  // In FP32 a warm-up in FP32 changes nothing: that run is the baseline.
  const bool baseline = PolicyOf(config).native() && !DynamicPrecisionOf(config);
  finished.row =
      Summarize(config.arithmetic[0],
                baseline ? "" : fmt::format("{}", fmt::join(config.schedule, ", ")), metrics);
  finished.layers = Checkpoint(folder / kCheckpointFile).state().mode.report;
  if (const auto dps = DynamicPrecisionOf(config)) {
    finished.precision =
        SummarizePrecision(metrics.iterations, dps->full_bits(), FlexibleMac::Of(config.mac_costs));
  }
  return finished;
}

void FillDifferences(Comparison& comparison) {
  std::vector<ComparisonRow> rows;
  for (const FinishedRun& run : comparison.runs) rows.push_back(run.row);
  mulberry::FillDifferences(rows);
  for (size_t i = 0; i < rows.size(); ++i) comparison.runs[i].row = rows[i];
}

}  // namespace

void RequireSameRun(const std::string& folder, const Config& config) {
  const fs::path file = fs::path(folder) / kConfigFile;
  if (!fs::exists(file)) return;
  const std::vector<std::string> differences = Differences(ReadConfig(file), config);
  if (differences.empty()) return;
  throw Error("{}: the run there is of another configuration; it has {}", folder,
              fmt::to_string(fmt::join(differences, "; ")));
}

KeyRoles ConfigKeyRoles() {
  KeyRoles roles;
  for (const ConfigKey& key : ConfigKeys()) {
    const KeyRole role = RoleOf(key);
    if (role == KeyRole::kSetting) continue;
    (role == KeyRole::kArithmetic ? roles.arithmetic : roles.ignored).emplace(key.name);
  }
  return roles;
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

namespace {

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

}  // namespace

Comparison Compare(const Config& config, const RunHeader& header, Existing existing,
                   ProgressDisplay& progress, const std::function<bool()>& stop) {
  RequireApart(config.arithmetic);
  RequireRecipeServes(config);
  CheckFolder(config, existing);
  const DatasetInfo& info = FindDataset(config.data);
  const TrainingData data = {Limited(info.load(Split::kTrain), config.limit_train),
                             Limited(info.load(Split::kTest), config.limit_test)};
  OpenFolder(config.out);
  ReplaceFile(fs::path(config.out) / kConfigFile, ToToml(config));
  const size_t runs = config.arithmetic.size();
  Comparison comparison;
  for (size_t i = 0; i < runs && !comparison.stopped; ++i) {
    const std::string& arithmetic = config.arithmetic[i];
    TrainingRun run{config, header, config.out, arithmetic, existing == Existing::kResume};
    run.config.arithmetic = {arithmetic};
    run.header.configuration = ToJson(run.config);
    if (runs > 1) {
      run.folder = fs::path(config.out) / RunFolderName(arithmetic);
      run.label = fmt::format("{} ({}/{})", arithmetic, i + 1, runs);
      OpenFolder(run.folder);
      if (!config.record_operands.empty()) {
        run.config.record_operands = fs::path(config.record_operands) / RunFolderName(arithmetic);
      }
    }
    try {
      comparison.stopped = Train(run, data, progress, stop) == RunEnd::kStopped;
    } catch (const DivergedError& e) {
      comparison.failures.push_back(e.what());
      continue;
    }
    if (comparison.stopped) break;
    comparison.runs.push_back(Finished(run));
  }
  FillDifferences(comparison);
  return comparison;
}

}  // namespace mulberry
