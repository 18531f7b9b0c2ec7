// Names of weights, choice of plans, counters.
#include "mulberry/nn/state.h"

#include <ATen/core/grad_mode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <sstream>

#include "mulberry/base/error.h"
#include "mulberry/nn/gradient_model.h"
#include "mulberry/nn/operand_recorder.h"

namespace mulberry {
namespace {

thread_local std::shared_ptr<ModeState> g_current;

bool SharesStorage(const at::Tensor& a, const at::Tensor& b) {
  return a.storage().unsafeGetStorageImpl() == b.storage().unsafeGetStorageImpl();
}

// "features.conv1.weight" belongs to the layer "features.conv1"; a layer's further weights, such as
// "lstm.weight_hh_l0", are layers of their own.
std::string LayerName(const std::string& parameter) {
  constexpr std::string_view kSuffix = ".weight";
  const bool plain = parameter.size() > kSuffix.size() && parameter.ends_with(kSuffix);
  return plain ? parameter.substr(0, parameter.size() - kSuffix.size()) : parameter;
}

template <typename T>
std::string Text(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

// A weight that layers share has all their names.
std::string NameOf(const std::vector<std::string>& names) {
  return fmt::to_string(fmt::join(names, "="));
}

}  // namespace

bool Layer::simulated() const {
  return std::any_of(passes.begin(), passes.end(), [](const PassPlan& p) { return bool(p.plan); });
}

ModeState::State(const std::vector<std::pair<std::string, at::Tensor>>& parameters, Policy policy,
                 Options options)
    : policy_(std::move(policy)), options_(std::move(options)), fixed_factors_(options_.seed) {
  for (const Rule& rule : policy_.rules) {
    if (!rule.arithmetic.native) MakePlan(rule.arithmetic, options_.strategy);
    if (options_.recorder) options_.recorder->Require(rule.arithmetic);
  }
  for (const auto& [name, tensor] : parameters) {
    if (!tensor.defined() || tensor.dim() < 2 || !HasPlainMemory(tensor)) continue;
    const auto same = std::find_if(weights_.begin(), weights_.end(), [&](const Weight& weight) {
      return SharesStorage(weight.tensor, tensor) &&
             weight.tensor.storage_offset() == tensor.storage_offset();
    });
    if (same == weights_.end()) {
      weights_.push_back({{LayerName(name)}, tensor});
    } else {
      same->names.push_back(LayerName(name));
    }
  }
  for (const Weight& weight : weights_) GradientsOf(ChooseAll(weight.names, true));
  for (const auto& [layer, point] : options_.output_points) RequireLayer("a rounding point", layer);
  for (const auto& [layer, range] : options_.ranges) RequireLayer("a range", layer);
}

void ModeState::RequireLayer(std::string_view what, const std::string& layer) const {
  std::vector<std::string> layers;
  for (const Weight& weight : weights_) {
    if (weight.names.size() > 1) layers.push_back(NameOf(weight.names));
    layers.insert(layers.end(), weight.names.begin(), weight.names.end());
  }
  if (std::find(layers.begin(), layers.end(), layer) != layers.end()) return;
  throw UsageError("{} is given to layer \"{}\", which the model has not; it has: {}", what, layer,
                   fmt::join(layers, ", "));
}

const Range* ModeState::RangeOf(const Layer& layer) const {
  const auto found = options_.ranges.find(layer.name);
  return found == options_.ranges.end() ? nullptr : &found->second;
}

void ModeState::Observe(const Layer& layer, const at::Tensor& activation) const {
  if (options_.observer) options_.observer(layer.name, activation);
}

at::Tensor ModeState::AtRoundingPoint(const Weight* weight, const at::Tensor& output) const {
  if (!weight) return output;
  for (const std::string& name : weight->names) {
    const auto found = options_.output_points.find(name);
    if (found != options_.output_points.end()) return PassThrough(found->second, output);
  }
  return output;
}

// Each weight is looked at afresh, since a parameter's storage may be replaced while the mode
// lives.
const Weight* ModeState::FindWeight(const at::Tensor& tensor) const {
  if (!HasPlainMemory(tensor)) return nullptr;
  for (const Weight& weight : weights_) {
    if (!SharesStorage(weight.tensor, tensor)) continue;
    // One storage may hold several weights (flattened parameters).
    const int64_t begin = weight.tensor.storage_offset();
    const int64_t end = begin + std::max<int64_t>(1, weight.tensor.numel());
    if (tensor.storage_offset() >= begin && tensor.storage_offset() < end) return &weight;
  }
  return nullptr;
}

PassPlan ModeState::Choose(const std::vector<std::string>& names, bool has_weight,
                           Pass pass) const {
  for (auto rule = policy_.rules.rbegin(); rule != policy_.rules.rend(); ++rule) {
    const bool matches = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return Matches(*rule, name, pass);
    });
    if (!matches) continue;
    if (rule->arithmetic.native) return {nullptr, std::string(kPolicySaysNative)};
    const auto& errors = rule->arithmetic.multiplier.errors;
    if (errors && errors->on != ErrorsOn::kProducts && !has_weight) {
      return {nullptr, "the errors are of weights, and this product has none; on=products has"};
    }
    return {MakePlan(rule->arithmetic, options_.strategy), ""};
  }
  return {nullptr, "no rule of the policy matches"};
}

std::array<PassPlan, 3> ModeState::ChooseAll(const std::vector<std::string>& names,
                                             bool has_weight) const {
  std::array<PassPlan, 3> passes;
  for (Pass pass : kAllPasses) passes[static_cast<size_t>(pass)] = Choose(names, has_weight, pass);
  return passes;
}

