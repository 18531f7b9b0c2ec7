#include "mulberry/train/hybrid_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "mulberry/base/error.h"
#include "mulberry/train/hybrid.h"
#include "mulberry/train/quantization.h"
#include "mulberry/train/trainer.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

class Search {
 public:
  Search(const Config& config, const HybridSearchOptions& options, const RunHeader& header,
         Existing existing, ProgressDisplay& progress, const std::function<bool()>& stop)
      : config_(config),
        options_(options),
        header_(header),
        resume_(existing == Existing::kResume),
        progress_(progress),
        stop_(stop),
        data_(LoadTrainingData(config)) {
    result_.epochs = config.epochs;
  }

  HybridSearch Run() {
    Approximate() && Exact() && (options_.every_epoch ? TryAll() : Bisect());
    std::ranges::sort(result_.points, {}, &HybridPoint::switch_epoch);
    for (const HybridPoint& point : result_.points) {
      if (IsGoodEnough(point)) result_.latest = point;
    }
    return std::move(result_);
  }

 private:
  bool IsGoodEnough(const HybridPoint& point) const {
    return point.switch_epoch == 0 || point.difference_points >= options_.target_points;
  }

  // These return false where `stop` ended them.
  bool Approximate() {
    TrainingRun run = RunIn("approximate", config_);
    run.keep_epochs = true;
    return Train(run, config_.epochs);
  }
  bool Exact() { return TrySwitch(0); }
  bool TryAll() {
    for (int64_t epoch = 1; epoch < config_.epochs; ++epoch) {
      if (!TrySwitch(epoch)) return false;
    }
    return true;
  }
  bool Bisect() {
    int64_t good = 0, bad = config_.epochs;
    if (IsGoodEnough(result_.points.front())) return true;  // That never switched.
    while (bad - good > 1) {
      const int64_t epoch = (good + bad) / 2;
      if (!TrySwitch(epoch)) return false;
      (IsGoodEnough(result_.points.back()) ? good : bad) = epoch;
    }
    return true;
  }

  bool TrySwitch(int64_t epoch) {
    Config config = config_;
    config.schedule.push_back(fmt::format("hybrid(switch={},to={})", epoch, options_.to));
    TrainingRun run = RunIn(fmt::format("switch-{}", epoch), Complete(config));
    if (epoch > 0) run.branch = Branch{fs::path(config_.out) / "approximate", epoch};
    return Train(run, epoch);
  }

  TrainingRun RunIn(const std::string& name, const Config& config) const {
    TrainingRun run{config, header_, fs::path(config_.out) / name, name, resume_};
    run.header.configuration = ToJson(config);
    OpenFolder(run.folder);
    return run;
  }

  bool Train(const TrainingRun& run, int64_t switch_epoch) {
    if (mulberry::Train(run, data_, progress_, stop_) == RunEnd::kStopped) {
      result_.stopped = true;
      return false;
    }
    const Metrics metrics = ReadMetrics(fs::path(run.folder) / kMetricsFile);
    HybridPoint point{switch_epoch};
    point.approximate_share =
        static_cast<double>(switch_epoch) / static_cast<double>(config_.epochs);
    point.test_accuracy_pct = metrics.epochs.back().test_accuracy_pct;
    result_.points.push_back(point);
    FillDifferences();
    return true;
  }

  void FillDifferences() {
    const auto exact = std::ranges::find(result_.points, 0, &HybridPoint::switch_epoch);
    if (exact == result_.points.end()) return;
    const double accuracy = exact->test_accuracy_pct;
    for (HybridPoint& point : result_.points) {
      point.difference_points = point.test_accuracy_pct - accuracy;
    }
  }

  const Config& config_;
  const HybridSearchOptions& options_;
  const RunHeader& header_;
  const bool resume_;
  ProgressDisplay& progress_;
  const std::function<bool()>& stop_;
  const TrainingData data_;
  HybridSearch result_;
};

void CheckSearch(const Config& config) {
  if (config.arithmetic.size() != 1) {
    throw UsageError("arithmetic: hybrid takes one, the approximate one, and found {}",
                     config.arithmetic.size());
  }
  if (PolicyOf(config).native()) {
    throw UsageError("arithmetic: {} is exact already; give the approximate one",
                     config.arithmetic[0]);
  }
  if (!HybridOf(config).empty()) {
    throw UsageError("schedule: the search sets hybrid itself; leave it out");
  }
  if (config.early_stop > 0) {
    throw UsageError("early-stop: {}: the runs that hybrid compares have all epochs; leave it out",
                     config.early_stop);
  }
  if (config.iterations > 0) {
    throw UsageError("iterations: {}: hybrid switches between epochs; give epochs",
                     config.iterations);
  }
}

}  // namespace

HybridSearch FindLatestSwitch(const Config& config, const HybridSearchOptions& options,
                              const RunHeader& header, Existing existing, ProgressDisplay& progress,
                              const std::function<bool()>& stop) {
  CheckSearch(config);
  CheckFolder(config, existing);
  CheckStart(config, existing);
  Search search(config, options, header, existing, progress, stop);
  StartFolder(config, existing);
  return search.Run();
}

}  // namespace mulberry
