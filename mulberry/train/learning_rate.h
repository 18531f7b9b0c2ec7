// Learning-rate schedules: the rate as a function of the batch's number, so that a resumed run
// needs no state for it. Not here: schedules of the arithmetic and the formats (schedule_spec.h).
#pragma once

#include <cstdint>

#include "mulberry/train/config.h"

namespace mulberry {

/// The rate of batch `batch` of the run (from 0), by config.lr_schedule, with e = batch /
/// batches_an_epoch (whole epochs) and t = batch / all batches of the run (config.iterations, or
/// those of its epochs):
///   constant    lr
///   step        lr·f^⌊e / s⌋           f = lr-step-factor, s = lr-step-epochs
///   milestones  lr·f^n                 n: how many of lr-milestones are at most e
///   cosine      lr-final + (lr − lr-final)·(1 + cos πt) / 2
///   inv         lr·(1 + G·batch)^−P    G = lr-inv-gamma, P = lr-inv-power (as in Caffe)
///
/// With lr-warmup-epochs, which are w batches, times min(1, (batch + 1) / w): the gradual warm-up
/// of Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017.
double LearningRate(const Config& config, int64_t batch, int64_t batches_an_epoch);

/// Throws UsageError where the keys of the learning rate do not fit together.
void CheckLearningRate(const Config& config);

}  // namespace mulberry
