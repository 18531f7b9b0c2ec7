// The IDX file format of MNIST, for bytes: four bytes 0 0 8 D, D big-endian 32-bit sizes, then the
// elements, last index fastest. Source: LeCun, Cortes, Burges, "The MNIST database of handwritten
// digits". Other element types, which no data set here uses, are refused.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mulberry {

/// The elements as uint8 of `shape`, which the file must have exactly. Throws Error that names the
/// file, what was expected, what was found, and `fix`, a sentence that tells the user what to do.
torch::Tensor ReadIdx(const std::filesystem::path& path, const std::vector<int64_t>& shape,
                      const std::string& fix);

}  // namespace mulberry
