// Keys of the configuration, and their way from TOML and flags and back. See config.h.
#include "mulberry/train/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <sstream>
#include <utility>

#include "mulberry/base/error.h"
#include "mulberry/base/suggest.h"
#include "mulberry/data/dataset.h"
#include "mulberry/models/registry.h"
#include "mulberry/plan/plan.h"
#include "mulberry/train/config_toml.h"
#include "mulberry/train/dynamic_precision.h"
#include "mulberry/train/hybrid.h"
#include "mulberry/train/learning_rate.h"
#include "mulberry/train/mac_units.h"
#include "mulberry/train/quantization.h"
#include "mulberry/train/recipe.h"
#include "mulberry/train/schedule_spec.h"
#include "mulberry/train/toml_file.h"
#include "mulberry/train/weight_average.h"

namespace mulberry {
namespace {

constexpr double kAny = std::numeric_limits<double>::infinity();

using Strings = std::vector<std::string>;

template <typename T>
constexpr std::string_view kTypeName = "a string";
template <>
constexpr std::string_view kTypeName<int64_t> = "a whole number";
template <>
constexpr std::string_view kTypeName<double> = "a number";
template <>
constexpr std::string_view kTypeName<Strings> = "a string or a list of strings";

void Check(const ConfigKey& key, double value) {
  if (value >= key.minimum && value <= key.maximum) return;
  if (key.maximum == kAny) throw UsageError("{} must be at least {}", value, key.minimum);
  throw UsageError("{} must be from {} to {}", value, key.minimum, key.maximum);
}

void Check(const ConfigKey& key, const std::string& value) {
  if (key.choices.empty()) return;
  if (std::find(key.choices.begin(), key.choices.end(), value) != key.choices.end()) return;
  throw UsageError("'{}' must be one of: {}", value, fmt::join(key.choices, ", "));
}

void Check(const ConfigKey& key, const Strings& values) {
  for (const std::string& value : values) Check(key, value);
}

template <typename T>
T NumberFromText(const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw UsageError("'{}' must be {}", text, kTypeName<T>);
  }
  return value;
}

template <typename T>
T FromText(const Strings& values) {
  if constexpr (std::is_same_v<T, Strings>) {
    return values;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return values.back();
  } else {
    return NumberFromText<T>(values.back());
  }
}

template <typename T>
T FromToml(const toml::node& node) {
  if constexpr (std::is_same_v<T, Strings>) {
    if (const auto text = node.value_exact<std::string>()) return {*text};
    Strings values;
    if (const toml::array* list = node.as_array()) {
      for (const toml::node& item : *list) {
        if (const auto text = item.value_exact<std::string>()) values.push_back(*text);
      }
      if (values.size() == list->size()) return values;
    }
  } else if (const auto value = node.value<T>(); value && !node.is_boolean()) {
    return *value;
  }
  std::ostringstream found;
  if (node.is_table()) {
    found << "a table";
  } else {
    node.visit([&](const auto& value) { found << value; });
  }
  throw UsageError("must be {}, not {}", kTypeName<T>, found.str());
}

std::string TomlText(int64_t value) {
  return std::to_string(value);
}
std::string TomlText(double value) {
  return fmt::format("{}", value);
}
std::string TomlText(const std::string& value) {
  std::ostringstream text;
  text << toml::value<std::string>(value);
  return text.str();
}
std::string TomlText(const Strings& values) {
  Strings items;
  for (const std::string& value : values) items.push_back(TomlText(value));
  return fmt::format("[{}]", fmt::join(items, ", "));
}

std::string TomlText(const Config& config, const ConfigKey& key) {
  return std::visit([&](auto field) { return TomlText(config.*field); }, key.field);
}

template <typename T, typename Source>
void Set(Config& config, const ConfigKey& key, T Config::*field, const Source& source) {
  T value;
  if constexpr (std::is_same_v<Source, toml::node>) {
    value = FromToml<T>(source);
  } else {
    value = FromText<T>(source);
  }
  Check(key, value);
  config.*field = std::move(value);
}

}  // namespace

