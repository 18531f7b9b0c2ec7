// The training loop. See trainer.h.
#include "mulberry/train/trainer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <filesystem>
#include <numeric>
#include <optional>

#include "mulberry/data/prefetch.h"
#include "mulberry/nn/round_tensor.h"
#include "mulberry/train/checkpoint.h"
#include "mulberry/train/dynamic_precision.h"
#include "mulberry/train/early_stop.h"
#include "mulberry/train/hybrid.h"
#include "mulberry/train/learning_rate.h"
#include "mulberry/train/native_pace.h"
#include "mulberry/train/quantization.h"
#include "mulberry/train/recipe.h"
#include "mulberry/train/weight_average.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// The slow-down is measured on this many stretches of batches an epoch, spread evenly.
constexpr int64_t kStretches = 8;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// In the folder of a run that keeps them, after `epochs` epochs.
std::string EpochCheckpointFile(int64_t epochs) {
  return fmt::format("{}-{}", kCheckpointFile, epochs);
}

class Trainer {
 public:
  Trainer(const TrainingRun& run, const TrainingData& data, ProgressDisplay& progress,
          const std::function<bool()>& stop)
      : run_(run),
        config_(run.config),
        seed_(static_cast<uint64_t>(config_.seed)),
        data_(data),
        augmentation_(ParseAugmentation(config_.augment)),
        progress_(progress),
        stop_(stop),
        model_(MakeModel()),
        precision_(MakeDynamicPrecision(config_, *model_)),
        optimizer_(precision_ ? precision_->MakeOptimizer(config_, *model_)
                              : MakeOptimizer(config_, *model_)),
        average_(config_.ema_decay > 0 ? std::make_unique<WeightAverage>(config_.ema_decay, *model_)
                                       : nullptr),
        early_stop_(config_),
        recipe_(HasRecipe(config_) ? std::make_unique<Recipe>(config_) : nullptr),
        mode_(config_, *model_, state_.mode,
              precision_ ? precision_->output_points() : RoundingPoints()),
        native_(config_, data.train),
        warm_up_epochs_(WarmUpEpochs(config_)),
        batches_an_epoch_(Batches(data.train, config_.batch_size).size()),
        epochs_(config_.iterations == 0
                    ? config_.epochs
                    : (config_.iterations + batches_an_epoch_ - 1) / batches_an_epoch_) {
    torch::manual_seed(seed_);
    if (resumes()) {
      Resume();
      return;
    }
    fs::remove(Path(kCheckpointFile));
    fs::remove(Path(kMetricsFile));
    RunHeader header = run.header;
    header.epochs = static_cast<int>(epochs_);
    metrics_.emplace(Path(kMetricsFile), header);
    if (run.branch) {
      GoOnFrom(*run.branch);
      return;
    }
    state_.ranges = Calibrate(config_, *model_, data.train);
    mode_.UseRanges(state_.ranges);
  }

  RunEnd ToTheEnd() {
    bool started = false;
    while (state_.epoch < epochs_ && !early_stop_.due()) {
      const Batches batches(data_.train, config_.batch_size, seed_, state_.epoch, augmentation_);
      if (!started) progress_.Start(Where());
      started = true;
      if (!TrainEpoch(batches)) return RunEnd::kStopped;
      FinishEpoch(batches);
    }
    return RunEnd::kFinished;
  }

 private:
  std::string Path(const char* file) const { return fs::path(run_.folder) / file; }
  bool resumes() const { return run_.resume && fs::exists(Path(kCheckpointFile)); }

  std::shared_ptr<Network> MakeModel() const {
    std::shared_ptr<Network> model = NewNetwork(config_, data_.train);
    if (!config_.start.empty() && !resumes() && !run_.branch) {
      StartFrom(config_.start, config_, *model, data_.train);
    }
    return model;
  }

  void Restore(const std::string& path, Config expected) {
    Checkpoint checkpoint(path);
    const std::vector<std::string> differences = Differences(checkpoint.config(), expected);
    if (!differences.empty()) {
      throw Error("{}: is of another configuration; it has {}", path,
                  fmt::to_string(fmt::join(differences, "; ")));
    }
    checkpoint.Restore(*model_);
    checkpoint.Restore(*optimizer_);
    state_ = checkpoint.state();
    mode_.UseRanges(state_.ranges);
    if (precision_) precision_->Restore(state_.dynamic_precision);
    if (recipe_) recipe_->Restore(state_.recipe);
    if (average_) checkpoint.Restore(*average_);
    if (config_.early_stop > 0) early_stop_.Restore(state_.early_stop);
  }

