// The table of data sets, and the synthetic one.
#include "mulberry/data/dataset.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"
#include "mulberry/base/threads.h"
#include "mulberry/data/synthetic.h"

namespace mulberry {
namespace {

TEST(Datasets, AreFoundByName) {
  for (const DatasetInfo& info : Datasets()) EXPECT_EQ(&FindDataset(info.name), &info);
}

TEST(Datasets, SuggestTheNearestName) {
  try {
    FindDataset("mnits");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "no data set \"mnits\"; did you mean \"mnist\"? There are: mnist, cifar10, "
                 "synthetic, synthetic-cifar");
  }
  try {
    FindDataset("?");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "no data set \"?\". There are: mnist, cifar10, synthetic, synthetic-cifar");
  }
}

TEST(Synthetic, HasTheShapesOfItsInfo) {
  for (const char* name : {"synthetic", "synthetic-cifar"}) {
    const DatasetInfo& info = FindDataset(name);
    for (const Split split : {Split::kTrain, Split::kTest}) {
      const Dataset dataset = info.load(split);
      EXPECT_EQ(dataset.size(), split == Split::kTrain ? kSyntheticTrainSize : kSyntheticTestSize);
      EXPECT_EQ(dataset.images.sizes(),
                (std::vector<int64_t>{dataset.size(), info.channels, info.height, info.width}));
      EXPECT_EQ(dataset.images.scalar_type(), torch::kFloat32);
      EXPECT_EQ(dataset.labels.scalar_type(), torch::kInt64);
      EXPECT_EQ(dataset.classes, info.classes);
      EXPECT_EQ(dataset.labels.min().item<int64_t>(), 0);
      EXPECT_EQ(dataset.labels.max().item<int64_t>(), info.classes - 1);
    }
  }
}

TEST(Synthetic, IsAboutNormalised) {
  for (const SyntheticShape shape : {kMnistShape, kCifarShape}) {
    const Dataset dataset = MakeSynthetic(Split::kTrain, shape);
    EXPECT_NEAR(dataset.images.mean().item<double>(), 0.0, 0.05);
    EXPECT_NEAR(dataset.images.std().item<double>(), 1.0, 0.05);
  }
}

TEST(Synthetic, IsAFunctionOfTheSeed) {
  const Dataset dataset = MakeSynthetic(Split::kTest, 50, 3);
  EXPECT_TRUE(torch::equal(dataset.images, MakeSynthetic(Split::kTest, 50, 3).images));
  EXPECT_FALSE(torch::equal(dataset.images, MakeSynthetic(Split::kTest, 50, 4).images));
  EXPECT_FALSE(torch::equal(dataset.images, MakeSynthetic(Split::kTrain, 50, 3).images));
  const int threads = Threads();
  SetThreads(1);
  const Dataset single = MakeSynthetic(Split::kTest, 50, 3);
  SetThreads(threads);
  EXPECT_TRUE(torch::equal(dataset.images, single.images));
}

// Learnable, but not by a glance: the nearest mean of the training images of each class, without
// any tolerance for the shifts, is right far more often than chance and not always.
TEST(Synthetic, IsLearnable) {
  for (const SyntheticShape shape : {kMnistShape, kCifarShape}) {
    const Dataset train = MakeSynthetic(Split::kTrain, shape);
    const Dataset test = MakeSynthetic(Split::kTest, shape);
    std::vector<torch::Tensor> means;
    for (int64_t label = 0; label < train.classes; ++label) {
      const torch::Tensor chosen = torch::nonzero(train.labels == label).flatten();
      means.push_back(train.images.index_select(0, chosen).mean(0).flatten());
    }
    const torch::Tensor distances = torch::cdist(test.images.flatten(1), torch::stack(means));
    const torch::Tensor right = distances.argmin(1) == test.labels;
    const double accuracy = right.to(torch::kFloat64).mean().item<double>();
    EXPECT_GT(accuracy, 0.8);
  }
}

}  // namespace
}  // namespace mulberry
