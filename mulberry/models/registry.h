// The networks by name. To add one: a class beside lenet.h and one line in registry.cc.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "mulberry/models/network.h"

namespace mulberry {

/// A network that `--model` accepts: a row of `mulberry list models`.
struct NetworkInfo {
  std::string_view name;
  std::string_view summary;
  std::array<int64_t, 3> input;  ///< Channels, height, width.
  int64_t parameters;            ///< With 10 classes.
  std::shared_ptr<Network> (*make)(int64_t classes);
};

/// All networks, in the order in which they are listed.
const std::vector<NetworkInfo>& Networks();

/// The network of that name. Throws UsageError that suggests the nearest name.
const NetworkInfo& FindNetwork(std::string_view name);

/// A new network with the weights that Initialise gives for `seed`. Throws as FindNetwork.
std::shared_ptr<Network> MakeNetwork(std::string_view name, int64_t classes, uint64_t seed);

}  // namespace mulberry
