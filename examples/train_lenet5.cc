// Trains LeNet-5 on an approximate multiplier from C++. The model, the loss and the optimiser are
// plain LibTorch; the mode is the one line that makes their products approximate.
#include <torch/torch.h>

#include <iostream>

#include "mulberry/data/batches.h"
#include "mulberry/models/registry.h"
#include "mulberry/nn/approximate.h"

int main(int argc, char** argv) {
  const mulberry::DatasetInfo& data = mulberry::FindDataset(argc > 1 ? argv[1] : "mnist");
  const auto model = mulberry::MakeNetwork("lenet5", data.classes, /*seed=*/1);
  torch::optim::SGD optimizer(model->parameters(), torch::optim::SGDOptions(0.05).momentum(0.9));

  const mulberry::Approximate mode(
      *model, mulberry::Policy::Uniform(mulberry::ParseArithmetic("mitchell@bf16")));

  const mulberry::Dataset train = data.load(mulberry::Split::kTrain);
  for (int64_t epoch = 0; epoch < 3; ++epoch) {
    const mulberry::Batches batches(train, /*batch_size=*/64, /*seed=*/1, epoch);
    for (int64_t i = 0; i < batches.size(); ++i) {
      const mulberry::Batch batch = batches.at(i);
      optimizer.zero_grad();
      torch::nn::functional::cross_entropy(model->forward(batch.images), batch.labels).backward();
      optimizer.step();
    }
  }

  const mulberry::Dataset test = data.load(mulberry::Split::kTest);
  const torch::NoGradGuard no_grad;
  const torch::Tensor hits = model->forward(test.images).argmax(1).eq(test.labels);
  std::cout << "test accuracy " << 100.0 * hits.to(torch::kFloat64).mean().item<double>() << " %\n"
            << mulberry::FormatTable(mode.Report());
}
