// The networks by name. To add one: a class beside lenet.h and one line in registry.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mulberry/models/network.h"

namespace mulberry {

/// A network that `--model` accepts: a row of `mulberry list models`.
struct NetworkInfo {
  std::string_view name;
  std::string_view summary;
  ImageShape input;    ///< What it was made for.
  int64_t parameters;  ///< For such images, with 10 classes.
  int64_t least_side;  ///< Other images that it takes: any channels, at least so high and wide;
                       ///< 0: none.
  std::function<std::shared_ptr<Network>(const ImageShape& images, int64_t classes)> make;

  bool Takes(const ImageShape& images) const;
  /// What it takes, in words: "1x28x28", "at least 32x32".
  std::string Accepted() const;
};

/// All networks, in the order in which they are listed.
const std::vector<NetworkInfo>& Networks();

/// The network of that name. Throws UsageError that suggests the nearest name.
const NetworkInfo& FindNetwork(std::string_view name);

/// A new network with the weights that Initialise gives for `seed`, for images of that shape, or
/// by default of the one it was made for. Throws as FindNetwork, and UsageError for images that it
/// does not take.
std::shared_ptr<Network> MakeNetwork(std::string_view name, int64_t classes, uint64_t seed,
                                     const std::optional<ImageShape>& images = std::nullopt);

}  // namespace mulberry
