// The recipe of a run: what reaches the update and what an update leaves, the loss's scale, and the
// keys' messages.
#include "mulberry/train/recipe.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "mulberry/base/error.h"
#include "mulberry/data/synthetic.h"
#include "mulberry/models/registry.h"
#include "mulberry/train/step.h"

namespace mulberry {
namespace {

Config ConfigWith(const std::string& arithmetic = "exact@bf16") {
  Config config;
  config.data = "synthetic";
  config.arithmetic = {arithmetic};
  return config;
}

std::vector<torch::Tensor> ParametersWithGradients(const std::vector<float>& gradients) {
  torch::Tensor weight = torch::full({static_cast<int64_t>(gradients.size())}, 1.3f);
  weight.mutable_grad() = torch::tensor(gradients);
  return {weight};
}

TEST(Recipe, RoundsGradientsBeforeAndWeightsAfterTheUpdate) {
  Config config = ConfigWith();
  config.gradients = "float(4,1)+round=zero";
  config.weights = "bf16";
  config.loss_scale = "8";
  Recipe recipe(config);
  EXPECT_EQ(recipe.loss_scale(), 8);
  const auto parameters = ParametersWithGradients({8 * 1.9f, -8 * 0.3f});
  EXPECT_TRUE(recipe.PrepareUpdate(parameters));
  EXPECT_TRUE(parameters[0].grad().equal(torch::tensor({1.5f, -0.25f})));
  recipe.FinishUpdate(parameters);
  EXPECT_TRUE(parameters[0].equal(torch::full({2}, Round(kBf16, Rounding::kNearestEven, 1.3f))));
}

// PyTorch's rule: half and skip where a gradient overflowed, double after 2000 that did not.
TEST(Recipe, DynamicLossScaleFollowsTheGradients) {
  Config config = ConfigWith();
  config.loss_scale = "dynamic";
  Recipe recipe(config);
  EXPECT_EQ(recipe.loss_scale(), 65536);
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(recipe.PrepareUpdate(ParametersWithGradients({1.0f, infinity})));
  EXPECT_FALSE(recipe.PrepareUpdate(ParametersWithGradients({std::nanf(""), 1.0f})));
  EXPECT_EQ(recipe.loss_scale(), 16384);
  for (int i = 1; i <= 2000; ++i) {
    EXPECT_EQ(recipe.loss_scale(), 16384) << i;
    EXPECT_TRUE(recipe.PrepareUpdate(ParametersWithGradients({1.0f})));
  }
  EXPECT_EQ(recipe.loss_scale(), 32768);
  EXPECT_EQ(recipe.TakeSkippedUpdates(), 2);
  EXPECT_EQ(recipe.TakeSkippedUpdates(), 0);

  Recipe restored(config);
  restored.Restore(recipe.ToJson());
  EXPECT_EQ(restored.ToJson(), recipe.ToJson());
  EXPECT_THROW(restored.Restore({{"batches", 1}}), Error);
}

// Without dynamic scaling nothing is hidden.
TEST(Recipe, AFixedScaleLetsInfiniteGradientsThrough) {
  Config config = ConfigWith();
  config.loss_scale = "1024";
  Recipe recipe(config);
  const auto parameters = ParametersWithGradients({std::numeric_limits<float>::infinity()});
  EXPECT_TRUE(recipe.PrepareUpdate(parameters));
  EXPECT_TRUE(std::isinf(parameters[0].grad().item<float>()));
}

// Powers of two change no gradient of products in FP32: the same weights, to the bit.
TEST(Recipe, ScalingTheLossAloneChangesNothing) {
  const Dataset data = MakeSynthetic(Split::kTrain, 60, 0);
  const auto trained = [&](const std::string& scale) {
    Config config = ConfigWith("exact@fp32");
    config.loss_scale = scale;
    config.lr = 0.05;
    const auto model = MakeNetwork("lenet5", data.classes, 1);
    const auto optimizer = MakeOptimizer(config, *model);
    Recipe recipe(config);
    const Batches batches(data, 16, 1, 0);
    for (int64_t i = 0; i < 3; ++i)
      TrainStep(*model, *optimizer, 0.05, batches.at(i), {.recipe = &recipe});
    return torch::nn::utils::parameters_to_vector(model->parameters()).detach();
  };
  EXPECT_TRUE(trained("").equal(trained("4096")));
}

TEST(Recipe, StochasticRoundingIsAnotherForEachBatchAndTensor) {
  Config config = ConfigWith();
  config.weights = "float(5,2)+round=stochastic";
  Recipe recipe(config);
  const auto rounded = [&] {
    const std::vector<torch::Tensor> parameters = {torch::full({1000}, 1.1f),
                                                   torch::full({1000}, 1.1f)};
    recipe.PrepareUpdate(parameters);
    recipe.FinishUpdate(parameters);
    return parameters;
  };
  const auto first = rounded(), second = rounded();
  EXPECT_FALSE(first[0].equal(first[1]));
  EXPECT_FALSE(first[0].equal(second[0]));
  // Of values between 1 and 1.25, whose mean is kept.
  EXPECT_NEAR(first[0].mean().item<double>(), 1.1, 0.02);
}

TEST(Recipe, TheRunOfFp32HasNone) {
  Config config = ConfigWith("fp32");
  config.weights = "bf16";
  config.batch_norm = "bf16";
  EXPECT_FALSE(HasRecipe(config));
  EXPECT_EQ(BatchNormPoint(config), nullptr);
  config.arithmetic = {"exact@bf16 | fp32"};
  EXPECT_TRUE(HasRecipe(config));
  EXPECT_NE(BatchNormPoint(config), nullptr);
}

// Rules make a run of fp32 one that is simulated.
TEST(Recipe, BelongsToRunsWithRules) {
  Config config = ConfigWith("fp32");
  config.weights = "bf16";
  config.policy = {"fc1=exact@bf16"};
  EXPECT_TRUE(HasRecipe(config));
}

TEST(Recipe, IsRefusedWhereNoRunWouldHaveIt) {
  Config config = ConfigWith("fp32");
  EXPECT_NO_THROW(RequireRecipeServes(config));
  config.batch_norm = "bf16";
  EXPECT_THROW(RequireRecipeServes(config), UsageError);
  config.arithmetic = {"fp32", "exact@bf16"};
  EXPECT_NO_THROW(RequireRecipeServes(config));
  config.arithmetic = {"fp32"};
  config.policy = {"fc1=exact@bf16"};
  EXPECT_NO_THROW(RequireRecipeServes(config));
}

TEST(Recipe, KeysAreBroughtToTheirCanonicalSpelling) {
  Config config = ConfigWith();
  config.weights = "bf16 + round=nearest";
  config.gradients = "posit(8,2)+scale=center(2)";
  config.batch_norm = "posit(16,1) | posit(16,2)";
  config.schedule = {"warmup( epochs = 2 )"};
  const Config complete = Complete(config);
  EXPECT_EQ(complete.weights, "bf16");
  EXPECT_EQ(complete.gradients, "posit(8,2)+scale=center");
  EXPECT_EQ(complete.batch_norm, "posit(16,1) | posit(16,2)");
  EXPECT_EQ(WarmUpEpochs(complete), 2);
  EXPECT_EQ(Complete(complete), complete);
  config.batch_norm = "posit(16,1) | posit(16,1)";
  EXPECT_EQ(Complete(config).batch_norm, "posit(16,1)");
}

std::string MessageOf(Config config) {
  try {
    Complete(std::move(config));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Recipe, RefusesWhatItCannotDo) {
  const auto message = [](std::string Config::*key, const char* value) {
    Config config = ConfigWith();
    config.*key = value;
    return MessageOf(config);
  };
  const auto has = [](const std::string& text, const char* part) {
    return text.find(part) != text.npos;
  };
  EXPECT_PRED2(has, message(&Config::weights, "bf17"), "weights: bf17");
  EXPECT_PRED2(has, message(&Config::gradients, "posit(8,2)+scale=max"), "scale cannot be");
  EXPECT_PRED2(has, message(&Config::batch_norm, "bf16+round=stochastic"), "batch-norm: bf16");
  EXPECT_PRED2(has, message(&Config::batch_norm, "bf16 | "), "FORWARD | BACKWARD");
  EXPECT_PRED2(has, message(&Config::loss_scale, "1000"), "must be dynamic or a power of two");
  EXPECT_PRED2(has, message(&Config::loss_scale, "much"), "'much'");
  Config config = ConfigWith();
  config.schedule = {"dps"};
  config.weights = "bf16";
  EXPECT_PRED2(has, MessageOf(config), "schedule dps has formats of its own");
  config.weights = "";
  config.schedule = {"dps", "warmup"};
  EXPECT_PRED2(has, MessageOf(config), "no warmup");
}

}  // namespace
}  // namespace mulberry
