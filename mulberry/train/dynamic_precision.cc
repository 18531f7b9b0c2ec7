// The tensors of dynamic precision scaling, their rounding and counting. See dynamic_precision.h.
#include "mulberry/train/dynamic_precision.h"

#include <algorithm>
#include <utility>

#include "mulberry/base/error.h"
#include "mulberry/kernels/round.h"
#include "mulberry/train/fixed_point_sgd.h"

namespace mulberry {
namespace {

using Json = nlohmann::ordered_json;

// Streams of the stochastic rounding, apart from every other use of the same seed.
constexpr uint64_t kTrainingStream = 0x4450533000000000;    // "DPS0", plus iteration and tensor
constexpr uint64_t kEvaluationStream = 0x4450533100000000;  // "DPS1", plus the tensor

}  // namespace

DynamicPrecisionOptions DynamicPrecisionOf(const ScheduleSpec& dps) {
  const auto number = [&](std::string_view name) { return static_cast<int>(dps.at(name)); };
  DynamicPrecisionOptions options;
  options.scaling.target_length = number("target");
  options.scaling.bit_step = number("step");
  options.scaling.max_length = number("max");
  options.scaling.isearch_window = number("isearch");
  options.scaling.dsearch_window = number("dsearch");
  options.scaling.average_loss = number("loss");
  options.start_length = number("start");
  options.start_integer_bits = number("start-il");
  options.rounding = number("round") == 0 ? Rounding::kNearestUp : Rounding::kStochastic;
  try {
    if (options.start_length > options.scaling.max_length) {
      throw UsageError("start is {}; it must be at most max, {}", options.start_length,
                       options.scaling.max_length);
    }
    PrecisionScaling(options.scaling, {options.start()});
  } catch (const UsageError& e) {
    throw UsageError("schedule: {}: {}", Print(dps), e.what());
  }
  return options;
}

DynamicPrecision::DynamicPrecision(const DynamicPrecisionOptions& options, Network& model,
                                   uint64_t seed)
    : options_(options),
      seed_(seed),
      scaling_(options.scaling, {}),
      weight_length_(options.start_length) {
  const torch::NoGradGuard no_grad;
  for (auto& parameter : model.named_parameters()) {
    AddTensor(parameter.key());
    auto* values = parameter.value().data_ptr<float>();
    RoundArray(options.start(), Rounding::kNearestUp, values, values, parameter.value().numel());
  }
  data_ = AddTensor("data");
  std::string last_linear;
  for (const auto& layer : model.named_modules()) {
    const bool linear = layer.value()->as<torch::nn::Linear>() != nullptr;
    if (!linear && !layer.value()->as<torch::nn::Conv2d>()) continue;
    layers_.push_back(layer.key());
    if (linear) last_linear = layer.key();
  }
  for (const std::string& layer : layers_) {
    if (layer != last_linear) output_points_[layer] = PointOf(AddTensor(layer));
  }
  scaling_ =
      PrecisionScaling(options.scaling, std::vector<FixedFormat>(tensors_.size(), options.start()));
}

size_t DynamicPrecision::AddTensor(const std::string& name) {
  tensors_.push_back({name});
  return tensors_.size() - 1;
}

std::shared_ptr<const RoundingPoint> DynamicPrecision::PointOf(size_t tensor) {
  const auto round = [this, tensor](Side side) {
    return [this, tensor, side](const at::Tensor& values) { return Rounded(tensor, side, values); };
  };
  return std::make_shared<RoundingPoint>(RoundingPoint{round(Side::kData), round(Side::kGradient)});
}

std::unique_ptr<torch::optim::Optimizer> DynamicPrecision::MakeOptimizer(const Config& config,
                                                                         const Network& model) {
  const auto options = torch::optim::SGDOptions(config.lr)
                           .momentum(config.momentum)
                           .weight_decay(config.weight_decay);
  const auto round = [this](size_t parameter, ParameterPart part, at::Tensor& values) {
    auto* data = values.data_ptr<float>();
    const Side side = part == ParameterPart::kWeight ? Side::kData : Side::kGradient;
    Round(parameter, side, data, data, values.numel());
  };
  return std::make_unique<FixedPointSgd>(model.parameters(), options, round);
}

void DynamicPrecision::Round(size_t tensor, Side side, const float* in, float* out, int64_t n) {
  ScaledTensor& scaled = tensors_[tensor];
  const auto s = static_cast<size_t>(side);
  const auto iteration = static_cast<uint64_t>(iterations_);
  const RandomStream stream = {
      seed_, evaluating_ ? kEvaluationStream + tensor
                         : kTrainingStream + (iteration * tensors_.size() + tensor) * 2 + s};
  // Where a layer runs twice, its second output takes the numbers after those of the first.
  scaled.overflows[s] += RoundArray(scaling_.formats()[tensor], options_.rounding, in, out, n,
                                    stream, static_cast<uint64_t>(scaled.rounded[s]));
  scaled.rounded[s] += n;
}

torch::Tensor DynamicPrecision::Rounded(size_t tensor, Side side, const torch::Tensor& values) {
  const torch::Tensor in = values.contiguous();
  torch::Tensor out = torch::empty_like(in);
  Round(tensor, side, in.data_ptr<float>(), out.data_ptr<float>(), in.numel());
  return out;
}

void DynamicPrecision::ResetCounts() {
  for (ScaledTensor& tensor : tensors_) tensor = {tensor.name};
}

void DynamicPrecision::BeginIteration() {
  evaluating_ = false;
  ResetCounts();
}

void DynamicPrecision::BeginEvaluation() {
  evaluating_ = true;
  ResetCounts();
}

torch::Tensor DynamicPrecision::RoundData(const torch::Tensor& images) {
  return Rounded(data_, Side::kData, images);
}

Dataset DynamicPrecision::RoundData(const Dataset& data) {
  return {RoundData(data.images), data.labels, data.classes};
}

IterationMetrics DynamicPrecision::EndIteration(double loss, const RunReport& products) {
  IterationMetrics line;
  line.iteration = iterations_;
  line.loss = loss;
  line.stage = Name(scaling_.stage());
  line.length = scaling_.length();
  std::vector<bool> overflowed;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const ScaledTensor& tensor = tensors_[i];
    if (i >= data_ && tensor.rounded[0] == 0) {
      throw Error("schedule dps: nothing passed through the rounding point of {} in iteration {}",
                  tensor.name, iterations_);
    }
    const FixedFormat& format = scaling_.formats()[i];
    (i < data_ ? line.parameters : line.activations)
        .push_back({tensor.name, format.integer_bits, format.fraction_bits, tensor.overflows[0],
                    tensor.overflows[1]});
    overflowed.push_back(tensor.overflows[0] + tensor.overflows[1] > 0);
  }
  for (const LayerRun& product : products.lines) line.macs[OperandBits(product)] += product.macs;
  scaling_.Update(overflowed, loss);
  line.smoothed_loss = scaling_.smoothed_loss();
  weight_length_ = line.length;
  ++iterations_;
  return line;
}

