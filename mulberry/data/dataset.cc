// The table of data sets. To add one: a reader beside mnist.cc and one line here.
#include "mulberry/data/dataset.h"

#include <fmt/ranges.h>

#include "mulberry/base/error.h"
#include "mulberry/base/suggest.h"
#include "mulberry/data/cifar.h"
#include "mulberry/data/mnist.h"
#include "mulberry/data/synthetic.h"

namespace mulberry {

std::string_view Name(Split split) {
  return split == Split::kTrain ? "train" : "test";
}

const std::vector<DatasetInfo>& Datasets() {
  static const std::vector<DatasetInfo> datasets = {
      {"mnist", "Handwritten digits, 60,000 for training and 10,000 for the test", 1, 28, 28, 10,
       [](Split split) { return LoadMnist(split); }, Augmentation::kNone, &MnistFiles},
      {"cifar10", "Colour photographs, 50,000 for training and 10,000 for the test", 3, 32, 32, 10,
       &LoadCifar10, Augmentation::kCropFlip, &Cifar10Files},
      {"synthetic", "Ten noisy patterns, made up on the spot: needs no file", 1, 28, 28, 10,
       [](Split split) { return MakeSynthetic(split); }, Augmentation::kNone, nullptr},
      {"synthetic-cifar", "Ten noisy patterns in the shape of CIFAR-10, made up likewise", 3, 32,
       32, 10, [](Split split) { return MakeSynthetic(split, kCifarShape); }, Augmentation::kNone,
       nullptr},
  };
  return datasets;
}

const DatasetInfo& FindDataset(std::string_view name) {
  std::vector<std::string_view> names;
  for (const DatasetInfo& info : Datasets()) {
    if (info.name == name) return info;
    names.push_back(info.name);
  }
  const std::string_view nearest = Nearest(name, names);
  throw UsageError("no data set \"{}\"{} There are: {}", name,
                   nearest.empty() ? "." : fmt::format("; did you mean \"{}\"?", nearest),
                   fmt::join(names, ", "));
}

}  // namespace mulberry
