// Random changes to training images, as published results on CIFAR-10 have them. What is done to an
// image is a pure function of (seed, epoch, the image's index), so it is the same for any number of
// threads, in any batch, and after a resumption. Not here: when it is done (batches.h).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace mulberry {

/// What `--augment` accepts.
enum class Augmentation : uint8_t {
  kNone,
  /// A random crop of the image's own size out of the image with kCropPadding pixels of zeros
  /// around it, then, with probability 1/2, its mirror image, left for right. Source: He, Zhang,
  /// Ren, Sun, "Deep residual learning for image recognition", CVPR 2016, section 4.2.
  kCropFlip,
};

/// All, in the order in which they are listed.
const std::vector<Augmentation>& Augmentations();
std::string_view Name(Augmentation augmentation);  // "none", "crop-flip"
/// Throws UsageError that names those that there are.
Augmentation ParseAugmentation(std::string_view name);

inline constexpr int64_t kCropPadding = 4;

/// One crop and flip.
struct CropFlip {
  int64_t down = 0;   ///< Row of the image in the crop's first row: -kCropPadding to kCropPadding.
  int64_t right = 0;  ///< Likewise, of the columns.
  bool flip = false;  ///< Mirrored after the crop.

  friend bool operator==(const CropFlip&, const CropFlip&) = default;
};

/// What is done to image number `image` of the data set in `epoch`.
CropFlip CropFlipOf(uint64_t seed, int64_t epoch, int64_t image);

/// Writes `image`, [channels, height, width], so changed to `out` of the same size. Zeros come in
/// from outside: pixels are normalised, so that they are grey.
void Apply(const CropFlip& change, const float* image, int64_t channels, int64_t height,
           int64_t width, float* out);

}  // namespace mulberry
