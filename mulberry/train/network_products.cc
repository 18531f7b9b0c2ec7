// One step of a network, for the shapes of its products. See network_products.h.
#include "mulberry/train/network_products.h"

#include <torch/torch.h>

#include "mulberry/base/error.h"
#include "mulberry/models/registry.h"
#include "mulberry/nn/approximate.h"

namespace mulberry {
namespace {

// Any arithmetic whose products run as simulated ones shows the shapes; this is a fast one.
constexpr const char* kProbe = "exact@bf16";

void RunOnce(Network& network, const NetworkInput& input, int64_t batch, Work work) {
  torch::manual_seed(1);
  const torch::Tensor images =
      torch::randn({batch, input.images[0], input.images[1], input.images[2]});
  if (work == Work::kInference) {
    const torch::NoGradGuard no_grad;
    network.eval();
    network.forward(images);
    return;
  }
  network.train();
  const torch::Tensor labels = torch::randint(input.classes, {batch}, torch::kLong);
  torch::nn::functional::cross_entropy(network.forward(images), labels).backward();
}

}  // namespace

std::vector<LayerProducts> ProductsOf(const Config& config, const NetworkInput& input,
                                      int64_t batch, Work work) {
  const auto network = MakeNetwork(config.model, input.classes, 1, input.images);
  const auto recorder =
      std::make_shared<OperandRecorder>(OperandRecorder::Wanted{.histograms = false});
  Approximate::Options options;
  options.recorder = recorder;
  RunReport report;
  {
    const Approximate mode(*network, Policy::Uniform(ParseArithmetic(kProbe)), options);
    RunOnce(*network, input, batch, work);
    report = mode.Report();
  }
  std::vector<LayerProducts> products;
  const auto shapes = recorder->shapes();
  for (const LayerRun& line : report.lines) {
    const auto found = shapes.find({line.layer, line.pass});
    if (!line.why_native.empty() || found == shapes.end()) {
      throw UsageError("{}: the shapes of {} {} are not known: {}", config.model, line.layer,
                       Name(line.pass), line.why_native);
    }
    LayerProducts of_layer{line.layer, line.pass, line.macs, {}};
    for (const auto& [shape, count] : found->second) {
      of_layer.shapes.push_back({shape[0], shape[1], shape[2], count});
    }
    products.push_back(std::move(of_layer));
  }
  return products;
}

}  // namespace mulberry
