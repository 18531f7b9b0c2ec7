// Approximation as a mode over unchanged LibTorch models, as autocast is one. While an Approximate
// lives, every convolution and matrix product on this thread, and the backward passes of those, run on
// the arithmetic that the policy gives to the layer: forward, input gradient, weight gradient.
//
//   mulberry::Approximate mode(*model, mulberry::Policy::Uniform(mulberry::ParseArithmetic("mitchell@bf16")));
//   loss = criterion(model->forward(x), y);
//   loss.backward();
//   std::cout << mulberry::FormatTable(mode.Report());
//
// A layer is known by its weight's storage, so models need no wrappers and no hooks; products without
// a weight (attention) are known by their operator's name, "matmul".
// First operands: in the forward product the activation (for matmul, the left matrix), in both
// gradients the output's gradient. Sums of bias and of alpha and beta in addmm are FP32.
#pragma once

#include <torch/script.h>
#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mulberry/nn/policy.h"

namespace mulberry {

/// What one layer ran in one pass: a line of the report.
struct LayerRun {
  std::string layer;       ///< Name in the model, such as "conv1"; "matmul" for products without weight.
  std::string op;          ///< "conv2d", "conv_transpose2d", "linear", "matmul".
  Pass pass = Pass::kForward;
  std::string arithmetic;  ///< Specification; "fp32" where it stayed native.
  std::string strategy;    ///< The plan that served; empty where it stayed native.
  std::string why_native;  ///< Empty where it was simulated.
  int64_t calls = 0;
  int64_t macs = 0;        ///< Multiply-accumulates, from the shapes.
};

struct RunReport {
  std::vector<LayerRun> lines;  ///< In order of first use.

  /// Sum over the lines that were simulated.
  int64_t approximate_macs() const;
  /// Sum over those that stayed native.
  int64_t native_macs() const;
};

class Approximate {
 public:
  struct Options {
    uint64_t seed = 0;  ///< For stochastic rounding.
    std::string strategy;  ///< Forces one plan strategy; empty: the plan chooses.
  };

  Approximate(const torch::nn::Module& model, Policy policy);
  Approximate(const torch::nn::Module& model, Policy policy, Options options);
  /// A TorchScript module, from Python or from a file.
  Approximate(const torch::jit::Module& model, Policy policy);
  Approximate(const torch::jit::Module& model, Policy policy, Options options);
  ~Approximate();
  Approximate(const Approximate&) = delete;
  Approximate& operator=(const Approximate&) = delete;

  /// What has run since construction or the last ResetReport.
  RunReport Report() const;
  void ResetReport();

  /// State of the stochastic rounding's random numbers, for checkpoints.
  uint64_t random_position() const;
  void set_random_position(uint64_t position);

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace mulberry
