// CIFAR-10, small colour photographs of ten kinds of things: where its files come from and how they
// become tensors. An official binary file is 10,000 records of 3073 bytes: the label, then the red,
// the green and the blue pixels of 32 x 32, row by row. Source: Krizhevsky, "Learning multiple
// layers of features from tiny images", 2009. Not here: the other form in which they are published
// (cifar_png.h).
#pragma once

#include <filesystem>
#include <string>

#include "mulberry/data/dataset.h"
#include "mulberry/data/fetch.h"

namespace mulberry {

inline constexpr int64_t kCifarSide = 32;
inline constexpr int64_t kCifarChannels = 3;
inline constexpr int64_t kCifarPixels = kCifarSide * kCifarSide;  ///< Of a channel.
inline constexpr int64_t kCifarClasses = 10;
inline constexpr int64_t kCifarFileImages = 10000;
inline constexpr int64_t kCifarTrainFiles = 5;

/// The six official binary files, with their digests and sources.
const FileSet& Cifar10Files();

/// Reads an official binary file of N records into `images`, float [N, 3, 32, 32], as (p / 255 -
/// mean) / deviation by the channel's figures over the training set, and `labels`, int64 [N]; both
/// must be contiguous. Throws Error that names the file, what was expected, what was found, and
/// `fix`, a sentence that tells the user what to do: where the size, the SHA-256 digest or a label
/// is wrong.
void ReadCifar10File(const std::filesystem::path& path, const std::string& sha256,
                     const std::string& fix, const torch::Tensor& images,
                     const torch::Tensor& labels);

/// Images [N, 3, 32, 32] and labels 0 to 9 (airplane, automobile, bird, cat, deer, dog, frog,
/// horse, ship, truck), N = 50,000 or 10,000, from the cache folder. Throws as ReadCifar10File,
/// with the command that mends it.
Dataset LoadCifar10(Split split);

}  // namespace mulberry
