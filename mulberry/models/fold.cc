#include "mulberry/models/fold.h"

#include <torch/csrc/autograd/functions/accumulate_grad.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

using torch::autograd::Node;
using torch::nn::BatchNorm2dImpl;
using torch::nn::Conv2dImpl;

bool IsA(const Node& node, std::string_view operation) {
  return node.name().starts_with(operation);
}

// The parameter that the node's i-th argument is, or null.
const c10::TensorImpl* ParameterOf(const Node& node, uint32_t i) {
  if (i >= node.num_outputs()) return nullptr;
  const auto* leaf =
      dynamic_cast<const torch::autograd::AccumulateGrad*>(node.next_edge(i).function.get());
  return leaf ? leaf->variable.unsafeGetTensorImpl() : nullptr;
}

// γ of each normalisation of the graph below `root` that has one convolution before it, whose
// output goes nowhere else; and that convolution's weight.
std::map<const c10::TensorImpl*, const c10::TensorImpl*> WeightsBefore(Node* root) {
  std::map<const c10::TensorImpl*, const Node*> inputs;
  std::map<const Node*, int> uses;
  std::set<Node*> seen;
  std::vector<Node*> open{root};
  while (!open.empty()) {
    Node* node = open.back();
    open.pop_back();
    if (!node || !seen.insert(node).second) continue;
    for (const auto& edge : node->next_edges()) ++uses[edge.function.get()];
    if (IsA(*node, "NativeBatchNormBackward")) {
      const Node* before = node->next_edge(0).function.get();
      const bool convolution = before && IsA(*before, "ConvolutionBackward");
      const auto [at, is_new] =
          inputs.emplace(ParameterOf(*node, 1), convolution ? before : nullptr);
      if (!is_new) at->second = nullptr;
    }
    for (const auto& edge : node->next_edges()) open.push_back(edge.function.get());
  }
  std::map<const c10::TensorImpl*, const c10::TensorImpl*> weights;
  for (const auto& [norm, input] : inputs) {
    if (input && uses[input] == 1) weights[norm] = ParameterOf(*input, 1);
  }
  return weights;
}

void Fold(BatchNorm2dImpl& norm, Conv2dImpl& convolution) {
  const torch::NoGradGuard no_grad;
  const auto wide = [](const torch::Tensor& tensor) { return tensor.to(torch::kDouble); };
  const torch::Tensor scale =
      wide(norm.weight) / (wide(norm.running_var) + norm.options.eps()).sqrt();
  const torch::Tensor before =
      convolution.bias.defined() ? wide(convolution.bias) : torch::zeros_like(scale);
  const torch::Tensor bias = (before - wide(norm.running_mean)) * scale + wide(norm.bias);
  if (!convolution.bias.defined()) {
    // A module that has no bias cannot be given one: it becomes one that was made with it.
    const auto& old = convolution.options;
    Conv2dImpl with_bias(
        torch::nn::Conv2dOptions(old.in_channels(), old.out_channels(), old.kernel_size())
            .stride(old.stride())
            .padding(old.padding())
            .dilation(old.dilation())
            .groups(old.groups())
            .padding_mode(old.padding_mode())
            .bias(true));
    with_bias.weight.copy_(convolution.weight);
    convolution = with_bias;
  }
  convolution.weight.copy_(wide(convolution.weight) * scale.view({-1, 1, 1, 1}));
  convolution.bias.copy_(bias);
  norm.options.eps(0);
  norm.weight.fill_(1);
  norm.bias.fill_(0);
  norm.running_mean.fill_(0);
  norm.running_var.fill_(1);
  norm.weight.set_requires_grad(false);
  norm.bias.set_requires_grad(false);
}

}  // namespace

void FoldBatchNorms(Network& network, const ImageShape& images) {
  const bool training = network.is_training();
  network.eval();
  const torch::AutoGradMode with_graph(true);
  const torch::Tensor scores = network.forward(torch::zeros({1, images[0], images[1], images[2]}));
  const auto weights = WeightsBefore(scores.grad_fn().get());
  std::map<const c10::TensorImpl*, std::shared_ptr<Conv2dImpl>> convolutions;
  for (const auto& module : network.modules()) {
    auto convolution = std::dynamic_pointer_cast<Conv2dImpl>(module);
    if (convolution) convolutions[convolution->weight.unsafeGetTensorImpl()] = convolution;
  }
  for (const auto& module : network.named_modules()) {
    const auto norm = std::dynamic_pointer_cast<BatchNorm2dImpl>(module.value());
    if (!norm) continue;
    const auto weight = weights.find(norm->weight.unsafeGetTensorImpl());
    const auto convolution =
        weight == weights.end() ? convolutions.end() : convolutions.find(weight->second);
    if (convolution == convolutions.end() || !norm->running_mean.defined()) {
      throw Error(
          "{}: this batch normalisation follows no convolution into which it could be folded",
          module.key());
    }
    Fold(*norm, *convolution->second);
    network.KeepInEvaluation(norm);
  }
  network.train(training);
}

}  // namespace mulberry