int DynamicPrecision::OperandBits(const LayerRun& product) const {
  // Products without a weight of the model have no formats; the error at the last layer is FP32.
  if (std::ranges::count(layers_, product.layer) == 0) return options_.full_bits();
  const int activation = scaling_.length(), weight = weight_length_;
  if (product.pass == Pass::kForward) return std::max(activation, weight) + 1;
  if (!output_points_.contains(product.layer)) return options_.full_bits();
  const bool of_input = product.pass == Pass::kInputGradient;
  return (of_input ? std::max(activation, weight) : activation) + 1;
}

Json DynamicPrecision::ToJson() const {
  return {{"iterations", iterations_},
          {"weight_length", weight_length_},
          {"scaling", scaling_.ToJson()}};
}

void DynamicPrecision::Restore(const Json& state) {
  try {
    iterations_ = state.at("iterations");
    weight_length_ = state.at("weight_length");
    scaling_ = PrecisionScaling::FromJson(options_.scaling, state.at("scaling"));
  } catch (const Json::exception& e) {
    throw Error("schedule dps: not a saved state: {}", e.what());
  }
  if (scaling_.formats().size() != tensors_.size()) {
    throw Error("schedule dps: the saved state is of {} tensors, but this model has {}",
                scaling_.formats().size(), tensors_.size());
  }
}

std::optional<DynamicPrecisionOptions> DynamicPrecisionOf(const Config& config) {
  const std::vector<ScheduleSpec> schedules = ParseSchedules(config.schedule);
  const ScheduleSpec* dps = FindSchedule(schedules, "dps");
  if (!dps) return std::nullopt;
  return DynamicPrecisionOf(*dps);
}

std::unique_ptr<DynamicPrecision> MakeDynamicPrecision(const Config& config, Network& model) {
  const auto options = DynamicPrecisionOf(config);
  if (!options) return nullptr;
  return std::make_unique<DynamicPrecision>(*options, model, static_cast<uint64_t>(config.seed));
}

}  // namespace mulberry