  void GoOnFrom(const Branch& branch) {
    const Metrics metrics = ReadMetrics(fs::path(branch.folder) / kMetricsFile);
    for (size_t i = 0; i < static_cast<size_t>(branch.epochs); ++i) {
      metrics_->Append(metrics.epochs.at(i));
    }
    const std::string path = fs::path(branch.folder) / EpochCheckpointFile(branch.epochs);
    Config of_other = config_;
    of_other.schedule = Checkpoint(path).config().schedule;
    Restore(path, of_other);
  }

  void Resume() {
    Restore(Path(kCheckpointFile), config_);
    // The process before may have ended just after it saved this one.
    if (run_.keep_epochs && state_.batch == 0) KeepCheckpoint();
    metrics_.emplace(Path(kMetricsFile), static_cast<int>(state_.epoch),
                     precision_ ? precision_->iterations() : 0);
  }

  void Save() {
    mode_.Collect();
    if (precision_) state_.dynamic_precision = precision_->ToJson();
    if (recipe_) state_.recipe = recipe_->ToJson();
    if (config_.early_stop > 0) state_.early_stop = early_stop_.ToJson();
    metrics_->Sync();  // Never behind the checkpoint.
    SaveCheckpoint(Path(kCheckpointFile), config_, state_, *model_, *optimizer_, average_.get());
  }

  // Batches of the present epoch: all, but in an epoch in which the run ends.
  int64_t BatchesToTrain() const {
    if (config_.iterations == 0) return batches_an_epoch_;
    return std::min(batches_an_epoch_, config_.iterations - state_.epoch * batches_an_epoch_);
  }

  // Whether the present epoch runs on LibTorch's own FP32.
  bool warming_up() const { return state_.epoch < warm_up_epochs_; }
  void EnterMode() {
    if (!warming_up()) {
      mode_.Enter(mulberry::PolicyOf(config_, state_.epoch, epochs_, state_.losses));
    }
  }

  // False if it was stopped, with a checkpoint.
  bool TrainEpoch(const Batches& batches) {
    bool stopped = false;
    recent_seconds_.clear();
    Prefetcher prefetcher([&](int64_t i) { return batches.at(i); }, state_.batch, BatchesToTrain());
    EnterMode();
    while (!stopped && state_.batch < BatchesToTrain()) {
      TrainBatch(batches, prefetcher);
      MeasureSlowDown(batches);
      stopped = stop_();
      const bool due = config_.checkpoint_every > 0 && state_.batch % config_.checkpoint_every == 0;
      if (stopped || due) Save();
      progress_.Update(Where());
    }
    mode_.Leave();
    return !stopped;
  }

  double Rate(const Batches& batches, int64_t batch) const {
    return LearningRate(config_, state_.epoch * batches.size() + batch, batches.size());
  }

  Scores Step(const Batch& batch, double rate) {
    try {
      return TrainStep(*model_, *optimizer_, rate, batch,
                       {.recipe = warming_up() ? nullptr : recipe_.get(),
                        .label_smoothing = config_.label_smoothing});
    } catch (const NotFiniteError& e) {
      throw DivergedError("{}: in epoch {}, batch {}: {}; a lower --lr may help",
                          config_.arithmetic[0], state_.epoch + 1, state_.batch + 1, e.what());
    }
  }

  void TrainBatch(const Batches& batches, Prefetcher& prefetcher) {
    const Clock::time_point start = Clock::now();
    Batch batch = prefetcher.Next();
    if (precision_) {
      precision_->BeginIteration();
      batch.images = precision_->RoundData(batch.images);
    }
    const Scores scores = Step(batch, Rate(batches, state_.batch));
    recent_seconds_.push_back(SecondsSince(start));
    if (!std::isfinite(scores.loss_sum)) {
      const bool saved = fs::exists(Path(kCheckpointFile));
      throw DivergedError(
          "{}: the loss is {} in epoch {}, batch {} of {}; {}; a lower --lr may help",
          config_.arithmetic[0], scores.loss(), state_.epoch + 1, state_.batch + 1, batches.size(),
          saved ? fmt::format("{} has the last state that was saved", Path(kCheckpointFile))
                : "there is no checkpoint yet");
    }
    if (precision_) metrics_->Append(precision_->EndIteration(scores.loss(), mode_.Collect()));
    if (average_) average_->Update();
    ++state_.batch;
    state_.scores += scores;
    state_.timing.train_seconds += recent_seconds_.back();
  }

  // At the end of each stretch: its batches once more, on LibTorch's own arithmetic.
  void MeasureSlowDown(const Batches& batches) {
    const int64_t stretches = std::min(kStretches, batches.size());
    const int64_t length = std::min(config_.native_batches, batches.size()) / stretches;
    const int64_t stretch = batches.size() / stretches;
    if (length == 0 || state_.batch % stretch != 0) return;
    // After a resumption the stretch may have begun in the process before.
    if (static_cast<int64_t>(recent_seconds_.size()) >= length) {
      const double seconds =
          std::accumulate(recent_seconds_.end() - length, recent_seconds_.end(), 0.0);
      const int64_t first = state_.batch - length;
      mode_.Leave();
      state_.timing.slow_downs.push_back(
          seconds / native_.Seconds(batches, first, length, Rate(batches, first)));
      EnterMode();
    }
    recent_seconds_.clear();
  }