const std::vector<ConfigKey>& ConfigKeys() {
  static const std::vector<ConfigKey> keys = {
      {"model", &Config::model, "network: see `mulberry list models`"},
      {"data", &Config::data, "data set: see `mulberry list data`"},
      {"augment", &Config::augment,
       "what is done to training images: none, or crop-flip, random crops and mirror images; "
       "default: see `mulberry list data`"},
      {"arithmetic", &Config::arithmetic,
       "arithmetic of all products, such as mitchell@bf16, or FORWARD | GRADIENTS, such as "
       "'exact@e4m3 | exact@e5m2xe4m3'; several are trained one after the other "
       "and compared"},
      {"policy", &Config::policy,
       "rule LAYERS[:PASS,...]=SPEC that overrides the arithmetic, such as fc*:forward=exact@bf16"},
      {"strategy", &Config::strategy,
       "plan strategy to force: see `mulberry list strategies`; default: the plan chooses"},
      {"schedule", &Config::schedule,
       "what changes while training runs, such as dps or dps(target=12): see `mulberry list "
       "schedules`; none: nothing"},
      {"weights", &Config::weights,
       "format in which weights are kept, with no FP32 copy, such as bf16+round=stochastic; "
       "default: fp32"},
      {"gradients", &Config::gradients,
       "format of the weights' gradients before an update, such as posit(8,2)+scale=center; "
       "default: fp32"},
      {"batch-norm", &Config::batch_norm,
       "format of the inputs and outputs of batch normalisations, or FORWARD | BACKWARD, such as "
       "'posit(16,1) | posit(16,2)'; default: fp32"},
      {"loss-scale", &Config::loss_scale,
       "factor of the loss, for gradients that would underflow: a number, or dynamic; default: 1"},
      {"start", &Config::start,
       "checkpoint, or folder of a run, with whose weights training starts; default: new weights"},
      {"fold-batch-norm",
       &Config::fold_batch_norm,
       "yes: batch normalisations become part of the convolutions before them, at the start",
       0,
       kAny,
       {"no", "yes"}},
      {"calibration", &Config::calibration,
       "fixed ranges of the activations of products of integers, from what the network at the "
       "start "
       "has of training images: min-max, percentile(P) or mse; default: each tensor's own"},
      {"calibration-samples", &Config::calibration_samples, "training images of the calibration", 1,
       1e9},
      {"gradient-estimator", &Config::gradient_estimator,
       "native gradients of products of integers: straight-through, slopes(window=W) or "
       "differences(window=W,tolerance=P%); default: of the operands before they were rounded"},
      {"epochs", &Config::epochs, "passes over the training set", 1, 1e6},
      {"iterations", &Config::iterations,
       "end after N batches in all, within an epoch if need be; 0: epochs decide", 0, 1e9},
      {"batch-size", &Config::batch_size, "samples a batch", 1, 1e6},
      {"optimizer", &Config::optimizer, "sgd or adam", 0, kAny, {"sgd", "adam"}},
      {"lr", &Config::lr, "learning rate at the start; 0: 0.05 for sgd, 0.001 for adam", 0, 1e6},
      {"momentum", &Config::momentum, "momentum of sgd", 0, 1},
      {"weight-decay", &Config::weight_decay, "L2 penalty added to the gradients", 0, 1e6},
      {"weight-decay-of",
       &Config::weight_decay_of,
       "what decays: all parameters, or weights, without biases and batch normalisations",
       0,
       kAny,
       {"all", "weights"}},
      {"label-smoothing", &Config::label_smoothing,
       "share of a label's weight in the training loss that is spread evenly over all classes", 0,
       1},
      {"ema-decay", &Config::ema_decay,
       "D of the weights' average, D * average + (1 - D) * weights after each batch, which is "
       "tested and evaluated instead of the weights; 0: no average",
       0, 0.999999},
      {"lr-schedule",
       &Config::lr_schedule,
       "constant, step, milestones, cosine or inv",
       0,
       kAny,
       {"constant", "step", "milestones", "cosine", "inv"}},
      {"lr-warmup-epochs", &Config::lr_warmup_epochs,
       "epochs, such as 5 or 0.5, over which the rate grows from 0 to the schedule's", 0, 1e6},
      {"lr-final", &Config::lr_final, "cosine: learning rate at the end", 0, 1e6},
      {"lr-step-epochs", &Config::lr_step_epochs, "step: epochs between two steps", 1, 1e6},
      {"lr-step-factor", &Config::lr_step_factor, "step, milestones: factor at each step", 0, 1},
      {"lr-milestones", &Config::lr_milestones,
       "milestones: the epochs after which the rate steps, such as 82,123"},
      {"lr-inv-gamma", &Config::lr_inv_gamma, "inv: G of lr * (1 + G * batches)^-P", 0, 1e6},
      {"lr-inv-power", &Config::lr_inv_power, "inv: P of lr * (1 + G * batches)^-P", 0, 1e3},
      {"early-stop", &Config::early_stop,
       "end after N epochs in a row without a better test; 0: never", 0, 1e6},
      {"early-stop-on",
       &Config::early_stop_on,
       "what of the test is to get better, accuracy or loss",
       0,
       kAny,
       {"accuracy", "loss"}},
      {"seed", &Config::seed, "seed of initial weights, batches and stochastic rounding"},
      {"threads", &Config::threads, "worker threads; 0: one for each processor", 0, 4096},
      {"out", &Config::out, "folder of the run; default runs/MODEL-DATA"},
      {"limit-train", &Config::limit_train, "use the first N training samples; 0: all"},
      {"limit-test", &Config::limit_test, "use the first N test samples; 0: all"},
      {"checkpoint-every", &Config::checkpoint_every,
       "batches between two checkpoints; 0: one after each epoch"},
      {"native-batches", &Config::native_batches,
       "batches an epoch that are repeated on LibTorch's own arithmetic to measure the slow-down"},
      {"record-operands", &Config::record_operands,
       "folder for histograms of the operands of each layer and pass, for `mulberry analyze "
       "--operands`: of what this process has trained and tested; written after each epoch; slow"},
      {"record-traces", &Config::record_traces,
       "folder for traces of the operands of each layer and pass, of its first product, 4096 pairs "
       "at most, to drive a multiply-accumulate unit with where its power is measured; written "
       "after each epoch"},
      {"mac-costs", &Config::mac_costs,
       "schedule dps: TOML file with the figures of a flexible MAC, as `mulberry synth --flexible "
       "--units` writes it; default: those built in, as in experiments/flexible_mac.toml"},
  };
  return keys;
}

