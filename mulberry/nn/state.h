// What a mode knows while it lives and what backward passes keep of it afterwards: the model's
// weights by storage, the policy as plans, the counters of the report. Internal to nn.
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/custom_class_detail.h>

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mulberry/base/random.h"
#include "mulberry/nn/approximate.h"
#include "mulberry/nn/weight_errors.h"
#include "mulberry/plan/plan.h"

namespace mulberry {

class GradientModel;  // gradient_model.h

/// How one pass of one layer computes its products.
struct PassPlan {
  std::shared_ptr<const Plan> plan;  ///< Null: native.
  std::string why_native;            ///< Empty iff there is a plan.
};

/// A layer as one operator call sees it.
struct Layer {
  std::string name;
  std::string op;
  std::array<PassPlan, 3> passes;
  std::shared_ptr<const GradientModel> gradients;  ///< Of native gradients; null: nothing special.

  const PassPlan& pass(Pass p) const { return passes[static_cast<size_t>(p)]; }
  bool simulated() const;
};

/// All names that a weight has in the model: more than one where layers share it.
struct Weight {
  std::vector<std::string> names;
  at::Tensor tensor;
};

struct Approximate::State {
 public:
  /// `parameters` in the model's order. Throws as MakePlan does for an arithmetic of the policy.
  State(const std::vector<std::pair<std::string, at::Tensor>>& parameters, Policy policy,
        Options options);

  /// The weight of whose storage `tensor` is a part or a view, or null.
  const Weight* FindWeight(const at::Tensor& tensor) const;

  /// The layer of `weight`, or that of products without a weight, which bears the name `op`. A
  /// `why_native` that is not empty keeps all its passes native for that reason.
  std::shared_ptr<const Layer> FindLayer(const Weight* weight, const std::string& op,
                                         const std::string& why_native);

  /// By pass, what the `operand` of a product, a view of `weight`, is multiplied by where an error
  /// model gives errors to weights: 1 + e, of the operand's sizes. Undefined elsewhere. Errors of
  /// steps are drawn from the next stream, once for all passes.
  std::array<at::Tensor, 3> WeightFactors(const Layer& layer, const Weight& weight,
                                          const at::Tensor& operand);

  /// The range that the layer's activation is quantised by, or null: its own.
  const Range* RangeOf(const Layer& layer) const;

  /// Shows the activation of a layer's forward product to the observer.
  void Observe(const Layer& layer, const at::Tensor& activation) const;

  /// Counts one call of a pass.
  void Record(const Layer& layer, Pass pass, int64_t macs);
  RunReport Report() const;
  void ResetReport();

  /// The output of the layer of `weight`, which may be null, through the layer's rounding point;
  /// itself where it has none.
  at::Tensor AtRoundingPoint(const Weight* weight, const at::Tensor& output) const;
  bool has_rounding_points() const { return !options_.output_points.empty(); }
  const std::shared_ptr<const RoundingPoint>& batch_norm_point() const {
    return options_.batch_norm_point;
  }

  /// Who counts operands, or null.
  OperandRecorder* recorder() const { return options_.recorder.get(); }

  /// The random numbers of the next tensor that is rounded stochastically or given errors.
  RandomStream NextStream() { return {options_.seed, random_position++}; }

  std::atomic<uint64_t> random_position{0};

 private:
  void RequireLayer(std::string_view what, const std::string& layer) const;
  PassPlan Choose(const std::vector<std::string>& names, bool has_weight, Pass pass) const;
  std::array<PassPlan, 3> ChooseAll(const std::vector<std::string>& names, bool has_weight) const;
  /// What native gradients are made of, where the forward product is of integers.
  std::shared_ptr<const GradientModel> GradientsOf(const std::array<PassPlan, 3>& passes) const;

  const Policy policy_;
  const Options options_;
  std::vector<Weight> weights_;
  mutable std::mutex mutex_;  // Backward passes may run in another thread.
  std::map<std::array<std::string, 3>, std::shared_ptr<const Layer>> layers_;
  FixedFactors fixed_factors_;
  RunReport report_;
};

using ModeState = Approximate::State;

/// The state of the innermost mode of this thread. Throws Error if LibTorch carried the mode's key
/// into a thread that has no mode.
std::shared_ptr<ModeState> CurrentState();
/// Makes `state`, which may be null, this thread's and returns the one before.
std::shared_ptr<ModeState> ExchangeCurrentState(std::shared_ptr<ModeState> state);

/// Why no product of this tensor is simulated; empty if it may be.
std::string WhyNative(const at::Tensor& tensor);

/// False for tensors whose elements do not simply lie in memory (sparse, nested, quantised, lazily
/// negated, wrapped by a transformation): they take LibTorch's way, its autograd included.
bool HasPlainMemory(const at::Tensor& tensor);

/// What a product's autograd node keeps.
struct ProductCall : torch::CustomClassHolder {
  std::shared_ptr<ModeState> state;
  std::shared_ptr<const Layer> layer;
  std::array<at::Tensor, 3> weight_factors;  ///< As WeightFactors gives them.

  const PassPlan& pass(Pass p) const { return layer->pass(p); }
  /// Of what a native gradient is computed; null: of the operands.
  const GradientModel* gradients(Pass p) const {
    return pass(p).plan ? nullptr : layer->gradients.get();
  }
  void Record(Pass p, int64_t macs) const { state->Record(*layer, p, macs); }
};

/// One pass of a product, which has a plan.
struct SimulatedPass {
  const ProductCall& call;
  Pass pass;

  const Plan& plan() const { return *call.pass(pass).plan; }
  ModeState& state() const { return *call.state; }
};

/// Throws Error if gradients of gradients are being recorded (create_graph) for a layer of which a
/// pass is simulated: they would be those of the exact product.
void RefuseDoubleBackward(const Layer& layer);

/// Whether a product of such operands is to be recorded for backward: not where autograd is
/// switched off, nor inside an operator that is already being differentiated as a whole.
bool NeedsGraph(const at::Tensor& a, const at::Tensor& b);

}  // namespace mulberry