  Scores Test() {
    std::optional<WeightAverage::Applied> applied;
    if (average_) applied.emplace(*average_);
    if (!precision_) return Evaluate(*model_, data_.test);
    precision_->BeginEvaluation();
    return Evaluate(*model_, precision_->RoundData(data_.test));
  }

  void FinishEpoch(const Batches& batches) {
    EnterMode();
    const Clock::time_point start = Clock::now();
    const Scores test = Test();
    state_.timing.test_seconds = SecondsSince(start);
    mode_.Leave();
    EpochMetrics epoch;
    epoch.epoch = static_cast<int>(state_.epoch + 1);
    epoch.lr = Rate(batches, state_.batch - 1);
    epoch.share = static_cast<double>(state_.batch) / static_cast<double>(batches_an_epoch_);
    epoch.train_loss = state_.scores.loss();
    epoch.train_accuracy_pct = state_.scores.accuracy_pct();
    epoch.test_loss = test.loss();
    epoch.test_accuracy_pct = test.accuracy_pct();
    epoch.approximate_macs = state_.mode.approximate_macs;
    epoch.native_macs = state_.mode.native_macs;
    if (recipe_) epoch.skipped_updates = recipe_->TakeSkippedUpdates();
    epoch.timing = state_.timing;
    early_stop_.Add(test);
    epoch.ended_early = early_stop_.due() && state_.epoch + 1 < epochs_;
    // First the metrics: what they have beyond the checkpoint is cut off by a resumption.
    metrics_->Append(epoch);
    ++state_.epoch;
    state_.losses.push_back(epoch.train_loss);
    state_.batch = 0;
    state_.scores = {};
    state_.timing = {};
    state_.mode.approximate_macs = {};
    state_.mode.native_macs = {};
    Save();
    if (run_.keep_epochs) KeepCheckpoint();
    mode_.WriteOperands();
    progress_.Line(fmt::format("{}  epoch {}/{}  loss {:.4f}  test accuracy {:.2f} %  {:.1f} s",
                               run_.label, epoch.epoch, epochs_, epoch.train_loss,
                               epoch.test_accuracy_pct, epoch.timing.train_seconds));
    if (epoch.ended_early) {
      progress_.Line(fmt::format("{}  ends early: {}", run_.label, early_stop_.Reason()));
    }
  }

  void KeepCheckpoint() const {
    const std::string kept = Path(EpochCheckpointFile(state_.epoch).c_str());
    fs::copy_file(Path(kCheckpointFile), kept + ".part", fs::copy_options::overwrite_existing);
    fs::rename(kept + ".part", kept);
  }

  ProgressState Where() const {
    ProgressState where;
    where.run = run_.label;
    where.epoch = static_cast<int>(state_.epoch + 1);
    where.epochs = static_cast<int>(epochs_);
    where.batch = state_.batch;
    where.batches = BatchesToTrain();
    if (state_.scores.samples > 0) {
      where.loss = state_.scores.loss();
      where.accuracy_pct = state_.scores.accuracy_pct();
    }
    return where;
  }

  const TrainingRun& run_;
  const Config& config_;
  const uint64_t seed_;
  const TrainingData& data_;
  const Augmentation augmentation_;
  ProgressDisplay& progress_;
  const std::function<bool()>& stop_;
  TrainingState state_;
  std::shared_ptr<Network> model_;
  std::unique_ptr<DynamicPrecision> precision_;  // Null without schedule dps.
  std::unique_ptr<torch::optim::Optimizer> optimizer_;
  std::unique_ptr<WeightAverage> average_;  // Null without ema-decay.
  EarlyStop early_stop_;
  std::unique_ptr<Recipe> recipe_;  // Null where weights and gradients are plain FP32.
  RunMode mode_;
  NativePace native_;
  const int64_t warm_up_epochs_;
  const int64_t batches_an_epoch_;
  const int64_t epochs_;
  std::optional<MetricsWriter> metrics_;
  std::deque<double> recent_seconds_;  // Of the batches of the present stretch.
};

}  // namespace

TrainingData LoadTrainingData(const Config& config) {
  const DatasetInfo& info = FindDataset(config.data);
  return {Limited(info.load(Split::kTrain), config.limit_train),
          Limited(info.load(Split::kTest), config.limit_test)};
}

RunEnd Train(const TrainingRun& run, const TrainingData& data, ProgressDisplay& progress,
             const std::function<bool()>& stop) {
  return Trainer(run, data, progress, stop).ToTheEnd();
}

}  // namespace mulberry
