#include "mulberry/models/registry.h"

#include <fmt/ranges.h>

#include <utility>

#include "mulberry/base/error.h"
#include "mulberry/base/suggest.h"
#include "mulberry/models/alexnet.h"
#include "mulberry/models/initialise.h"
#include "mulberry/models/lenet.h"
#include "mulberry/models/mobilenet.h"
#include "mulberry/models/resnet.h"
#include "mulberry/models/vgg.h"

namespace mulberry {
namespace {

constexpr ImageShape kMnist = {1, 28, 28}, kCifar = {3, 32, 32}, kImageNet = {3, 224, 224};

NetworkInfo LeNet300(std::string_view name, std::string_view summary, int64_t parameters) {
  const auto make = [](const ImageShape&, int64_t classes) {
    return std::make_shared<LeNet300100>(classes);
  };
  return {name, summary, kMnist, parameters, 0, make};
}

template <typename T>
NetworkInfo LeNet(std::string_view name, std::string_view summary, int64_t parameters,
                  int64_t least_side) {
  const auto make = [](const ImageShape& images, int64_t classes) {
    return std::make_shared<T>(images, classes);
  };
  return {name, summary, kMnist, parameters, least_side, make};
}

// A network of a shape or kind that its constructor takes first, then channels and classes.
template <typename T, typename Kind>
NetworkInfo Convolutional(std::string_view name, std::string_view summary, const ImageShape& input,
                          int64_t parameters, int64_t least_side, Kind kind) {
  const auto make = [kind](const ImageShape& images, int64_t classes) {
    return std::make_shared<T>(kind, images[0], classes);
  };
  return {name, summary, input, parameters, least_side, make};
}

NetworkInfo ResNetOf(std::string_view name, std::string_view summary, int64_t parameters,
                     ResNetStem stem, ResidualKind kind, std::vector<int64_t> blocks) {
  const int64_t width = kind == ResidualKind::kPadded ? 16 : 64;
  return Convolutional<ResNet>(name, summary, stem == ResNetStem::kSmall ? kCifar : kImageNet,
                               parameters, 1, ResNetShape{stem, kind, width, std::move(blocks)});
}

NetworkInfo VggOf(std::string_view name, std::string_view summary, int64_t parameters, int depth) {
  return Convolutional<Vgg>(name, summary, kCifar, parameters, 32, depth);
}

NetworkInfo AlexNetOf(std::string_view name, std::string_view summary, const ImageShape& input,
                      int64_t parameters, int64_t least_side, AlexNetStem stem) {
  const auto make = [stem](const ImageShape& images, int64_t classes) {
    return std::make_shared<AlexNet>(stem, images, classes);
  };
  return {name, summary, input, parameters, least_side, make};
}

}  // namespace

const std::vector<NetworkInfo>& Networks() {
  using enum ResidualKind;
  constexpr ResNetStem kSmall = ResNetStem::kSmall, kLarge = ResNetStem::kImageNet;
  static const std::vector<NetworkInfo> networks = {
      LeNet300("lenet300", "LeNet-300-100: three fully connected layers", 266610),
      LeNet<LeNet5>("lenet5", "LeNet-5: two convolutions and three fully connected layers", 61706,
                    12),
      LeNet<CaffeLeNet>(
          "caffe-lenet",
          "LeNet of Caffe's MNIST example: two convolutions and two fully connected layers", 431080,
          16),
      ResNetOf("resnet20",
               "ResNet-20: 19 convolutions with batch normalisation and a fully connected layer",
               269722, kSmall, kPadded, {3, 3, 3}),
      ResNetOf("resnet32",
               "ResNet-32: 31 convolutions with batch normalisation and a fully connected layer",
               464154, kSmall, kPadded, {5, 5, 5}),
      ResNetOf("resnet18", "ResNet-18 for small images: its first convolution is 3x3", 11173962,
               kSmall, kProjected, {2, 2, 2, 2}),
      ResNetOf("resnet34", "ResNet-34 for small images", 21282122, kSmall, kProjected,
               {3, 4, 6, 3}),
      ResNetOf("resnet50", "ResNet-50 for small images, of bottlenecks", 23520842, kSmall,
               kBottleneck, {3, 4, 6, 3}),
      ResNetOf("resnet18-imagenet", "ResNet-18 as published: 7x7 with stride 2, max-pooling",
               11181642, kLarge, kProjected, {2, 2, 2, 2}),
      ResNetOf("resnet34-imagenet", "ResNet-34 as published", 21289802, kLarge, kProjected,
               {3, 4, 6, 3}),
      ResNetOf("resnet50-imagenet", "ResNet-50 as published, of bottlenecks", 23528522, kLarge,
               kBottleneck, {3, 4, 6, 3}),
      VggOf("vgg11", "VGG-11 for small images: 8 convolutions with batch normalisation", 9231114,
            11),
      VggOf("vgg13", "VGG-13 for small images: 10 convolutions with batch normalisation", 9416010,
            13),
      VggOf("vgg16", "VGG-16 for small images: 13 convolutions with batch normalisation", 14728266,
            16),
      VggOf("vgg19", "VGG-19 for small images: 16 convolutions with batch normalisation", 20040522,
            19),
      AlexNetOf("alexnet-cifar", "AlexNet in one tower for small images", kCifar, 37323146, 8,
                AlexNetStem::kSmall),
      AlexNetOf("alexnet-imagenet", "AlexNet in one tower, without response normalisation",
                kImageNet, 58322314, 63, AlexNetStem::kImageNet),
      Convolutional<MobileNetV2>("mobilenetv2",
                                 "MobileNetV2 for small images, of depthwise convolutions", kCifar,
                                 2236682, 1, MobileNetStem::kSmall),
      Convolutional<MobileNetV2>("mobilenetv2-imagenet", "MobileNetV2 as published", kImageNet,
                                 2236682, 1, MobileNetStem::kImageNet),
  };
  return networks;
}

bool NetworkInfo::Takes(const ImageShape& images) const {
  return images == input || (least_side > 0 && images[1] >= least_side && images[2] >= least_side);
}

std::string NetworkInfo::Accepted() const {
  if (least_side == 0) return fmt::format("{}", fmt::join(input, "x"));
  return fmt::format("at least {0}x{0}", least_side);
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

std::shared_ptr<Network> MakeNetwork(std::string_view name, int64_t classes, uint64_t seed,
                                     const std::optional<ImageShape>& images) {
  const NetworkInfo& info = FindNetwork(name);
  const ImageShape shape = images.value_or(info.input);
  if (!info.Takes(shape)) {
    throw UsageError("model {} takes images of {}, not of {}", name, info.Accepted(),
                     fmt::join(shape, "x"));
  }
  std::shared_ptr<Network> network = info.make(shape, classes);
  Initialise(*network, seed);
  return network;
}

}  // namespace mulberry
