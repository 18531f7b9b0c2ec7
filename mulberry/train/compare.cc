// Training several arithmetics. See compare.h.
#include "mulberry/train/compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

#include "mulberry/base/error.h"
#include "mulberry/train/checkpoint.h"
#include "mulberry/train/dynamic_precision.h"
#include "mulberry/train/quantization.h"
#include "mulberry/train/recipe.h"
#include "mulberry/train/trainer.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

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
        SummarizePrecision(metrics.iterations, dps->full_bits(), MacUnits::Of(config.mac_costs));
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

KeyRoles ConfigKeyRoles() {
  KeyRoles roles;
  for (const ConfigKey& key : ConfigKeys()) {
    const KeyRole role = RoleOf(key);
    if (role == KeyRole::kSetting) continue;
    (role == KeyRole::kArithmetic ? roles.arithmetic : roles.ignored).emplace(key.name);
  }
  return roles;
}

namespace {}  // namespace

Comparison Compare(const Config& config, const RunHeader& header, Existing existing,
                   ProgressDisplay& progress, const std::function<bool()>& stop) {
  RequireApart(config.arithmetic);
  RequireRecipeServes(config);
  CheckFolder(config, existing);
  CheckStart(config, existing);
  const TrainingData data = LoadTrainingData(config);
  StartFolder(config, existing);
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
      for (std::string* recorded : {&run.config.record_operands, &run.config.record_traces}) {
        if (!recorded->empty()) *recorded = fs::path(*recorded) / RunFolderName(arithmetic);
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
