#include "mulberry/models/registry.h"

#include <fmt/ranges.h>

#include "mulberry/base/error.h"
#include "mulberry/base/suggest.h"
#include "mulberry/models/initialise.h"
#include "mulberry/models/lenet.h"
#include "mulberry/models/resnet.h"

namespace mulberry {
namespace {

template <typename T>
std::shared_ptr<Network> Make(int64_t classes) {
  return std::make_shared<T>(classes);
}

template <int64_t kBlocksPerStage>
std::shared_ptr<Network> MakeCifarResNet(int64_t classes) {
  return std::make_shared<CifarResNet>(kBlocksPerStage, classes);
}

}  // namespace

const std::vector<NetworkInfo>& Networks() {
  static const std::vector<NetworkInfo> networks = {
      {"lenet300",
       "LeNet-300-100: three fully connected layers",
       {1, 28, 28},
       266610,
       &Make<LeNet300100>},
      {"lenet5",
       "LeNet-5: two convolutions and three fully connected layers",
       {1, 28, 28},
       61706,
       &Make<LeNet5>},
      {"caffe-lenet",
       "LeNet of Caffe's MNIST example: two convolutions and two fully connected layers",
       {1, 28, 28},
       431080,
       &Make<CaffeLeNet>},
      {"resnet20",
       "ResNet-20: 19 convolutions with batch normalisation and a fully connected layer",
       {3, 32, 32},
       269722,
       &MakeCifarResNet<3>},
      {"resnet32",
       "ResNet-32: 31 convolutions with batch normalisation and a fully connected layer",
       {3, 32, 32},
       464154,
       &MakeCifarResNet<5>},
  };
  return networks;
}

const NetworkInfo& FindNetwork(std::string_view name) {
  std::vector<std::string_view> names;
  for (const NetworkInfo& info : Networks()) {
    if (info.name == name) return info;
    names.push_back(info.name);
  }
  const std::string_view nearest = Nearest(name, names);
  throw UsageError("no model \"{}\"{} There are: {}", name,
                   nearest.empty() ? "." : fmt::format("; did you mean \"{}\"?", nearest),
                   fmt::join(names, ", "));
}

std::shared_ptr<Network> MakeNetwork(std::string_view name, int64_t classes, uint64_t seed) {
  std::shared_ptr<Network> network = FindNetwork(name).make(classes);
  Initialise(*network, seed);
  return network;
}

}  // namespace mulberry
