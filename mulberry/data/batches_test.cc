// Mini-batches: every index once, the same for the same seed and epoch, without bias.
#include "mulberry/data/batches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

// Image i is the number i, so that a batch tells which images it holds.
Dataset Numbered(int64_t size) {
  return {torch::arange(size, torch::kFloat32).reshape({size, 1, 1, 1}),
          torch::arange(size, torch::kInt64), size};
}

std::vector<int64_t> LabelsOf(const Batches& batches) {
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < batches.size(); ++i) {
    const Batch batch = batches.at(i);
    EXPECT_TRUE(torch::equal(batch.images.flatten(), batch.labels.to(torch::kFloat32)));
    for (int64_t k = 0; k < batch.labels.size(0); ++k) {
      labels.push_back(batch.labels[k].item<int64_t>());
    }
  }
  return labels;
}

TEST(Batches, HoldEveryImageOnce) {
  for (const int64_t size : {1, 2, 63, 64, 65, 200}) {
    for (const int64_t batch_size : {1, 64, 1000}) {
      const Batches batches(Numbered(size), batch_size, 7, 3);
      EXPECT_EQ(batches.size(), (size + batch_size - 1) / batch_size);
      std::vector<int64_t> labels = LabelsOf(batches);
      std::sort(labels.begin(), labels.end());
      std::vector<int64_t> all(size);
      std::iota(all.begin(), all.end(), 0);
      EXPECT_EQ(labels, all) << size << " in batches of " << batch_size;
    }
  }
}

TEST(Batches, LastOneHoldsWhatIsLeft) {
  const Batches batches(Numbered(10), 4, 0, 0);
  ASSERT_EQ(batches.size(), 3);
  EXPECT_EQ(batches.at(0).labels.size(0), 4);
  EXPECT_EQ(batches.at(2).labels.size(0), 2);
  EXPECT_EQ(batches.at(2).images.size(0), 2);
}

TEST(Batches, AreAFunctionOfSeedAndEpoch) {
  const std::vector<int64_t> order = ShuffledOrder(1000, 1, 1);
  EXPECT_EQ(order, ShuffledOrder(1000, 1, 1));
  EXPECT_NE(order, ShuffledOrder(1000, 1, 2));
  EXPECT_NE(order, ShuffledOrder(1000, 2, 1));
  // The size of the batches does not change the order, nor does what was asked for before.
  EXPECT_EQ(LabelsOf(Batches(Numbered(1000), 64, 1, 1)), order);
  const Batches batches(Numbered(1000), 100, 1, 1);
  EXPECT_TRUE(torch::equal(batches.at(7).labels, Batches(Numbered(1000), 100, 1, 1).at(7).labels));
}

TEST(Batches, EachOrderIsEquallyLikely) {
  std::map<std::vector<int64_t>, int> counts;
  const int epochs = 6000;
  for (int epoch = 0; epoch < epochs; ++epoch) ++counts[ShuffledOrder(3, 5, epoch)];
  ASSERT_EQ(counts.size(), 6u);
  // Binomial with p = 1/6: mean 1000, standard deviation 28.9. The seed is fixed.
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 116);
}

// Image n of an epoch is changed alike whatever the batches are, and in another way in each epoch.
TEST(Batches, AugmentEachImageByItsNumber) {
  const Dataset dataset = {torch::rand({20, 3, 8, 6}), torch::arange(20, torch::kInt64), 20};
  const auto augmented = [&](int64_t batch_size, uint64_t seed, int64_t epoch) {
    torch::Tensor images = torch::empty_like(dataset.images);
    const Batches batches(dataset, batch_size, seed, epoch, Augmentation::kCropFlip);
    for (int64_t i = 0; i < batches.size(); ++i) {
      const Batch batch = batches.at(i);
      images.index_copy_(0, batch.labels, batch.images);
    }
    return images;
  };
  const torch::Tensor images = augmented(7, 1, 2);
  for (int64_t n = 0; n < 20; ++n) {
    torch::Tensor expected = torch::empty({3, 8, 6});
    Apply(CropFlipOf(1, 2, n), dataset.images[n].data_ptr<float>(), 3, 8, 6,
          expected.data_ptr<float>());
    EXPECT_TRUE(images[n].equal(expected)) << n;
  }
  EXPECT_TRUE(images.equal(augmented(20, 1, 2)));
  EXPECT_FALSE(images.equal(augmented(7, 1, 3)));
  EXPECT_FALSE(images.equal(augmented(7, 2, 2)));
}

// A view of every other image.
TEST(Batches, TakeDataThatIsNotContiguous) {
  const Dataset all = Numbered(10);
  const Dataset odd = {all.images.slice(0, 1, {}, 2), all.labels.slice(0, 1, {}, 2), 10};
  std::vector<int64_t> labels = LabelsOf(Batches(odd, 2, 1, 1));
  std::sort(labels.begin(), labels.end());
  EXPECT_EQ(labels, (std::vector<int64_t>{1, 3, 5, 7, 9}));
}

TEST(Batches, WithoutASeedKeepTheOrder) {
  const Batches batches(Numbered(10), 4);
  EXPECT_EQ(LabelsOf(batches), (std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(Batches, RefuseASizeBelowOne) {
  EXPECT_THROW(Batches(Numbered(10), 0), UsageError);
  EXPECT_THROW(Batches(Numbered(10), -1, 0, 0), UsageError);
}

TEST(Batches, OfAnEmptyDatasetAreNone) {
  EXPECT_EQ(Batches(Numbered(0), 4, 0, 0).size(), 0);
}

}  // namespace
}  // namespace mulberry
