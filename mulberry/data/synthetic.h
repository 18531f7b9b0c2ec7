// A small data set made up from a seed: ten smooth patterns, shifted, with noise. Learnable by
// every model that learns MNIST, of the same shape, and needs no file: for tests and first tries.
#pragma once

#include <cstdint>

#include "mulberry/data/dataset.h"

namespace mulberry {

inline constexpr int64_t kSyntheticTrainSize = 2000;
inline constexpr int64_t kSyntheticTestSize = 500;

/// `size` images [size, 1, 28, 28] with about mean 0 and standard deviation 1, and labels 0 to 9 in
/// turn. The two splits share the patterns of `seed` and no noise. The same bits on every platform.
Dataset MakeSynthetic(Split split, int64_t size, uint64_t seed);
/// The data set "synthetic": seed 0, the sizes above.
Dataset MakeSynthetic(Split split);

}  // namespace mulberry