const ConfigKey& FindConfigKey(std::string_view name) {
  std::vector<std::string_view> names;
  for (const ConfigKey& key : ConfigKeys()) {
    if (key.name == name) return key;
    names.push_back(key.name);
  }
  const std::string_view nearest = Nearest(name, names);
  if (!nearest.empty()) throw UsageError("unknown key '{}'; did you mean '{}'?", name, nearest);
  throw UsageError("unknown key '{}'; the keys are: {}", name, fmt::join(names, ", "));
}

void SetFromFlag(Config& config, const ConfigKey& key, const std::vector<std::string>& values) {
  try {
    std::visit([&](auto field) { Set(config, key, field, values); }, key.field);
  } catch (const UsageError& e) {
    throw UsageError("--{}: {}", key.name, e.what());
  }
}

void SetFromToml(Config& config, const ConfigKey& key, const toml::node& node) {
  try {
    std::visit([&](auto field) { Set<>(config, key, field, node); }, key.field);
  } catch (const UsageError& e) {
    throw UsageError("{}: {}", key.name, e.what());
  }
}

void SetFromToml(Config& config, const toml::table& table, const std::string& name) {
  for (const auto& [key_name, node] : table) {
    try {
      SetFromToml(config, FindConfigKey(key_name.str()), node);
    } catch (const UsageError& e) {
      throw UsageError("{}:{}: {}", name, key_name.source().begin.line, e.what());
    }
  }
}

Config ParseConfig(std::string_view toml_text, const std::string& name, Config config) {
  SetFromToml(config, ParseToml(toml_text, name), name);
  return config;
}

Config ReadConfig(const std::string& path, Config config) {
  SetFromToml(config, ReadToml(path), path);
  return config;
}

std::string ToToml(const Config& config) {
  std::string text;
  for (const ConfigKey& key : ConfigKeys()) {
    text += fmt::format("{} = {}\n", key.name, TomlText(config, key));
  }
  return text;
}

nlohmann::ordered_json ToJson(const Config& config) {
  nlohmann::ordered_json json;
  for (const ConfigKey& key : ConfigKeys()) {
    std::visit([&](auto field) { json[std::string(key.name)] = config.*field; }, key.field);
  }
  return json;
}

namespace {

// What is not given is the data set's.
std::string AugmentOf(const Config& config) {
  if (!config.augment.empty()) return config.augment;
  return std::string(Name(FindDataset(config.data).augmentation));
}

}  // namespace

KeyRole RoleOf(const ConfigKey& key) {
  static const std::set<std::string_view> harmless = {
      "out",           "threads",  "checkpoint-every", "native-batches", "record-operands",
      "record-traces", "mac-costs"};
  static const std::set<std::string_view> arithmetic = {"arithmetic",
                                                        "policy",
                                                        "strategy",
                                                        "schedule",
                                                        "weights",
                                                        "gradients",
                                                        "batch-norm",
                                                        "loss-scale",
                                                        "fold-batch-norm",
                                                        "calibration",
                                                        "calibration-samples",
                                                        "gradient-estimator"};
  if (harmless.contains(key.name)) return KeyRole::kHarmless;
  if (arithmetic.contains(key.name)) return KeyRole::kArithmetic;
  return key.name == "seed" ? KeyRole::kSeed : KeyRole::kSetting;
}

