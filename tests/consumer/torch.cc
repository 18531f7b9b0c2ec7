// One layer under the approximation mode, with nothing but the installed headers and libraries.
#include <iostream>

#include "mulberry/nn/approximate.h"
#include "mulberry/train/trainer.h"

int main() {
  torch::nn::Linear layer(torch::nn::LinearOptions(1, 1).bias(false));
  const torch::NoGradGuard no_grad;
  layer->weight.fill_(1.5);
  mulberry::Approximate mode(*layer,
                             mulberry::Policy::Uniform(mulberry::ParseArithmetic("mitchell@bf16")));
  const float product = layer->forward(torch::full({1, 1}, 1.5)).item<float>();
  std::cout << "1.5 * 1.5 = " << product << ", " << mode.Report().approximate_macs()
            << " approximate MACs\n";
}
