// A labelled image data set in memory, and the data sets by name. Not here: how each is read
// (mnist.h, cifar.h, synthetic.h) and how it is cut into mini-batches (batches.h).
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mulberry/data/augment.h"

namespace mulberry {

struct FileSet;  // fetch.h

/// The part of a data set.
enum class Split : uint8_t { kTrain, kTest };
std::string_view Name(Split split);  // "train", "test"

struct Dataset {
  torch::Tensor images;  ///< float [N, channels, height, width], normalised as its source says.
  torch::Tensor labels;  ///< int64 [N], each in [0, classes).
  int64_t classes = 0;

  int64_t size() const { return labels.size(0); }
};

/// A data set that `--data` accepts: a row of `mulberry list data`.
struct DatasetInfo {
  std::string_view name;
  std::string_view summary;
  int64_t channels, height, width;
  int64_t classes;
  Dataset (*load)(Split split);
  Augmentation augmentation;  ///< Of the training images, unless the run says otherwise.
  const FileSet& (*files)();  ///< Null: it needs none.
};

/// All data sets, in the order in which they are listed.
const std::vector<DatasetInfo>& Datasets();

/// The data set of that name. Throws UsageError that suggests the nearest name.
const DatasetInfo& FindDataset(std::string_view name);

}  // namespace mulberry