std::vector<std::string> Differences(Config x, Config y) {
  x.augment = AugmentOf(x);
  y.augment = AugmentOf(y);
  std::vector<std::string> lines;
  for (const ConfigKey& key : ConfigKeys()) {
    const std::string of_x = TomlText(x, key);
    const std::string of_y = TomlText(y, key);
    if (of_x == of_y || RoleOf(key) == KeyRole::kHarmless) continue;
    lines.push_back(fmt::format("{}: {}, not {}", key.name, of_x, of_y));
  }
  return lines;
}

Policy PolicyOf(const Config& config) {
  Policy policy = Policy::Uniform(ParseNetworkArithmetic(config.arithmetic.at(0)));
  for (const std::string& rule : config.policy) policy.rules.push_back(ParseRule(rule));
  return policy;
}

namespace {

void CheckHybrid(const Config& config) {
  for (const HybridOptions& options : HybridOf(config)) {
    for (const Arithmetic& part : {options.to.forward, options.to.gradients}) {
      if (!part.native) MakePlan(part, config.strategy);
    }
  }
}

void CompleteSchedules(Config& config) {
  CheckHybrid(config);
  const std::vector<ScheduleSpec> schedules = ParseSchedules(config.schedule);
  config.schedule.clear();
  for (const ScheduleSpec& spec : schedules) config.schedule.push_back(Print(spec));
  const ScheduleSpec* dps = FindSchedule(schedules, "dps");
  if (!dps) {
    if (config.mac_costs.empty()) return;
    throw UsageError("mac-costs: {}: costs are reckoned under schedule dps, which is not given",
                     config.mac_costs);
  }
  if (config.optimizer != "sgd") {
    throw UsageError("optimizer: {}: schedule dps has an SGD of its own; it takes sgd",
                     config.optimizer);
  }
  if (FindSchedule(schedules, "warmup")) {
    throw UsageError("schedule: dps rounds from the first iteration on; it has no warmup");
  }
  for (const std::string* key : {&config.weights, &config.gradients, &config.loss_scale}) {
    if (key->empty()) continue;
    throw UsageError(
        "'{}': schedule dps has formats of its own for weights and gradients; leave out the keys "
        "weights, gradients and loss-scale",
        *key);
  }
  if (config.weight_decay_of != "all") {
    throw UsageError("weight-decay-of: {}: schedule dps has an SGD of its own; it takes all",
                     config.weight_decay_of);
  }
  // What the end of a run needs had better be there at its start.
  MacUnits::Of(config.mac_costs).Flexible(DynamicPrecisionOf(*dps).full_bits());
}

}  // namespace

Config Complete(Config config) {
  const NetworkInfo& network = FindNetwork(config.model);
  const DatasetInfo& data = FindDataset(config.data);
  if (const ImageShape images = {data.channels, data.height, data.width}; !network.Takes(images)) {
    throw UsageError("model {} takes images of {}, data {} has images of {}", network.name,
                     network.Accepted(), data.name, fmt::join(images, "x"));
  }
  return CompleteUntrained(std::move(config));
}

Config CompleteUntrained(Config config) {
  FindNetwork(config.model);
  config.augment = AugmentOf(config);
  try {
    ParseAugmentation(config.augment);
  } catch (const UsageError& e) {
    throw UsageError("augment: {}", e.what());
  }
  if (config.arithmetic.empty()) throw UsageError("arithmetic: give at least one, such as fp32");
  std::set<std::string> seen;
  for (std::string& spec : config.arithmetic) {
    const NetworkArithmetic arithmetic = ParseNetworkArithmetic(spec);
    for (const Arithmetic& part : {arithmetic.forward, arithmetic.gradients}) {
      if (!part.native) MakePlan(part, config.strategy);
    }
    spec = Print(arithmetic);
    if (!seen.insert(spec).second) throw UsageError("arithmetic: {} is given twice", spec);
  }
  for (std::string& text : config.policy) {
    const Rule rule = ParseRule(text);
    if (!rule.arithmetic.native) MakePlan(rule.arithmetic, config.strategy);
    text = Print(rule);
  }
  CompleteSchedules(config);
  CompleteRecipe(config);
  CompleteQuantization(config);
  CheckLearningRate(config);
  CheckWeightAverage(config);
  if (config.lr == 0) config.lr = config.optimizer == "adam" ? 0.001 : 0.05;
  if (config.out.empty()) config.out = fmt::format("runs/{}-{}", config.model, config.data);
  return config;
}

}  // namespace mulberry