std::shared_ptr<const GradientModel> ModeState::GradientsOf(
    const std::array<PassPlan, 3>& passes) const {
  const Plan* forward = passes[0].plan.get();
  if (!options_.estimator || !forward || !forward->arithmetic().is_integer()) return nullptr;
  if (passes[1].plan && passes[2].plan) return nullptr;
  return GradientModel::Of(*options_.estimator, forward->arithmetic());
}

std::shared_ptr<const Layer> ModeState::FindLayer(const Weight* weight, const std::string& op,
                                                  const std::string& why_native) {
  const std::vector<std::string> names = weight ? weight->names : std::vector<std::string>{op};
  const std::lock_guard<std::mutex> lock(mutex_);
  std::shared_ptr<const Layer>& layer = layers_[{names.front(), op, why_native}];
  if (!layer) {
    auto made = std::make_shared<Layer>();
    made->name = NameOf(names);
    made->op = op;
    if (why_native.empty()) {
      made->passes = ChooseAll(names, weight);
      made->gradients = GradientsOf(made->passes);
    } else {
      made->passes.fill({nullptr, why_native});
    }
    layer = std::move(made);
  }
  return layer;
}

std::array<at::Tensor, 3> ModeState::WeightFactors(const Layer& layer, const Weight& weight,
                                                   const at::Tensor& operand) {
  std::array<at::Tensor, 3> factors;
  std::optional<RandomStream> step;
  std::map<const Plan*, at::Tensor> drawn;  // Most often all passes have one plan.
  for (size_t i = 0; i < factors.size(); ++i) {
    const Plan* plan = layer.passes[i].plan.get();
    if (!plan || !plan->errors()) continue;
    const ErrorsOn on = plan->arithmetic().multiplier.errors->on;
    if (on == ErrorsOn::kProducts) continue;
    at::Tensor& whole = drawn[plan];
    if (!whole.defined() && on == ErrorsOn::kSteps) {
      if (!step) step = NextStream();
      whole = DrawFactors(*plan->errors(), *step, weight.tensor);
    } else if (!whole.defined()) {
      const std::lock_guard<std::mutex> lock(mutex_);
      whole = fixed_factors_.Of(weight.names.front(), weight.tensor, *plan);
    }
    factors[i] = ViewLike(operand, weight.tensor, whole);
  }
  return factors;
}

void ModeState::Record(const Layer& layer, Pass pass, int64_t macs) {
  const PassPlan& chosen = layer.pass(pass);
  const std::lock_guard<std::mutex> lock(mutex_);
  auto line = std::find_if(report_.lines.begin(), report_.lines.end(), [&](const LayerRun& run) {
    return run.pass == pass && run.layer == layer.name && run.op == layer.op &&
           run.why_native == chosen.why_native;
  });
  if (line == report_.lines.end()) {
    LayerRun run{.layer = layer.name,
                 .op = layer.op,
                 .pass = pass,
                 .arithmetic = "fp32",
                 .strategy = "",
                 .why_native = chosen.why_native,
                 .calls = 0,
                 .macs = 0};
    if (chosen.plan) run.arithmetic = Print(chosen.plan->arithmetic());
    line = report_.lines.insert(report_.lines.end(), std::move(run));
  }
  if (chosen.plan) line->strategy = chosen.plan->strategy();
  ++line->calls;
  line->macs += macs;
}

RunReport ModeState::Report() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return report_;
}

void ModeState::ResetReport() {
  const std::lock_guard<std::mutex> lock(mutex_);
  report_.lines.clear();
}

std::shared_ptr<ModeState> CurrentState() {
  if (!g_current) {
    throw Error(
        "a matrix product ran in a thread to which LibTorch carried an approximation mode that was "
        "set in another thread; construct an Approximate in the thread that runs the model");
  }
  return g_current;
}

std::shared_ptr<ModeState> ExchangeCurrentState(std::shared_ptr<ModeState> state) {
  return std::exchange(g_current, std::move(state));
}

bool HasPlainMemory(const at::Tensor& tensor) {
  return tensor.layout() == at::kStrided && tensor.has_storage() && !tensor.is_nested() &&
         !tensor.is_quantized() && !tensor.is_neg() && !tensor.is_conj() &&
         !tensor._is_zerotensor();
}

std::string WhyNative(const at::Tensor& tensor) {
  if (tensor.is_quantized()) return "quantised tensors are not simulated";
  if (tensor.layout() != at::kStrided) return Text(tensor.layout()) + " tensors are not simulated";
  if (!HasPlainMemory(tensor)) return "tensors without plain memory are not simulated";
  if (!tensor.device().is_cpu()) {
    return "tensors on device " + tensor.device().str() + " are not simulated";
  }
  switch (tensor.scalar_type()) {
    case at::kFloat:
      return "";
    case at::kDouble:
      return "float64 tensors are not simulated";
    case at::kHalf:
      return "float16 tensors are not simulated";
    case at::kBFloat16:
      return "bfloat16 tensors are not simulated";
    default:
      return Text(tensor.scalar_type()) + " tensors are not simulated";
  }
}

void RefuseDoubleBackward(const Layer& layer) {
  if (!at::GradMode::is_enabled() || !layer.simulated()) return;
  throw Error(
      "{} \"{}\": create_graph asks for gradients of gradients, which are not defined for "
      "simulated "
      "products; call backward without create_graph, or give this layer fp32 in all passes",
      layer.op, layer.name);
}

bool NeedsGraph(const at::Tensor& a, const at::Tensor& b) {
  return at::GradMode::is_enabled() && (a.requires_grad() || b.requires_grad()) &&
         !c10::impl::tls_is_dispatch_key_excluded(c10::DispatchKey::AutogradFunctionality);
}

}  // namespace mulberry
