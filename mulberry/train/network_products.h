// Which matrix products a network runs: their shapes and multiply-accumulates by layer and pass, of
// one step of training or of one batch of inference, found by running it once on random images. Not
// here: what they cost (network_cost.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mulberry/hardware/mac_array.h"
#include "mulberry/models/network.h"
#include "mulberry/nn/operand_recorder.h"
#include "mulberry/train/config.h"

namespace mulberry {

struct LayerProducts {
  std::string layer;
  Pass pass = Pass::kForward;
  int64_t macs = 0;  ///< As runs count them: without zeros that the gradient of strides inserts.
  std::vector<ProductShape> shapes;  ///< As the array runs them, with such zeros.
};

/// What images and classes a network is made for.
struct NetworkInput {
  ImageShape images;
  int64_t classes = 0;
};

enum class Work : uint8_t { kTraining, kInference };

/// Of the configuration's model on a batch of `batch` images, layers in the order in which they
/// ran. Throws as MakeNetwork does, and UsageError where a product of the network cannot be
/// simulated, whose shape is then not known.
std::vector<LayerProducts> ProductsOf(const Config& config, const NetworkInput& input,
                                      int64_t batch, Work work);

}  // namespace mulberry
