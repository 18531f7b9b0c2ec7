// The mixed-precision recipe of a run: in which formats weights are kept and gradients reach the
// update, and by what the loss is scaled. The products' own formats belong to their arithmetic.
//
//   weights     no key: FP32 master weights, as mixed precision has them. With a format there is no
//               other copy: what an update leaves is rounded into it.
//   gradients   of the weights, rounded before the update.
//   loss-scale  the loss is multiplied by S before, the gradients divided by it after the backward
//               pass. `dynamic`: S halves, and the update is skipped, where a gradient is infinite
//               or NaN; it doubles after 2000 updates without. Sources: Micikevicius et al., "Mixed
//               Precision Training", ICLR 2018; start and steps are those of PyTorch's GradScaler.
//
// The run of `fp32` has none of it: it is what others are compared with. Nor has a warm-up epoch.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/nn/rounding_point.h"
#include "mulberry/train/config.h"

namespace mulberry {

/// The factor of the loss: a power of two, so that scaling alone changes no gradient.
struct LossScale {
  static constexpr double kStart = 65536, kMost = 0x1p24;
  static constexpr int64_t kUpdatesToGrow = 2000;

  double scale = 1;
  bool dynamic = false;
  int64_t updates = 0;  ///< Since the scale last changed.

  /// What a backward pass that left finite gradients, or not, means for the next one.
  void Update(bool finite);
};
/// "", "dynamic", or a power of two from 1 to 2^24. Throws UsageError.
LossScale ParseLossScale(const std::string& text);

class Recipe {
 public:
  /// Of a configuration with one arithmetic.
  explicit Recipe(const Config& config);

  double loss_scale() const { return loss_scale_.scale; }
  /// The weights' gradients after a backward pass of the scaled loss: divided by the scale,
  /// rounded. False if one is infinite or NaN and the scale is dynamic: the update is to be
  /// skipped.
  bool PrepareUpdate(const std::vector<torch::Tensor>& parameters);
  /// Rounds the weights that an update left.
  void FinishUpdate(const std::vector<torch::Tensor>& parameters);

  /// Updates that were skipped since the last call.
  int64_t TakeSkippedUpdates() { return std::exchange(skipped_, 0); }

  /// The whole state, between two batches.
  nlohmann::ordered_json ToJson() const;
  /// Goes on from what ToJson gave. Throws Error if `state` is no such.
  void Restore(const nlohmann::ordered_json& state);

 private:
  RandomStream StreamOf(uint64_t role, size_t tensor) const;

  std::optional<TensorFormat> weights_, gradients_;
  LossScale loss_scale_;
  uint64_t seed_;
  uint64_t batches_ = 0;  ///< That were prepared; the random numbers follow it.
  int64_t skipped_ = 0;
};

/// Whether the configuration, of one arithmetic, asks for a recipe.
bool HasRecipe(const Config& config);

/// Throws UsageError where a recipe is asked for, but every arithmetic of the configuration runs as
/// `fp32`, and so none would have it.
void RequireRecipeServes(const Config& config);

/// The point of batch normalisations that the configuration asks for; null if it asks for none.
/// Throws UsageError.
std::shared_ptr<const RoundingPoint> BatchNormPoint(const Config& config);

/// Epochs at the start that run in FP32: of schedule warmup.
int64_t WarmUpEpochs(const Config& config);

/// Brings the keys of the recipe to their canonical spelling. Throws UsageError.
void CompleteRecipe(Config& config);

}  // namespace mulberry
