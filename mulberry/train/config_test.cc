// The configuration: every key through TOML and flags and back, and what is said of wrong ones.
#include "mulberry/train/config.h"

#include <gtest/gtest.h>

#include <set>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

// A configuration in which no key has its default.
Config AllDifferent() {
  Config config;
  config.model = "lenet300";
  config.data = "synthetic";
  config.augment = "crop-flip";
  config.arithmetic = {"mitchell@bf16", "a \"quoted\" text\\"};
  config.policy = {"conv*=fp32", "fc1:forward=exact@bf16"};
  config.strategy = "gather table";
  config.schedule = {"dps(target=12)"};
  config.weights = "bf16+round=stochastic";
  config.gradients = "posit(8,2)";
  config.batch_norm = "posit(16,1) | posit(16,2)";
  config.loss_scale = "dynamic";
  config.start = "runs/float";
  config.fold_batch_norm = "yes";
  config.calibration = "mse";
  config.calibration_samples = 99;
  config.gradient_estimator = "slopes";
  config.epochs = 3;
  config.iterations = 14;
  config.batch_size = 7;
  config.optimizer = "adam";
  config.lr = 0.1;
  config.momentum = 1.0 / 3;
  config.weight_decay = 5e-324;
  config.weight_decay_of = "weights";
  config.label_smoothing = 0.1;
  config.ema_decay = 0.999;
  config.lr_schedule = "inv";
  config.lr_final = 1e-5;
  config.lr_warmup_epochs = 0.5;
  config.lr_step_epochs = 5;
  config.lr_step_factor = 0.25;
  config.lr_milestones = "82,123";
  config.lr_inv_gamma = 2;
  config.lr_inv_power = 1;
  config.early_stop = 4;
  config.early_stop_on = "loss";
  config.seed = int64_t{1} << 62;
  config.threads = 3;
  config.out = "runs/x";
  config.limit_train = 10;
  config.limit_test = 11;
  config.checkpoint_every = 12;
  config.native_batches = 13;
  config.record_operands = "operands";
  config.record_traces = "traces";
  config.mac_costs = "costs.toml";
  return config;
}

std::string MessageOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const UsageError& e) {
    return e.what();
  }
  return "no UsageError";
}

std::string ParseMessage(const std::string& toml) {
  return MessageOf([&] { ParseConfig(toml, "lenet5.toml"); });
}

TEST(Config, ExampleHasNoDefault) {
  const auto defaults = ToJson(Config());
  const auto example = ToJson(AllDifferent());
  for (const ConfigKey& key : ConfigKeys()) {
    EXPECT_NE(defaults.at(std::string(key.name)), example.at(std::string(key.name))) << key.name;
  }
}

TEST(Config, RoundTripsThroughToml) {
  EXPECT_EQ(ParseConfig(ToToml(Config()), "default", AllDifferent()), Config());
  EXPECT_EQ(ParseConfig(ToToml(AllDifferent()), "example"), AllDifferent());
}

TEST(Config, TakesEveryKeyFromFlags) {
  const Config example = AllDifferent();
  const auto json = ToJson(example);
  Config config;
  for (const ConfigKey& key : ConfigKeys()) {
    const auto& value = json.at(std::string(key.name));
    std::vector<std::string> texts;
    if (value.is_array()) {
      texts = value.get<std::vector<std::string>>();
    } else {
      texts = {value.is_string() ? value.get<std::string>() : value.dump()};
    }
    SetFromFlag(config, key, texts);
  }
  EXPECT_EQ(config, example);
}

TEST(Config, KeysThatAreNotGivenStay) {
  const Config config = ParseConfig("epochs = 2\nlr = 1\narithmetic = 'exact@bf16'\n", "f");
  Config expected;
  expected.epochs = 2;
  expected.lr = 1;
  expected.arithmetic = {"exact@bf16"};
  EXPECT_EQ(config, expected);
}

TEST(Config, NamesTheLineAndTheNearestKey) {
  EXPECT_EQ(ParseMessage("model = 'lenet5'\nepoch = 3\n"),
            "lenet5.toml:2: unknown key 'epoch'; did you mean 'epochs'?");
  EXPECT_EQ(
      ParseMessage("\n\nlearning_speed = 3\n")
          .rfind("lenet5.toml:3: unknown key 'learning_speed'; the keys are: model, data, ", 0),
      0u);
  EXPECT_EQ(ParseMessage("[model]\nname = 'x'\n"),
            "lenet5.toml:1: model: must be a string, not a table");
}

