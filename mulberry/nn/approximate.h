// Approximation as a mode over unchanged LibTorch models, as autocast is one. While an Approximate
// lives, every convolution and matrix product on this thread, and the backward passes of those, run
// on the arithmetic that the policy gives to the layer: forward, input gradient, weight gradient.
//
//   mulberry::Approximate mode(*model,
//   mulberry::Policy::Uniform(mulberry::ParseArithmetic("mitchell@bf16"))); loss =
//   criterion(model->forward(x), y); loss.backward(); std::cout <<
//   mulberry::FormatTable(mode.Report());
//
// A layer is known by its weight's storage, so models need no wrappers and no hooks; products
// without a weight (attention) are known by their operator's name, "matmul". A weight that layers
// share has all their names, joined by "=", and a rule for any of them holds. First operands: in
// the forward product the activation (for matmul, the left matrix), in both gradients the output's
// gradient. Sums of bias and of alpha and beta in addmm are FP32.
//
// Not simulated: elementwise products (mul, outer products, gates of recurrent layers,
// interpolation, weighted means). Everything else that multiplies and sums but cannot be simulated
// here (other types than float32, other devices, 3-d convolutions, sparse and quantised tensors,
// matrix decompositions, fused operators) stays native and says so in the report. TorchScript runs
// without its optimiser's rewriting while a mode lives, since that differentiates by formulas of
// its own.
#pragma once

#include <torch/csrc/jit/api/module.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "mulberry/formats/quantizer.h"
#include "mulberry/nn/gradient_estimator.h"
#include "mulberry/nn/policy.h"
#include "mulberry/nn/report.h"
#include "mulberry/nn/rounding_point.h"

namespace mulberry {

class OperandRecorder;  // operand_recorder.h

/// Modes nest: the innermost serves, and its end brings the outer one back. They end in reverse
/// order of construction, in the thread that constructed them (as local variables do by
/// themselves).
class Approximate {
 public:
  /// Ranges of the activations of layers, by the layer's name.
  using Ranges = std::map<std::string, Range>;

  struct Options {
    uint64_t seed = 0;          ///< For stochastic rounding and error models.
    std::string strategy = {};  ///< Forces one plan strategy; empty: the plan chooses.
    std::shared_ptr<OperandRecorder> recorder = {};  ///< Counts all operands; null: nobody does.
    /// What the outputs of layers pass through, whatever arithmetic their products have: after the
    /// bias, where the layer adds it in the same operator, as convolutions and linear layers of two
    /// or three dimensions do.
    RoundingPoints output_points = {};
    /// Of activations that are brought into integers by their range: instead of the range of each
    /// tensor, for static quantisation.
    Ranges ranges = {};
    /// Gets the activation of each forward product with a weight, whatever its arithmetic; null:
    /// nobody does.
    std::function<void(const std::string& layer, const at::Tensor& activation)> observer = {};
    /// Of products of integers whose gradients the policy leaves native: from what the native
    /// products are computed. Without one, from the operands as they were before they were rounded.
    std::optional<GradientEstimator> estimator = {};
    /// What inputs and outputs of batch normalisations pass through; null: nothing.
    std::shared_ptr<const RoundingPoint> batch_norm_point = {};
  };

  /// Throws as MakePlan and MakeModel do if an arithmetic of the policy cannot be had, and as
  /// GradientModel::Of where there is an estimator; UsageError for a rounding point, or a range, of
  /// a layer that the model does not have.
  Approximate(const torch::nn::Module& model, Policy policy);
  Approximate(const torch::nn::Module& model, Policy policy, Options options);
  /// A TorchScript module, from Python or from a file.
  Approximate(const torch::jit::Module& model, Policy policy);
  Approximate(const torch::jit::Module& model, Policy policy, Options options);
  ~Approximate();
  Approximate(const Approximate&) = delete;
  Approximate& operator=(const Approximate&) = delete;

  /// What has run since construction or the last ResetReport, backward passes included, even those
  /// that run after an inner mode has begun or ended.
  RunReport Report() const;
  void ResetReport();

  /// State of the random numbers, for checkpoints: the number of tensors that were rounded
  /// stochastically, and of those that error models of steps or products gave errors to.
  uint64_t random_position() const;
  void set_random_position(uint64_t position);

  struct State;

 private:
  struct Scope;

  explicit Approximate(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
  std::unique_ptr<Scope> scope_;
};

}  // namespace mulberry
