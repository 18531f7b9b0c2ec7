// Post-training quantisation: a network that starts with the weights of a trained one, its batch
// normalisations folded if asked for, and ranges for its activations from a sample of training
// images. Not here: how a range is chosen (formats/calibration.h), and training from there on
// (trainer.h).
#pragma once

#include <memory>
#include <string>

#include "mulberry/data/dataset.h"
#include "mulberry/models/network.h"
#include "mulberry/nn/approximate.h"
#include "mulberry/train/config.h"
#include "mulberry/train/run_folder.h"

namespace mulberry {

/// A new network for the configuration and its data set, with folded batch normalisations where it
/// says so.
std::shared_ptr<Network> NewNetwork(const Config& config, const Dataset& data);

/// Gives `network`, of NewNetwork, the weights of `start`, a checkpoint or the folder of a run,
/// folded where the configuration says so: those that the run tested, so where it has an average of
/// its weights that. Throws Error if there is none, or if it is of another network.
void StartFrom(const std::string& start, const Config& config, Network& network,
               const Dataset& data);

/// Before a folder is made, or replaced, for a run that could not begin: throws Error if the
/// configuration has a start that cannot be read or is of another network, and UsageError if it
/// lies in the folder that is to be replaced. A run that is resumed has begun.
void CheckStart(const Config& config, Existing existing);

/// The checkpoint that `start` names. Throws Error, or UsageError for a folder of several runs.
std::string CheckpointPath(const std::string& start);

/// Ranges for the activations of those layers whose forward products are of integers that are
/// scaled by a range, by config.calibration; none where that is empty. `train`: the training set,
/// whose first config.calibration_samples images the network sees, on LibTorch's own arithmetic.
Approximate::Ranges Calibrate(const Config& config, Network& network, const Dataset& train);

/// Brings the keys of quantisation to their canonical spelling. Throws UsageError, also where one
/// is given that would change nothing.
void CompleteQuantization(Config& config);

}  // namespace mulberry
