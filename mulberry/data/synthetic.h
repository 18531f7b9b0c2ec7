// Small data sets made up from a seed: ten smooth patterns, shifted, with noise. Learnable by every
// model that learns MNIST or CIFAR-10, of their shapes, and in need of no file: for tests and first
// tries.
#pragma once

#include <cstdint>

#include "mulberry/data/dataset.h"

namespace mulberry {

inline constexpr int64_t kSyntheticTrainSize = 2000;
inline constexpr int64_t kSyntheticTestSize = 500;

struct SyntheticShape {
  int64_t channels;
  int64_t side;
};
inline constexpr SyntheticShape kMnistShape = {1, 28};
inline constexpr SyntheticShape kCifarShape = {3, 32};

/// `size` images [size, channels, side, side] with about mean 0 and standard deviation 1, and
/// labels 0 to 9 in turn. The two splits share the patterns of `seed` and no noise. The same bits
/// on every platform.
Dataset MakeSynthetic(Split split, int64_t size, uint64_t seed, SyntheticShape shape = kMnistShape);
/// The data sets "synthetic" and "synthetic-cifar": seed 0, the sizes above.
Dataset MakeSynthetic(Split split, SyntheticShape shape = kMnistShape);

}  // namespace mulberry
