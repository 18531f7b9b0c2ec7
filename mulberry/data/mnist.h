// MNIST, the handwritten digits: where its files come from and how they become tensors.
// Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits", 1998.
#pragma once

#include <cstdint>

#include "mulberry/data/dataset.h"
#include "mulberry/data/fetch.h"

namespace mulberry {

/// The four IDX files, with their digests and sources.
const FileSet& MnistFiles();

/// What the pixels of an image are.
enum class Pixels : uint8_t {
  kNormalised,  ///< (p / 255 - 0.1307) / 0.3081: the training set has mean 0 and deviation 1.
  kUnit,        ///< p / 255, in [0, 1].
};

/// Images [N, 1, 28, 28] and labels 0 to 9, N = 60,000 or 10,000, from the cache folder. The files'
/// sizes, headers and label range are checked here, their digests by fetch and verify. Throws Error
/// that names the file, what was expected, what was found, and the command that mends it.
Dataset LoadMnist(Split split, Pixels pixels = Pixels::kNormalised);

}  // namespace mulberry
