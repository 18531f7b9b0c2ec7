// Augmentation: crops and flips against an oracle that goes pixel by pixel, and how often each is
// drawn.
#include "mulberry/data/augment.h"

#include <gtest/gtest.h>

#include <map>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

TEST(Augmentation, IsFoundByName) {
  for (const Augmentation augmentation : Augmentations()) {
    EXPECT_EQ(ParseAugmentation(Name(augmentation)), augmentation);
  }
  EXPECT_THROW(ParseAugmentation(""), UsageError);
  EXPECT_THROW(ParseAugmentation("crop"), UsageError);
}

// The image with padding, then a window of it, then the mirror image of that.
std::vector<float> Expected(const CropFlip& change, const std::vector<float>& image,
                            int64_t channels, int64_t height, int64_t width) {
  constexpr int64_t kPad = kCropPadding;
  std::vector<float> out;
  for (int64_t c = 0; c < channels; ++c) {
    std::vector<std::vector<float>> padded(height + 2 * kPad, std::vector<float>(width + 2 * kPad));
    for (int64_t y = 0; y < height; ++y) {
      for (int64_t x = 0; x < width; ++x) {
        padded[y + kPad][x + kPad] = image[(c * height + y) * width + x];
      }
    }
    for (int64_t y = 0; y < height; ++y) {
      for (int64_t x = 0; x < width; ++x) {
        const int64_t column = change.flip ? width - 1 - x : x;
        out.push_back(padded[kPad + change.down + y][kPad + change.right + column]);
      }
    }
  }
  return out;
}

TEST(CropFlip, IsAWindowOfThePaddedImage) {
  struct Shape {
    int64_t channels, height, width;
  };
  // The last are smaller than the padding.
  for (const auto& [channels, height, width] : {Shape{3, 32, 32}, Shape{1, 28, 28}, Shape{2, 9, 5},
                                                Shape{2, 5, 9}, Shape{1, 1, 1}, Shape{2, 3, 2}}) {
    std::vector<float> image(channels * height * width);
    for (size_t i = 0; i < image.size(); ++i) image[i] = static_cast<float>(i + 1);
    for (int64_t down = -kCropPadding; down <= kCropPadding; ++down) {
      for (int64_t right = -kCropPadding; right <= kCropPadding; ++right) {
        for (const bool flip : {false, true}) {
          const CropFlip change{down, right, flip};
          std::vector<float> out(image.size(), -1.0f);
          Apply(change, image.data(), channels, height, width, out.data());
          ASSERT_EQ(out, Expected(change, image, channels, height, width))
              << channels << "x" << height << "x" << width << " " << down << " " << right << " "
              << flip;
        }
      }
    }
  }
}

TEST(CropFlip, DrawsEachChangeAlike) {
  std::map<int64_t, int> down, right, flip;
  std::map<std::pair<int64_t, int64_t>, int> both;
  constexpr int kImages = 81000;
  for (int64_t n = 0; n < kImages; ++n) {
    const CropFlip change = CropFlipOf(1, 5, n);
    ++down[change.down];
    ++right[change.right];
    ++flip[change.flip];
    ++both[{change.down, change.right}];
  }
  ASSERT_EQ(down.size(), 9u);
  ASSERT_EQ(right.size(), 9u);
  ASSERT_EQ(both.size(), 81u);
  EXPECT_EQ(down.begin()->first, -kCropPadding);
  EXPECT_EQ(right.rbegin()->first, kCropPadding);
  // Binomial: standard deviations of 89, 142 and 31. The seed is fixed.
  for (const auto& [offset, count] : down) EXPECT_NEAR(count, kImages / 9, 400);
  for (const auto& [offset, count] : right) EXPECT_NEAR(count, kImages / 9, 400);
  for (const auto& [flipped, count] : flip) EXPECT_NEAR(count, kImages / 2, 600);
  for (const auto& [offsets, count] : both) EXPECT_NEAR(count, kImages / 81, 140);
}

TEST(CropFlip, IsAFunctionOfSeedEpochAndImage) {
  const auto of = [](uint64_t seed, int64_t epoch) {
    std::vector<CropFlip> changes;
    for (int64_t n = 0; n < 100; ++n) changes.push_back(CropFlipOf(seed, epoch, n));
    return changes;
  };
  EXPECT_EQ(of(1, 2), of(1, 2));
  EXPECT_NE(of(1, 2), of(1, 3));
  EXPECT_NE(of(1, 2), of(2, 2));
}

}  // namespace
}  // namespace mulberry
