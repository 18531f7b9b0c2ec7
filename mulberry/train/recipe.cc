#include "mulberry/train/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "mulberry/base/error.h"
#include "mulberry/kernels/round.h"
#include "mulberry/nn/round_tensor.h"
#include "mulberry/train/schedule_spec.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

// Streams of the stochastic rounding, apart from every other use of the same seed: the role in the
// high bits, the tensor in the middle, the batch in the low ones.
constexpr uint64_t kWeights = 0x5250'0000'0000'0000, kGradients = 0x5251'0000'0000'0000;

// A key's format, or nothing; messages name the key.
std::optional<TensorFormat> FormatOf(std::string_view key, std::string_view text) {
  if (text.empty()) return std::nullopt;
  try {
    return ParseTensorFormat(text);
  } catch (const SpecError& e) {
    throw UsageError("{}: {}", key, e.what());
  }
}

std::optional<std::pair<TensorFormat, TensorFormat>> BatchNormFormats(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const Directions directions = SplitDirections(text);
  const auto forward = FormatOf("batch-norm", directions.forward);
  const auto backward = FormatOf("batch-norm", directions.backward);
  if (!forward || !backward) {
    throw UsageError("batch-norm: '{}' must be FORMAT or FORWARD | BACKWARD", text);
  }
  for (const TensorFormat& format : {*forward, *backward}) {
    if (format.rounding == Rounding::kStochastic) {
      throw UsageError("batch-norm: {}: rounding there is nearest, half-up or zero", Print(format));
    }
  }
  return std::pair{*forward, *backward};
}

RoundingPoint::Function Into(const TensorFormat& format, const char* what) {
  return [format, what](const at::Tensor& tensor) {
    return RoundTensor(format, tensor, {}, [what] { return what; });
  };
}

bool AllFinite(const std::vector<torch::Tensor>& parameters) {
  return std::all_of(parameters.begin(), parameters.end(), [](const torch::Tensor& parameter) {
    const torch::Tensor& gradient = parameter.grad();
    return !gradient.defined() ||
           ExtentOf(gradient.contiguous().data_ptr<float>(), gradient.numel()).finite;
  });
}

}  // namespace

void LossScale::Update(bool finite) {
  if (!dynamic) return;
  if (!finite) {
    scale = std::max(1.0, scale / 2);
    updates = 0;
  } else if (++updates == kUpdatesToGrow) {
    scale = std::min(kMost, 2 * scale);
    updates = 0;
  }
}

LossScale ParseLossScale(const std::string& text) {
  if (text.empty()) return {};
  if (text == "dynamic") return {.scale = LossScale::kStart, .dynamic = true};
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool number = error == std::errc() && end == text.data() + text.size();
  int exponent = 0;
  if (number && value >= 1 && value <= LossScale::kMost && std::frexp(value, &exponent) == 0.5) {
    return {.scale = value};
  }
  throw UsageError("loss-scale: '{}' must be dynamic or a power of two from 1 to {}", text,
                   LossScale::kMost);
}

Recipe::Recipe(const Config& config)
    : weights_(FormatOf("weights", config.weights)),
      gradients_(FormatOf("gradients", config.gradients)),
      loss_scale_(ParseLossScale(config.loss_scale)),
      seed_(static_cast<uint64_t>(config.seed)) {}

RandomStream Recipe::StreamOf(uint64_t role, size_t tensor) const {
  return {seed_, role + (uint64_t{tensor} << 32) + batches_};
}

bool Recipe::PrepareUpdate(const std::vector<torch::Tensor>& parameters) {
  const torch::NoGradGuard no_grad;
  ++batches_;
  const bool finite = !loss_scale_.dynamic || AllFinite(parameters);
  const double scale = loss_scale_.scale;
  loss_scale_.Update(finite);
  if (!finite) {
    ++skipped_;
    return false;
  }
  for (size_t i = 0; i < parameters.size(); ++i) {
    torch::Tensor gradient = parameters[i].grad();
    if (!gradient.defined()) continue;
    if (scale != 1) gradient.mul_(1 / scale);
    if (!gradients_) continue;
    gradient.copy_(RoundTensor(*gradients_, gradient, StreamOf(kGradients, i),
                               [] { return "a weight gradient"; }));
  }
  return true;
}

void Recipe::FinishUpdate(const std::vector<torch::Tensor>& parameters) {
  if (!weights_) return;
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < parameters.size(); ++i) {
    torch::Tensor weight = parameters[i];
    weight.copy_(RoundTensor(*weights_, weight, StreamOf(kWeights, i), [] { return "a weight"; }));
  }
}

Json Recipe::ToJson() const {
  return {{"batches", batches_},
          {"skipped", skipped_},
          {"loss_scale", loss_scale_.scale},
          {"updates", loss_scale_.updates}};
}

void Recipe::Restore(const Json& state) {
  try {
    batches_ = state.at("batches");
    skipped_ = state.at("skipped");
    loss_scale_.scale = state.at("loss_scale");
    loss_scale_.updates = state.at("updates");
  } catch (const Json::exception& e) {
    throw Error("not a recipe's saved state: {}", e.what());
  }
}

bool HasRecipe(const Config& config) {
  if (PolicyOf(config).native()) return false;
  return !config.weights.empty() || !config.gradients.empty() || !config.loss_scale.empty();
}

void RequireRecipeServes(const Config& config) {
  const bool serves =
      std::any_of(config.arithmetic.begin(), config.arithmetic.end(), [&](const auto& arithmetic) {
        Config run = config;
        run.arithmetic = {arithmetic};
        return !PolicyOf(run).native();
      });
  if (serves) return;
  using Key = std::pair<const char*, const std::string&>;
  for (const auto& [name, value] :
       {Key{"weights", config.weights}, Key{"gradients", config.gradients},
        Key{"batch-norm", config.batch_norm}, Key{"loss-scale", config.loss_scale}}) {
    if (value.empty()) continue;
    throw UsageError(
        "{}: {}: all products are LibTorch's own FP32, whose run is the baseline and has no "
        "recipe; exact@fp32 is simulated, and has one",
        name, value);
  }
}

std::shared_ptr<const RoundingPoint> BatchNormPoint(const Config& config) {
  const auto formats = BatchNormFormats(config.batch_norm);
  if (!formats || PolicyOf(config).native()) return nullptr;
  return std::make_shared<RoundingPoint>(
      RoundingPoint{Into(formats->first, "a batch normalisation's input or output"),
                    Into(formats->second, "the gradient at a batch normalisation")});
}

int64_t WarmUpEpochs(const Config& config) {
  const std::vector<ScheduleSpec> schedules = ParseSchedules(config.schedule);
  const ScheduleSpec* warm_up = FindSchedule(schedules, "warmup");
  return warm_up ? warm_up->at("epochs") : 0;
}

void CompleteRecipe(Config& config) {
  if (const auto weights = FormatOf("weights", config.weights)) config.weights = Print(*weights);
  if (const auto gradients = FormatOf("gradients", config.gradients)) {
    config.gradients = Print(*gradients);
  }
  if (const auto formats = BatchNormFormats(config.batch_norm)) {
    config.batch_norm = JoinDirections(Print(formats->first), Print(formats->second));
  }
  ParseLossScale(config.loss_scale);
}

}  // namespace mulberry
