#include "mulberry/data/augment.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "mulberry/base/error.h"
#include "mulberry/base/random.h"

namespace mulberry {
namespace {

// Streams of the changes, one an epoch, apart from every other use of the same seed.
constexpr uint64_t kAugmentStream = 0x4155474D00000000;  // "AUGM"

// Uniform over -kCropPadding to kCropPadding but for two parts in 2^32.
int64_t Offset(uint32_t number) {
  return static_cast<int64_t>(number % (2 * kCropPadding + 1)) - kCropPadding;
}

}  // namespace

const std::vector<Augmentation>& Augmentations() {
  static const std::vector<Augmentation> all = {Augmentation::kNone, Augmentation::kCropFlip};
  return all;
}

std::string_view Name(Augmentation augmentation) {
  return augmentation == Augmentation::kNone ? "none" : "crop-flip";
}

Augmentation ParseAugmentation(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Augmentation augmentation : Augmentations()) {
    if (Name(augmentation) == name) return augmentation;
    names.push_back(Name(augmentation));
  }
  throw UsageError("'{}' must be one of: {}", name, fmt::join(names, ", "));
}

CropFlip CropFlipOf(uint64_t seed, int64_t epoch, int64_t image) {
  const RandomStream stream{seed, kAugmentStream + static_cast<uint64_t>(epoch)};
  const uint64_t first = 3 * static_cast<uint64_t>(image);
  return {Offset(stream.At(first)), Offset(stream.At(first + 1)), stream.At(first + 2) % 2 == 1};
}

void Apply(const CropFlip& change, const float* image, int64_t channels, int64_t height,
           int64_t width, float* out) {
  // Columns of the crop that lie in the image.
  const int64_t begin = std::clamp<int64_t>(-change.right, 0, width);
  const int64_t end = std::clamp<int64_t>(width - change.right, 0, width);
  for (int64_t line = 0; line < channels * height; ++line, out += width) {
    std::fill(out, out + width, 0.0f);
    const int64_t row = line % height + change.down;
    if (row < 0 || row >= height) continue;
    const float* source = image + (line + change.down) * width + change.right;
    std::copy(source + begin, source + end, out + begin);
    if (change.flip) std::reverse(out, out + width);
  }
}

}  // namespace mulberry
