// Learning-rate schedules. See learning_rate.h.
#include "mulberry/train/learning_rate.h"

#include <cmath>
#include <numbers>

#include "mulberry/base/error.h"

namespace mulberry {

double LearningRate(const Config& config, int64_t batch, int64_t batches_an_epoch) {
  const double lr = config.lr;
  if (config.lr_schedule == "constant") return lr;
  if (config.lr_schedule == "step") {
    const int64_t steps = batch / batches_an_epoch / config.lr_step_epochs;
    return lr * std::pow(config.lr_step_factor, static_cast<double>(steps));
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
  throw UsageError("lr-schedule: '{}' must be one of: constant, step, cosine, inv",
                   config.lr_schedule);
}

}  // namespace mulberry
