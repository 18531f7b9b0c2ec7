// Dynamic precision scaling of a training run: the tensors that it keeps in fixed point, how they
// are rounded and their overflows counted, and what it tells the controller (precision_scaling.h),
// which owns the rules, after each update.
//
// A format belongs to each parameter, which shares it with its momentum, and to each rounding
// point, where an activation shares it with its gradient: after the data, after each convolution
// and after each linear layer but the last. No tensor has a copy in FP32. A weight takes on a new
// format with its next update, an activation at once. Source: as precision_scaling.h; where each
// point stands is that of the authors' Caffe.
//
// Not rounded: what lies between two points (rectifiers and max-pooling keep a format's values;
// batch normalisation, average pooling and sums of branches do not), the last layer's scores and
// their gradient. Products have the arithmetic that the policy says.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "mulberry/data/dataset.h"
#include "mulberry/models/network.h"
#include "mulberry/nn/report.h"
#include "mulberry/nn/rounding_point.h"
#include "mulberry/report/metrics.h"
#include "mulberry/train/config.h"
#include "mulberry/train/precision_scaling.h"
#include "mulberry/train/schedule_spec.h"

namespace mulberry {

struct DynamicPrecisionOptions {
  PrecisionScalingOptions scaling;
  int start_length = 31;
  int start_integer_bits = 0;
  Rounding rounding = Rounding::kNearestUp;

  /// Of every tensor, in the first iteration.
  FixedFormat start() const { return {start_integer_bits, start_length - start_integer_bits}; }
  /// Bits of a MAC's operand, sign included, that is in FP32 or has the longest format.
  int full_bits() const { return scaling.max_length + 1; }
};

/// What an entry "dps(...)" says. Throws UsageError where its parameters do not fit together.
DynamicPrecisionOptions DynamicPrecisionOf(const ScheduleSpec& dps);

class DynamicPrecision {
 public:
  /// Rounds the parameters of `model`, to nearest, into the start's format. Stochastic rounding
  /// draws from `seed`.
  DynamicPrecision(const DynamicPrecisionOptions& options, Network& model, uint64_t seed);
  DynamicPrecision(const DynamicPrecision&) = delete;
  DynamicPrecision& operator=(const DynamicPrecision&) = delete;

  /// For Approximate::Options. The points refer to this object.
  const RoundingPoints& output_points() const { return output_points_; }
  /// The optimiser that `config` asks for, whose updates round and count here. It refers to this
  /// object.
  std::unique_ptr<torch::optim::Optimizer> MakeOptimizer(const Config& config,
                                                         const Network& model);

  /// An iteration is what is rounded from here to EndIteration: its data by RoundData, outputs
  /// under the mode, the update.
  void BeginIteration();
  torch::Tensor RoundData(const torch::Tensor& images);
  Dataset RoundData(const Dataset& data);
  /// Tells the controller, and gives the line of the record: formats as they were in the iteration,
  /// counts, and the MACs that `products`, this iteration's, had in them. Throws Error where the
  /// model did not pass through a point: its format would follow nothing.
  IterationMetrics EndIteration(double loss, const RunReport& products);
  /// What is rounded from here on has the present formats and is not told to the controller. Its
  /// bits depend on the state alone.
  void BeginEvaluation();

  /// Iterations that have ended.
  int64_t iterations() const { return iterations_; }

  /// The whole state, between two iterations.
  nlohmann::ordered_json ToJson() const;
  /// Goes on from what ToJson gave. Throws Error if `state` is no such, or of another model.
  void Restore(const nlohmann::ordered_json& state);

 private:
  /// A tensor's two sides: one of its format's users, and the other.
  enum class Side : uint8_t { kData, kGradient };

  struct ScaledTensor {
    std::string name;
    /// Of the present iteration, by side.
    int64_t overflows[2] = {};
    int64_t rounded[2] = {};
  };

  size_t AddTensor(const std::string& name);
  std::shared_ptr<const RoundingPoint> PointOf(size_t tensor);
  void Round(size_t tensor, Side side, const float* in, float* out, int64_t n);
  torch::Tensor Rounded(size_t tensor, Side side, const torch::Tensor& values);
  void ResetCounts();
  int OperandBits(const LayerRun& product) const;

  const DynamicPrecisionOptions options_;
  const uint64_t seed_;
  std::vector<ScaledTensor> tensors_;  ///< Parameters, in the model's order; the data; the layers.
  size_t data_ = 0;                    ///< The data's place, after the parameters.
  std::vector<std::string> layers_;    ///< Convolutions and linear layers.
  RoundingPoints output_points_;
  PrecisionScaling scaling_;
  int weight_length_;  ///< In which the last update, or the start, left the weights.
  int64_t iterations_ = 0;
  bool evaluating_ = false;
};

/// That of a run with schedule dps, for a new model; null without.
std::unique_ptr<DynamicPrecision> MakeDynamicPrecision(const Config& config, Network& model);
/// The options of such a run.
std::optional<DynamicPrecisionOptions> DynamicPrecisionOf(const Config& config);

}  // namespace mulberry