TEST(Config, ChecksTypes) {
  EXPECT_EQ(ParseMessage("epochs = 'three'"),
            "lenet5.toml:1: epochs: must be a whole number, not 'three'");
  EXPECT_EQ(ParseMessage("epochs = 2.5"), "lenet5.toml:1: epochs: must be a whole number, not 2.5");
  EXPECT_EQ(ParseMessage("epochs = true"),
            "lenet5.toml:1: epochs: must be a whole number, not true");
  EXPECT_EQ(ParseMessage("lr = '0.1'"), "lenet5.toml:1: lr: must be a number, not '0.1'");
  EXPECT_EQ(ParseMessage("lr = true"), "lenet5.toml:1: lr: must be a number, not true");
  EXPECT_EQ(ParseMessage("model = 5"), "lenet5.toml:1: model: must be a string, not 5");
  EXPECT_EQ(ParseMessage("policy = ['a=fp32', 5]"),
            "lenet5.toml:1: policy: must be a string or a list of strings, not [ 'a=fp32', 5 ]");
}

TEST(Config, TellsWhatKeysAreInComparisons) {
  EXPECT_EQ(RoleOf(FindConfigKey("loss-scale")), KeyRole::kArithmetic);
  EXPECT_EQ(RoleOf(FindConfigKey("lr")), KeyRole::kSetting);
  EXPECT_EQ(RoleOf(FindConfigKey("seed")), KeyRole::kSeed);
  EXPECT_EQ(RoleOf(FindConfigKey("threads")), KeyRole::kHarmless);
}

TEST(Config, ChecksRanges) {
  EXPECT_EQ(ParseMessage("epochs = 0"), "lenet5.toml:1: epochs: 0 must be from 1 to 1000000");
  EXPECT_EQ(ParseMessage("seed = -1"), "lenet5.toml:1: seed: -1 must be at least 0");
  EXPECT_EQ(ParseMessage("momentum = 1.5"), "lenet5.toml:1: momentum: 1.5 must be from 0 to 1");
  EXPECT_EQ(ParseMessage("lr = nan"), "lenet5.toml:1: lr: nan must be from 0 to 1000000");
  EXPECT_EQ(ParseMessage("optimizer = 'rmsprop'"),
            "lenet5.toml:1: optimizer: 'rmsprop' must be one of: sgd, adam");
}

TEST(Config, ShowsWhereTomlIsWrong) {
  EXPECT_EQ(ParseMessage("model = 'lenet5'\nepochs = = 3\n").rfind("lenet5.toml:2:", 0), 0u);
}

TEST(Config, NamesTheFlag) {
  Config config;
  const auto message = [&](const char* key, const char* value) {
    return MessageOf([&] { SetFromFlag(config, FindConfigKey(key), {value}); });
  };
  EXPECT_EQ(message("epochs", "3x"), "--epochs: '3x' must be a whole number");
  EXPECT_EQ(message("epochs", ""), "--epochs: '' must be a whole number");
  EXPECT_EQ(message("epochs", "99999999999999999999"),
            "--epochs: '99999999999999999999' must be a whole number");
  EXPECT_EQ(message("lr", "fast"), "--lr: 'fast' must be a number");
  EXPECT_EQ(message("batch-size", "0"), "--batch-size: 0 must be from 1 to 1000000");
  EXPECT_EQ(config, Config());
}

TEST(Config, DifferencesLeaveOutWhatCannotChangeResults) {
  const std::set<std::string_view> harmless = {
      "out",           "threads",  "checkpoint-every", "native-batches", "record-operands",
      "record-traces", "mac-costs"};
  std::set<std::string> expected;
  for (const ConfigKey& key : ConfigKeys()) {
    if (harmless.count(key.name) == 0) expected.insert(std::string(key.name));
  }
  std::set<std::string> found;
  for (const std::string& line : Differences(AllDifferent(), Config())) {
    found.insert(line.substr(0, line.find(':')));
  }
  EXPECT_EQ(found, expected);
  Config config;
  config.epochs = 9;
  EXPECT_EQ(Differences(config, Config()), (std::vector<std::string>{"epochs: 9, not 8"}));
}

TEST(Complete, FillsInDefaults) {
  const Config sgd = Complete({});
  EXPECT_EQ(sgd.lr, 0.05);
  EXPECT_EQ(sgd.out, "runs/lenet5-mnist");
  Config adam;
  adam.optimizer = "adam";
  EXPECT_EQ(Complete(adam).lr, 0.001);
  adam.lr = 0.5;
  EXPECT_EQ(Complete(adam).lr, 0.5);
}

