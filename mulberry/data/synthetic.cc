#include "mulberry/data/synthetic.h"

#include <vector>

#include "mulberry/base/random.h"
#include "mulberry/base/threads.h"

namespace mulberry {
namespace {

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
int64_t Wrap(int64_t position, int64_t side) {
  return (position + side) % side;
}

using Image = std::vector<float>;  // [channels, side, side]

// Mean over the (2 radius + 1)² neighbourhood of each pixel in its channel.
Image Smooth(const Image& image, SyntheticShape shape, int64_t radius) {
  const int64_t side = shape.side;
  const int64_t width = 2 * radius + 1;
  Image smooth;
  smooth.reserve(image.size());
  for (int64_t c = 0; c < shape.channels; ++c) {
    const float* channel = &image[c * side * side];
    for (int64_t y = 0; y < side; ++y) {
      for (int64_t x = 0; x < side; ++x) {
        float sum = 0;
        for (int64_t dy = -radius; dy <= radius; ++dy) {
          for (int64_t dx = -radius; dx <= radius; ++dx) {
            sum += channel[Wrap(y + dy, side) * side + Wrap(x + dx, side)];
          }
        }
        smooth.push_back(sum / static_cast<float>(width * width));
      }
    }
  }
  return smooth;
}

Image MakePattern(uint64_t seed, int label, SyntheticShape shape) {
  const RandomStream stream{seed, kPatternStream + static_cast<uint64_t>(label)};
  Image image(shape.channels * shape.side * shape.side);
  for (size_t i = 0; i < image.size(); ++i) image[i] = Noise(stream, i);
  constexpr int64_t kRadius = 2;
  image = Smooth(image, shape, kRadius);
  for (float& pixel : image) pixel *= 2 * kRadius + 1;  // The mean of w² numbers has deviation 1/w.
  return image;
}

int64_t Shift(uint32_t number) {
  return static_cast<int64_t>(number % (2 * kMaxShift + 1)) - kMaxShift;
}

}  // namespace

Dataset MakeSynthetic(Split split, int64_t size, uint64_t seed, SyntheticShape shape) {
  const int64_t channels = shape.channels;
  const int64_t side = shape.side;
  std::vector<Image> patterns;
  for (int label = 0; label < kClasses; ++label) {
    patterns.push_back(MakePattern(seed, label, shape));
  }

  Dataset dataset{torch::empty({size, channels, side, side}), torch::empty({size}, torch::kInt64),
                  kClasses};
  float* images = dataset.images.data_ptr<float>();
  int64_t* labels = dataset.labels.data_ptr<int64_t>();
  const uint64_t first = split == Split::kTrain ? kTrainStream : kTestStream;
  ParallelFor(size, [&](int64_t n) {
    const RandomStream stream{seed, first + static_cast<uint64_t>(n)};
    const Image& pattern = patterns[n % kClasses];
    const auto pixels = static_cast<int64_t>(pattern.size());
    const int64_t down = Shift(stream.At(4 * pixels));
    const int64_t right = Shift(stream.At(4 * pixels + 1));
    for (int64_t i = 0; i < pixels; ++i) {
      const int64_t line = i / side, y = line % side;
      const int64_t source =
          (line - y + Wrap(y + down, side)) * side + Wrap(i % side + right, side);
      images[n * pixels + i] = 0.8f * pattern[source] + 0.6f * Noise(stream, i);
    }
    labels[n] = n % kClasses;
  });
  return dataset;
}

Dataset MakeSynthetic(Split split, SyntheticShape shape) {
  return MakeSynthetic(split, split == Split::kTrain ? kSyntheticTrainSize : kSyntheticTestSize, 0,
                       shape);
}

}  // namespace mulberry
