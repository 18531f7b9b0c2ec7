#include "mulberry/data/synthetic.h"

#include <array>
#include <vector>

#include "mulberry/base/random.h"
#include "mulberry/base/threads.h"

namespace mulberry {
namespace {

constexpr int kSide = 28;
constexpr int kPixels = kSide * kSide;
constexpr int kClasses = 10;
constexpr int kMaxShift = 2;

// Streams apart from every other use of the same seed.
constexpr uint64_t kPatternStream = 0x5041545400000000;  // "PATT", plus the class
constexpr uint64_t kTrainStream = 0x53594E3000000000;    // "SYN0", plus the image
constexpr uint64_t kTestStream = 0x53594E3100000000;     // "SYN1", plus the image

// Roughly normal, mean 0 and variance 1: the sum of four uniform numbers, scaled. Sums and products
// alone round alike on every platform, which the library's logarithm does not.
float Noise(const RandomStream& stream, uint64_t i) {
  float sum = 0;
  for (uint64_t k = 0; k < 4; ++k) sum += static_cast<float>(stream.At(4 * i + k) >> 8) * 0x1p-24f;
  return (sum - 2.0f) * 1.7320508f;
}

// Wraps around the edges, so that all pixels have the same variance and a shift loses nothing.
int Wrap(int position) {
  return (position + kSide) % kSide;
}

using Image = std::array<float, kPixels>;

// Mean over the (2 radius + 1)² neighbourhood of each pixel.
Image Smooth(const Image& image, int radius) {
  Image smooth{};
  const int width = 2 * radius + 1;
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      float sum = 0;
      for (int dy = -radius; dy <= radius; ++dy) {
        for (int dx = -radius; dx <= radius; ++dx) {
          sum += image[Wrap(y + dy) * kSide + Wrap(x + dx)];
        }
      }
      smooth[y * kSide + x] = sum / static_cast<float>(width * width);
    }
  }
  return smooth;
}

Image MakePattern(uint64_t seed, int label) {
  const RandomStream stream{seed, kPatternStream + static_cast<uint64_t>(label)};
  Image image{};
  for (int i = 0; i < kPixels; ++i) image[i] = Noise(stream, i);
  constexpr int kRadius = 2;
  image = Smooth(image, kRadius);
  for (float& pixel : image) pixel *= 2 * kRadius + 1;  // The mean of w² numbers has deviation 1/w.
  return image;
}

}  // namespace

Dataset MakeSynthetic(Split split, int64_t size, uint64_t seed) {
  std::vector<Image> patterns;
  for (int label = 0; label < kClasses; ++label) patterns.push_back(MakePattern(seed, label));

  Dataset dataset{torch::empty({size, 1, kSide, kSide}), torch::empty({size}, torch::kInt64),
                  kClasses};
  float* images = dataset.images.data_ptr<float>();
  int64_t* labels = dataset.labels.data_ptr<int64_t>();
  const uint64_t first = split == Split::kTrain ? kTrainStream : kTestStream;
  ParallelFor(size, [&](int64_t n) {
    const RandomStream stream{seed, first + static_cast<uint64_t>(n)};
    const Image& pattern = patterns[n % kClasses];
    const int shift_y = static_cast<int>(stream.At(4 * kPixels) % (2 * kMaxShift + 1)) - kMaxShift;
    const int shift_x =
        static_cast<int>(stream.At(4 * kPixels + 1) % (2 * kMaxShift + 1)) - kMaxShift;
    for (int i = 0; i < kPixels; ++i) {
      const int y = Wrap(i / kSide + shift_y), x = Wrap(i % kSide + shift_x);
      images[n * kPixels + i] = 0.8f * pattern[y * kSide + x] + 0.6f * Noise(stream, i);
    }
    labels[n] = n % kClasses;
  });
  return dataset;
}

Dataset MakeSynthetic(Split split) {
  return MakeSynthetic(split, split == Split::kTrain ? kSyntheticTrainSize : kSyntheticTestSize, 0);
}

}  // namespace mulberry
