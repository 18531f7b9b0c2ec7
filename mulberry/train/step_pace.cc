#include "mulberry/train/step_pace.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "mulberry/plan/plan.h"
#include "mulberry/train/quantization.h"
#include "mulberry/train/run_mode.h"
#include "mulberry/train/step.h"

namespace mulberry {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kMostImages = 64;
constexpr int kRounds = 3;
// Every strategy that contends is tried a few times before the fastest is known.
constexpr int kStepsToSettle = 6;

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// A network that is trained on one policy and strategy.
class Stepper {
 public:
  Stepper(Config config, const std::string& strategy, const Dataset& train, const Batch& batch)
      : config_(WithStrategy(std::move(config), strategy)),
        batch_(batch),
        network_(NewNetwork(config_, train)),
        optimizer_(MakeOptimizer(config_, *network_)),
        mode_(config_, *network_, record_) {}

  void Run() {
    mode_.Enter(PolicyOf(config_));
    const Clock::time_point start = Clock::now();
    {
      const torch::NoGradGuard no_grad;
      network_->forward(batch_.images);
    }
    const Clock::time_point middle = Clock::now();
    TrainStep(*network_, *optimizer_, 0.0, batch_);
    const Clock::time_point end = Clock::now();
    mode_.Leave();
    forward_.push_back(std::chrono::duration<double>(middle - start).count());
    step_.push_back(std::chrono::duration<double>(end - middle).count());
  }

  // Of the rounds that count.
  StepSeconds Medians() const {
    return {Median({forward_.end() - kRounds, forward_.end()}),
            Median({step_.end() - kRounds, step_.end()})};
  }

  std::vector<std::string> Strategies() const {
    std::set<std::string> names;
    for (const LayerRun& line : record_.report.lines) {
      if (!line.strategy.empty()) names.insert(line.strategy);
    }
    return {names.begin(), names.end()};
  }

 private:
  static Config WithStrategy(Config config, const std::string& strategy) {
    config.strategy = strategy;
    return config;
  }

  const Config config_;
  const Batch& batch_;
  std::shared_ptr<Network> network_;
  std::unique_ptr<torch::optim::Optimizer> optimizer_;
  ModeRecord record_;
  RunMode mode_;
  std::vector<double> forward_, step_;
};

nlohmann::ordered_json ToJson(const StepSeconds& seconds) {
  return {{"forward", seconds.forward}, {"step", seconds.step}};
}
StepSeconds SecondsFromJson(const nlohmann::ordered_json& json) {
  return {json.at("forward"), json.at("step")};
}

}  // namespace

StepPace MeasureSteps(const Config& config, const Dataset& train,
                      const std::string& other_strategy) {
  const int64_t size = std::min(config.batch_size, kMostImages);
  const Batch batch = Batches(train, size).at(0);
  Config native_config = config;
  native_config.arithmetic = {"fp32"};
  native_config.policy.clear();
  Stepper native(native_config, "", train, batch), planned(config, "", train, batch);
  Stepper other(config, other_strategy, train, batch);
  for (int i = 0; i < kStepsToSettle; ++i) planned.Run();
  for (int i = 0; i < kRounds; ++i) {
    native.Run();
    planned.Run();
    other.Run();
  }
  return {batch.labels.size(0), native.Medians(), planned.Medians(),
          planned.Strategies(), other_strategy,   other.Medians()};
}

nlohmann::ordered_json ToJson(const StepPace& pace) {
  return {{"batch_size", pace.batch_size},           {"native_seconds", ToJson(pace.native)},
          {"planned_seconds", ToJson(pace.planned)}, {"strategies", pace.strategies},
          {"other_strategy", pace.other_strategy},   {"other_seconds", ToJson(pace.other)}};
}

StepPace StepPaceFromJson(const nlohmann::ordered_json& json) {
  return {json.at("batch_size"),
          SecondsFromJson(json.at("native_seconds")),
          SecondsFromJson(json.at("planned_seconds")),
          json.at("strategies").get<std::vector<std::string>>(),
          json.at("other_strategy"),
          SecondsFromJson(json.at("other_seconds"))};
}

}  // namespace mulberry