TEST(Complete, AugmentsAsTheDataSetSays) {
  Config config;
  EXPECT_EQ(Complete(config).augment, "none");
  config.model = "resnet20";
  config.data = "cifar10";
  EXPECT_EQ(Complete(config).augment, "crop-flip");
  config.augment = "none";
  EXPECT_EQ(Complete(config).augment, "none");
  config.augment = "flip";
  EXPECT_EQ(MessageOf([&] { Complete(config); }),
            "augment: 'flip' must be one of: none, crop-flip");
}

// A run from before there was the key goes on.
TEST(Config, NoAugmentIsTheDataSets) {
  Config config = Complete({});
  Config older = config;
  older.augment.clear();
  EXPECT_EQ(Differences(older, config), std::vector<std::string>());
  config.augment = "crop-flip";
  EXPECT_EQ(Differences(older, config),
            (std::vector<std::string>{"augment: 'none', not 'crop-flip'"}));
}

TEST(Complete, SpellsCanonically) {
  Config config;
  config.arithmetic = {" mitchell @ bf16 "};
  config.policy = {"fc*:forward=exact @ bf16"};
  config.schedule = {" dps ( target = 12, max=31 ) "};
  config = Complete(config);
  EXPECT_EQ(config.schedule, (std::vector<std::string>{"dps(target=12)"}));
  EXPECT_EQ(config.arithmetic, (std::vector<std::string>{"mitchell@bf16"}));
  EXPECT_EQ(config.policy, (std::vector<std::string>{"fc*:forward=exact@bf16"}));
}

TEST(Complete, RefusesWhatDoesNotExist) {
  const auto message = [](auto change) {
    Config config;
    change(config);
    return MessageOf([&] { Complete(config); });
  };
  const auto has = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  EXPECT_TRUE(has(message([](Config& c) { c.model = "lenet6"; }), "lenet5"));
  EXPECT_TRUE(has(message([](Config& c) { c.data = "minst"; }), "mnist"));
  EXPECT_TRUE(has(message([](Config& c) { c.arithmetic = {"mitchel@bf16"}; }), "mitchell"));
  EXPECT_TRUE(has(message([](Config& c) { c.policy = {"fc1"}; }), "fc1"));
  EXPECT_TRUE(has(message([](Config& c) { c.arithmetic = {}; }), "at least one"));
  EXPECT_TRUE(has(message([](Config& c) { c.arithmetic = {"fp32", "fp32"}; }), "given twice"));
  EXPECT_TRUE(has(message([](Config& c) {
                    c.arithmetic = {"mitchell@bf16"};
                    c.strategy = "low rank";
                  }),
                  "low rank"));
  EXPECT_TRUE(has(message([](Config& c) { c.schedule = {"dsp"}; }), "did you mean 'dps'?"));
  EXPECT_TRUE(has(message([](Config& c) { c.schedule = {"dps(max=8)"}; }),
                  "start is 31; it must be at most max, 8"));
  EXPECT_TRUE(
      has(message([](Config& c) { c.schedule = {"dps(max=8,start=8)"}; }), "target length 15"));
  EXPECT_TRUE(
      has(message([](Config& c) { c.mac_costs = "x.toml"; }), "schedule dps, which is not"));
  EXPECT_TRUE(has(message([](Config& c) {
                    c.schedule = {"dps"};
                    c.optimizer = "adam";
                  }),
                  "it takes sgd"));
  EXPECT_TRUE(has(message([](Config& c) {
                    c.schedule = {"dps"};
                    c.weight_decay_of = "weights";
                  }),
                  "weight-decay-of: weights: schedule dps has an SGD of its own; it takes all"));
  EXPECT_TRUE(has(message([](Config& c) {
                    c.schedule = {"dps"};
                    c.ema_decay = 0.9;
                  }),
                  "ema-decay: 0.9: the average is in FP32"));
  EXPECT_TRUE(has(message([](Config& c) { c.lr_schedule = "milestones"; }), "lr-milestones: ''"));
  EXPECT_TRUE(has(message([](Config& c) { c.lr_warmup_epochs = 9; }), "epochs of the run, 8"));
  EXPECT_EQ(message([](Config& c) { c.model = "vgg16"; }),
            "model vgg16 takes images of at least 32x32, data mnist has images of 1x28x28");
  EXPECT_EQ(message([](Config& c) { c.model = "resnet20"; }), "no UsageError");
}

TEST(PolicyOf, PutsRulesAfterTheArithmetic) {
  Config config;
  config.arithmetic = {"mitchell@bf16"};
  config.policy = {"fc3=fp32"};
  const Policy policy = PolicyOf(config);
  EXPECT_EQ(Print(*policy.Find("conv1", Pass::kForward)), "mitchell@bf16");
  EXPECT_EQ(Print(*policy.Find("fc3", Pass::kForward)), "fp32");
}

}  // namespace
}  // namespace mulberry
