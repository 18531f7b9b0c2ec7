// The configuration of a training run: one struct, whose every key has the same name in a TOML file
// and, with -- before it, on the command line. Not here: what the values do (trainer.h).
//
//   model = "lenet5"
//   arithmetic = ["fp32", "mitchell@bf16"]
//   policy = ["fc*:forward=exact@bf16"]
//   epochs = 8
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mulberry/nn/policy.h"

namespace mulberry {

/// Defaults are what the keys mean if they are not given.
struct Config {
  std::string model = "lenet5";
  std::string data = "mnist";
  std::string augment;
  std::vector<std::string> arithmetic = {"fp32"};
  std::vector<std::string> policy;
  std::string strategy;
  std::vector<std::string> schedule;
  std::string weights;
  std::string gradients;
  std::string batch_norm;
  std::string loss_scale;
  std::string start;
  std::string fold_batch_norm = "no";
  std::string calibration;
  int64_t calibration_samples = 1000;
  std::string gradient_estimator;
  int64_t epochs = 8;
  int64_t iterations = 0;
  int64_t batch_size = 64;
  std::string optimizer = "sgd";
  double lr = 0;
  double momentum = 0.9;
  double weight_decay = 0;
  std::string weight_decay_of = "all";
  double label_smoothing = 0;
  double ema_decay = 0;
  std::string lr_schedule = "cosine";
  double lr_final = 0;
  double lr_warmup_epochs = 0;
  int64_t lr_step_epochs = 2;
  double lr_step_factor = 0.1;
  std::string lr_milestones;
  double lr_inv_gamma = 1e-4;
  double lr_inv_power = 0.75;
  int64_t early_stop = 0;
  std::string early_stop_on = "accuracy";
  int64_t seed = 1;
  int64_t threads = 0;
  std::string out;
  int64_t limit_train = 0;
  int64_t limit_test = 0;
  int64_t checkpoint_every = 0;
  int64_t native_batches = 32;
  std::string record_operands;
  std::string record_traces;
  std::string mac_costs;

  friend bool operator==(const Config&, const Config&) = default;
};

/// One key: its name, where it lies, and what it may be.
struct ConfigKey {
  using Field = std::variant<int64_t Config::*, double Config::*, std::string Config::*,
                             std::vector<std::string> Config::*>;

  std::string_view name;
  Field field;
  std::string_view help;
  /// Range of a number, both ends included.
  double minimum = 0;
  double maximum = std::numeric_limits<double>::infinity();
  /// What a string may be; empty: any.
  std::vector<std::string_view> choices = {};
};

/// All keys, in the order in which they are written.
const std::vector<ConfigKey>& ConfigKeys();
/// The key of that name. Throws UsageError that names the nearest.
const ConfigKey& FindConfigKey(std::string_view name);

/// Sets a key from a flag's values: one, or for a list any number, which replace the list. Throws
/// UsageError that names the flag, the value and what is accepted.
void SetFromFlag(Config& config, const ConfigKey& key, const std::vector<std::string>& values);

/// `config` with the keys that the TOML text sets. Throws UsageError that names the file, the line
/// and the key. `name` stands for the file.
Config ParseConfig(std::string_view toml, const std::string& name, Config config = {});
/// The same of a file. Throws Error if it cannot be read.
Config ReadConfig(const std::string& path, Config config = {});

/// All keys as TOML: ParseConfig(ToToml(x), ...) == x.
std::string ToToml(const Config& config);
nlohmann::ordered_json ToJson(const Config& config);

/// What a key is where runs are compared.
enum class KeyRole : uint8_t {
  kArithmetic,  ///< It says how the run computes: arithmetic, policy, schedule, recipe.
  kSetting,     ///< It says what is computed: network, data, hyperparameters.
  kSeed,
  kHarmless,  ///< It cannot change results.
};
KeyRole RoleOf(const ConfigKey& key);

/// One line for each key that differs, "lr: 0.1, not 0.05" for x's 0.1 and y's 0.05. Harmless keys
/// are left out. An empty `augment`, as in older runs, is the data set's.
std::vector<std::string> Differences(Config x, Config y);

/// Fills in the defaults that depend on other keys (augment, lr, out), brings arithmetics, rules
/// and schedules to their canonical spelling, and checks what no single key can: that model, data,
/// arithmetics, policy, strategy and schedules exist and fit. Throws UsageError.
Config Complete(Config config);
/// The same where nothing is trained: the model need not take the data set's images.
Config CompleteUntrained(Config config);

/// The policy of a configuration with one arithmetic: it, everywhere, then the rules.
Policy PolicyOf(const Config& config);

}  // namespace mulberry
