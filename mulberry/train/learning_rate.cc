// Learning-rate schedules. See learning_rate.h.
#include "mulberry/train/learning_rate.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <string_view>
#include <vector>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

// Rising numbers of epochs, separated by commas.
std::vector<int64_t> Milestones(std::string_view text) {
  std::vector<int64_t> milestones;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    int64_t epoch = 0;
    const auto [next, error] = std::from_chars(at, end, epoch);
    const int64_t last = milestones.empty() ? 0 : milestones.back();
    const bool ends = next == end;
    if (error != std::errc() || epoch <= last || (!ends && *next != ',')) {
      throw UsageError(
          "lr-milestones: '{}' must be rising numbers of epochs, from 1 on, such as 82,123", text);
    }
    milestones.push_back(epoch);
    if (ends) return milestones;
    at = next + 1;
  }
}

// Without the warm-up.
double Scheduled(const Config& config, int64_t batch, int64_t batches_an_epoch) {
  const double lr = config.lr;
  const auto after_steps = [&](int64_t steps) {
    return lr * std::pow(config.lr_step_factor, static_cast<double>(steps));
  };
  const int64_t epoch = batch / batches_an_epoch;
  if (config.lr_schedule == "constant") return lr;
  if (config.lr_schedule == "step") return after_steps(epoch / config.lr_step_epochs);
  if (config.lr_schedule == "milestones") {
    const std::vector<int64_t> milestones = Milestones(config.lr_milestones);
    return after_steps(std::ranges::upper_bound(milestones, epoch) - milestones.begin());
  }
  if (config.lr_schedule == "cosine") {
    const int64_t all =
        config.iterations > 0 ? config.iterations : config.epochs * batches_an_epoch;
    const double t = static_cast<double>(batch) / static_cast<double>(all);
    return config.lr_final + (lr - config.lr_final) * (1 + std::cos(std::numbers::pi * t)) / 2;
  }
  if (config.lr_schedule == "inv") {
    return lr *
           std::pow(1 + config.lr_inv_gamma * static_cast<double>(batch), -config.lr_inv_power);
  }
  throw UsageError("lr-schedule: '{}' must be one of: constant, step, milestones, cosine, inv",
                   config.lr_schedule);
}

}  // namespace

double LearningRate(const Config& config, int64_t batch, int64_t batches_an_epoch) {
  const double rate = Scheduled(config, batch, batches_an_epoch);
  const double warm_up = config.lr_warmup_epochs * static_cast<double>(batches_an_epoch);
  const auto done = static_cast<double>(batch + 1);
  return done < warm_up ? rate * done / warm_up : rate;
}

void CheckLearningRate(const Config& config) {
  if (config.lr_schedule == "milestones" || !config.lr_milestones.empty()) {
    Milestones(config.lr_milestones);
  }
  if (config.iterations == 0 && config.lr_warmup_epochs > static_cast<double>(config.epochs)) {
    throw UsageError("lr-warmup-epochs: {} must be at most the epochs of the run, {}",
                     config.lr_warmup_epochs, config.epochs);
  }
}

}  // namespace mulberry
