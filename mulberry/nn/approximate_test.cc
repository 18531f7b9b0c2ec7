// The mode on whole models: which layers it finds, how modes nest and end, what the report says.
#include "mulberry/nn/approximate.h"

#include <gtest/gtest.h>
#include <torch/script.h>

#include <sstream>
#include <thread>

#include "mulberry/base/error.h"
#include "mulberry/nn/test_products.h"
#include "mulberry/plan/plan.h"

namespace mulberry {
namespace {

struct SmallNet : torch::nn::Module {
  SmallNet() {
    conv1 = register_module("conv1", torch::nn::Conv2d(torch::nn::Conv2dOptions(1, 4, 3)));
    fc1 = register_module("fc1", torch::nn::Linear(4 * 3 * 3, 10));
  }
  at::Tensor forward(at::Tensor x) {
    x = torch::max_pool2d(torch::relu(conv1(x)), 2);
    return fc1(x.flatten(1));
  }
  torch::nn::Conv2d conv1{nullptr};
  torch::nn::Linear fc1{nullptr};
};

// 5 images of 8 × 8: conv1 has 6 × 6 outputs.
constexpr int64_t kConvMacs = 5 * 4 * 6 * 6 * 1 * 3 * 3;
constexpr int64_t kLinearMacs = 5 * 36 * 10;

at::Tensor Images() {
  torch::manual_seed(3);
  return torch::randn({5, 1, 8, 8});
}

std::vector<std::string> SmallNetLines(const std::string& arithmetic, int64_t calls = 1) {
  const auto line = [&](const char* layer, const char* op, Pass pass, int64_t macs) {
    return fmt::format("{} {} {} {} {} {}", layer, op, Name(pass), arithmetic, calls, calls * macs);
  };
  return {line("conv1", "conv2d", Pass::kForward, kConvMacs),
          line("fc1", "linear", Pass::kForward, kLinearMacs),
          line("fc1", "linear", Pass::kInputGradient, kLinearMacs),
          line("fc1", "linear", Pass::kWeightGradient, kLinearMacs),
          line("conv1", "conv2d", Pass::kWeightGradient, kConvMacs)};
}

TEST(ApproximateTest, UnchangedModelRunsOnThePolicy) {
  torch::manual_seed(1);
  SmallNet net;
  const at::Tensor x = Images();
  const at::Tensor native = net.forward(x);
  Approximate mode(net, Uniform("mitchell@bf16"));
  const at::Tensor y = net.forward(x);
  y.square().sum().backward();
  EXPECT_EQ(Lines(mode.Report()), SmallNetLines("mitchell@bf16"));
  EXPECT_EQ(mode.Report().approximate_macs(), 2 * kConvMacs + 3 * kLinearMacs);
  EXPECT_EQ(mode.Report().native_macs(), 0);
  for (const LayerRun& run : mode.Report().lines) {
    EXPECT_EQ(run.strategy, MakePlan(ParseArithmetic("mitchell@bf16"))->strategy());
  }
  EXPECT_FALSE(SameBits(y, native));
  EXPECT_TRUE(torch::allclose(y, native, 0.2, 0.2));  // Mitchell's peak error is 11 %.
  mode.ResetReport();
  EXPECT_TRUE(mode.Report().lines.empty());
}

TEST(ApproximateTest, NoModeNoChange) {
  torch::manual_seed(1);
  SmallNet net;
  const at::Tensor x = Images(), before = net.forward(x);
  at::Tensor inside;
  {
    Approximate mode(net, Uniform("mitchell@bf16"));
    inside = net.forward(x);
  }
  EXPECT_TRUE(SameBits(net.forward(x), before));
  EXPECT_FALSE(SameBits(inside, before));
}

TEST(ApproximateTest, RulesByLayerName) {
  SmallNet net;
  Approximate mode(net, Policy{{ParseRule("*=mitchell@bf16"), ParseRule("conv1=fp32"),
                                ParseRule("fc?:forward=mbm@bf16")}});
  net.forward(Images()).sum().backward();
  std::vector<std::string> lines = SmallNetLines("mitchell@bf16");
  lines[0] = fmt::format("conv1 conv2d forward fp32 1 {} the policy says fp32", kConvMacs);
  lines[1] = fmt::format("fc1 linear forward mbm@bf16 1 {}", kLinearMacs);
  lines[4] = fmt::format("conv1 conv2d weight_gradient fp32 1 {} the policy says fp32", kConvMacs);
  EXPECT_EQ(Lines(mode.Report()), lines);
  EXPECT_EQ(mode.Report().native_macs(), 2 * kConvMacs);
}

TEST(ApproximateTest, ALayerWithoutRuleIsReported) {
  SmallNet net;
  Approximate mode(net, Policy{{ParseRule("conv*:forward=mitchell@bf16")}});
  net.forward(Images()).sum().backward();
  std::vector<std::string> expected = {
      fmt::format("conv1 conv2d forward mitchell@bf16 1 {}", kConvMacs)};
  const auto add = [&](const char* layer, Pass pass, int64_t macs) {
    expected.push_back(
        fmt::format("{} {} fp32 1 {} no rule of the policy matches", layer, Name(pass), macs));
  };
  add("fc1 linear", Pass::kForward, kLinearMacs);
  add("fc1 linear", Pass::kInputGradient, kLinearMacs);
  add("fc1 linear", Pass::kWeightGradient, kLinearMacs);
  add("conv1 conv2d", Pass::kWeightGradient, kConvMacs);
  EXPECT_EQ(Lines(mode.Report()), expected);
}

TEST(ApproximateTest, BackwardMayRunAfterTheMode) {
  torch::manual_seed(1);
  SmallNet net;
  const at::Tensor x = Images();
  const auto gradients = [&](bool backward_inside) {
    net.zero_grad();
    at::Tensor loss;
    {
      Approximate mode(net, Uniform("mitchell@bf16"));
      loss = net.forward(x).square().sum();
      if (backward_inside) loss.backward();
    }
    if (!backward_inside) loss.backward();
    return std::pair(net.conv1->weight.grad().clone(), net.fc1->weight.grad().clone());
  };
  const auto inside = gradients(true), after = gradients(false);
  EXPECT_TRUE(SameBits(inside.first, after.first));
  EXPECT_TRUE(SameBits(inside.second, after.second));
}

TEST(ApproximateTest, InnermostModeServes) {
  torch::manual_seed(1);
  SmallNet net;
  const at::Tensor x = Images();
  Approximate outer(net, Uniform("mitchell@bf16"));
  const at::Tensor mitchell = net.forward(x);
  at::Tensor mbm, loss_of_outer = mitchell.sum();
  {
    Approximate inner(net, Uniform("mbm@bf16"));
    mbm = net.forward(x);
    // The forward pass was the outer mode's, and so is its backward pass.
    loss_of_outer.backward();
    EXPECT_EQ(inner.Report().lines.size(), 2u);
    EXPECT_EQ(inner.Report().lines[0].arithmetic, "mbm@bf16");
  }
  EXPECT_EQ(Lines(outer.Report()), SmallNetLines("mitchell@bf16"));
  EXPECT_FALSE(SameBits(mitchell, mbm));
  EXPECT_TRUE(SameBits(net.forward(x), mitchell));
  {
    Approximate native(net, Uniform("fp32"));
    EXPECT_FALSE(SameBits(net.forward(x), mitchell));
  }
  EXPECT_TRUE(SameBits(net.forward(x), mitchell));
}

TEST(ApproximateTest, ExceptionsEndTheMode) {
  torch::manual_seed(1);
  SmallNet net;
  const at::Tensor x = Images(), native = net.forward(x);
  try {
    Approximate mode(net, Uniform("mitchell@bf16"));
    net.forward(torch::ones({5, 2, 8, 8}));
    FAIL() << "two channels were accepted";
  } catch (const c10::Error&) {
  }
  EXPECT_TRUE(SameBits(net.forward(x), native));
}

TEST(ApproximateTest, ABadPolicyIsRefusedBeforeTheModeBegins) {
  SmallNet net;
  const at::Tensor x = Images(), native = net.forward(x);
  EXPECT_THROW(Approximate(net, Uniform("mitchell@bf16"), {.seed = 0, .strategy = "no such"}),
               UsageError);
  EXPECT_THROW(Approximate(net, Uniform("roba@fp32"), {.seed = 0, .strategy = "closed form"}),
               UsageError);
  EXPECT_TRUE(SameBits(net.forward(x), native));
}

TEST(ApproximateTest, AStrategyCanBeForced) {
  torch::manual_seed(1);
  SmallNet net;
  const at::Tensor x = Images();
  std::vector<at::Tensor> results;
  for (const char* strategy : {"register table", "gather table", "direct"}) {
    Approximate mode(net, Uniform("mitchell@bf16"), {.seed = 0, .strategy = strategy});
    results.push_back(net.forward(x));
    EXPECT_EQ(mode.Report().lines[0].strategy, strategy);
    EXPECT_TRUE(SameBits(results[0], results.back()));
  }
}

TEST(ApproximateTest, GradientsOfGradientsAreRefused) {
  SmallNet net;
  const at::Tensor x = Images();
  const std::vector<at::Tensor> weights = {net.conv1->weight};
  {
    Approximate mode(net, Policy{{ParseRule("*=fp32"), ParseRule("fc1:forward=mitchell@bf16")}});
    const at::Tensor loss = net.forward(x).square().sum();
    try {
      torch::autograd::grad({loss}, weights, {}, true, true);
      FAIL() << "create_graph was accepted";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("linear \"fc1\": create_graph"), std::string::npos)
          << error.what();
    }
  }
  // Where nothing is simulated, nothing is in the way.
  const auto second = [&] {
    const at::Tensor loss = net.forward(x).square().sum();
    const at::Tensor g = torch::autograd::grad({loss}, weights, {}, true, true)[0];
    return torch::autograd::grad({g.square().sum()}, weights)[0];
  };
  const at::Tensor expected = second();
  Approximate mode(net, Uniform("fp32"));
  EXPECT_TRUE(torch::allclose(second(), expected, 1e-3, 1e-3));
}

TEST(ApproximateTest, ModelsInInferenceAndWithoutGradients) {
  torch::manual_seed(1);
  SmallNet net;
  const at::Tensor x = Images();
  Approximate mode(net, Uniform("mitchell@bf16"));
  const at::Tensor expected = net.forward(x);
  {
    const torch::NoGradGuard no_gradients;
    const at::Tensor y = net.forward(x);
    EXPECT_FALSE(y.requires_grad());
    EXPECT_TRUE(SameBits(y, expected));
  }
  {
    const c10::InferenceMode inference;
    EXPECT_TRUE(SameBits(net.forward(x), expected));
  }
}

struct TiedNet : torch::nn::Module {
  TiedNet() {
    encoder = register_module("encoder", torch::nn::Linear(torch::nn::LinearOptions(6, 6).bias(0)));
    decoder = register_module("decoder", torch::nn::Linear(torch::nn::LinearOptions(6, 6).bias(0)));
    decoder->weight.set_data(encoder->weight);
  }
  torch::nn::Linear encoder{nullptr}, decoder{nullptr};
};

TEST(ApproximateTest, SharedWeightsHaveAllTheirNames) {
  TiedNet net;
  const at::Tensor x = torch::ones({2, 6});
  Approximate mode(net, Policy{{ParseRule("*=mbm@bf16"), ParseRule("decoder=mitchell@bf16")}});
  net.decoder(net.encoder(x));
  EXPECT_EQ(Lines(mode.Report()),
            std::vector<std::string>{"encoder=decoder linear forward mitchell@bf16 2 144"});
}

TEST(ApproximateTest, WeightsAreKnownThroughViewsAndReplacedStorage) {
  SmallNet net;
  Approximate mode(net, Uniform("mitchell@bf16"));
  const at::Tensor w = net.fc1->weight;  // [10, 36]
  torch::mm(torch::ones({2, 10}), w);
  torch::mm(torch::ones({2, 36}), w.t());
  torch::mm(torch::ones({2, 4}), w.view({4, 90}));
  torch::mm(torch::ones({2, 3}), w.slice(0, 4, 7));
  torch::bmm(torch::ones({2, 3, 10}), w.expand({2, 10, 36}));
  torch::conv2d(torch::ones({1, 36, 2, 2}), w.view({10, 36, 1, 1}));
  for (const LayerRun& run : mode.Report().lines) EXPECT_EQ(run.layer, "fc1") << run.op;
  mode.ResetReport();
  net.fc1->weight.set_data(torch::ones({10, 36}));
  torch::mm(torch::ones({2, 10}), net.fc1->weight);
  torch::mm(torch::ones({2, 10}), w.clone());
  EXPECT_EQ(Lines(mode.Report()),
            (std::vector<std::string>{"fc1 linear forward mitchell@bf16 1 720",
                                      "matmul matmul forward mitchell@bf16 1 720"}));
}

// Optimisers that flatten parameters put many into one storage.
TEST(ApproximateTest, WeightsInOneStorageAreToldApart) {
  SmallNet net;
  const at::Tensor flat = torch::randn({360 + 36});
  net.fc1->weight.set_data(flat.slice(0, 0, 360).view({10, 36}));
  net.conv1->weight.set_data(flat.slice(0, 360, 396).view({4, 1, 3, 3}));
  Approximate mode(net, Uniform("mitchell@bf16"));
  net.forward(Images());
  EXPECT_EQ(mode.Report().lines[0].layer, "conv1");
  EXPECT_EQ(mode.Report().lines[1].layer, "fc1");
}

TEST(ApproximateTest, LstmIsWhollySimulated) {
  torch::manual_seed(1);
  struct Net : torch::nn::Module {
    Net() { lstm = register_module("lstm", torch::nn::LSTM(torch::nn::LSTMOptions(6, 8))); }
    torch::nn::LSTM lstm{nullptr};
  } net;
  const at::Tensor x = torch::randn({5, 3, 6});  // 5 steps of 3 sequences.
  // LibTorch 2.x has a fused layer of oneDNN, which stays native.
  at::globalContext().setUserEnabledMkldnn(false);
  const at::Tensor native = std::get<0>(net.lstm(x));
  Approximate mode(net, Uniform("mitchell@bf16"));
  const at::Tensor y = std::get<0>(net.lstm(x));
  y.sum().backward();
  at::globalContext().setUserEnabledMkldnn(true);
  EXPECT_FALSE(SameBits(y, native));
  const int64_t input = 5 * 3 * 6 * 4 * 8, hidden = 5 * 3 * 8 * 4 * 8;
  std::map<std::string, int64_t> macs;
  for (const LayerRun& run : mode.Report().lines) {
    EXPECT_EQ(run.why_native, "");
    macs[fmt::format("{} {}", run.layer, Name(run.pass))] += run.macs;
  }
  // The first step's hidden state is a constant: it has no gradient.
  EXPECT_EQ(macs,
            (std::map<std::string, int64_t>{{"lstm.weight_ih_l0 forward", input},
                                            {"lstm.weight_ih_l0 weight_gradient", input},
                                            {"lstm.weight_hh_l0 forward", hidden},
                                            {"lstm.weight_hh_l0 input_gradient", hidden / 5 * 4},
                                            {"lstm.weight_hh_l0 weight_gradient", hidden}}));
}

TEST(ApproximateTest, MultiheadAttentionIsWhollySimulated) {
  torch::manual_seed(1);
  struct Net : torch::nn::Module {
    Net() { attention = register_module("attention", torch::nn::MultiheadAttention(8, 2)); }
    torch::nn::MultiheadAttention attention{nullptr};
  } net;
  const at::Tensor x = torch::randn({5, 3, 8}).requires_grad_();  // 5 places, 3 sequences.
  const at::Tensor native = std::get<0>(net.attention(x, x, x));
  Approximate mode(net, Uniform("mitchell@bf16"));
  const at::Tensor y = std::get<0>(net.attention(x, x, x));
  y.sum().backward();
  EXPECT_FALSE(SameBits(y, native));
  std::map<std::string, int64_t> macs;
  for (const LayerRun& run : mode.Report().lines) {
    EXPECT_EQ(run.why_native, "");
    macs[run.layer] += run.macs;
  }
  // Queries, keys and values; scores and weighted values of 2 heads of width 4; output. Three
  // passes.
  EXPECT_EQ(macs,
            (std::map<std::string, int64_t>{{"attention.in_proj_weight", 3 * (3 * 5 * 3 * 8 * 8)},
                                            {"matmul", 3 * (2 * 3 * 2 * 5 * 5 * 4)},
                                            {"attention.out_proj", 3 * (5 * 3 * 8 * 8)}}));
}

TEST(ApproximateTest, RandomPositionMakesStochasticRoundingRepeatable) {
  torch::manual_seed(1);
  SmallNet net;
  const at::Tensor x = Images();
  const Policy policy = Uniform("mitchell@bf16+round=stochastic");
  at::Tensor first, second;
  uint64_t position = 0;
  {
    Approximate mode(net, policy, {.seed = 5, .strategy = ""});
    first = net.forward(x);
    position = mode.random_position();
    EXPECT_EQ(position, 4u);  // Activation and weight of two layers.
    second = net.forward(x);
    EXPECT_FALSE(SameBits(first, second));
  }
  Approximate resumed(net, policy, {.seed = 5, .strategy = ""});
  resumed.set_random_position(position);
  EXPECT_TRUE(SameBits(net.forward(x), second));
  Approximate other_seed(net, policy, {.seed = 6, .strategy = ""});
  EXPECT_FALSE(SameBits(net.forward(x), first));
}

// LibTorch carries dispatch keys into threads of its own; ours then has no mode to serve.
TEST(ApproximateTest, OtherThreadsAreNotInTheMode) {
  torch::manual_seed(1);
  SmallNet net;
  const at::Tensor x = Images(), native = net.forward(x);
  Approximate mode(net, Uniform("mitchell@bf16"));
  at::Tensor elsewhere;
  std::thread([&] { elsewhere = net.forward(x); }).join();
  EXPECT_TRUE(SameBits(elsewhere, native));
  std::string message;
  const at::ThreadLocalState state;
  std::thread([&] {
    const at::ThreadLocalStateGuard carried(state);
    try {
      net.forward(x);
    } catch (const Error& error) {
      message = error.what();
    }
  }).join();
  EXPECT_NE(message.find("construct an Approximate in the thread"), std::string::npos) << message;
}

// ---- TorchScript ----

// conv1 and fc1 of SmallNet as Python would script them.
torch::jit::Module ScriptedSmallNet(const SmallNet& net) {
  const auto layer = [](const std::string& name, const at::Tensor& weight, const at::Tensor& bias,
                        const std::string& body) {
    torch::jit::Module module(name);
    module.register_parameter("weight", weight.detach().clone().requires_grad_(), false);
    module.register_parameter("bias", bias.detach().clone().requires_grad_(), false);
    module.define("def forward(self, x):\n  return " + body + "\n");
    return module;
  };
  torch::jit::Module module("SmallNet");
  module.register_module("conv1", layer("Conv", net.conv1->weight, net.conv1->bias,
                                        "torch.conv2d(x, self.weight, self.bias)"));
  module.register_module("fc1", layer("Linear", net.fc1->weight, net.fc1->bias,
                                      "torch.linear(x, self.weight, self.bias)"));
  module.define(R"(
    def forward(self, x):
      x = torch.max_pool2d(torch.relu(self.conv1.forward(x)), [2, 2])
      return self.fc1.forward(torch.flatten(x, 1))
  )");
  return module;
}

TEST(TorchScriptTest, ModuleFromAFileRunsOnThePolicy) {
  torch::manual_seed(1);
  SmallNet net;
  std::stringstream file;
  ScriptedSmallNet(net).save(file);
  torch::jit::Module loaded = torch::jit::load(file);
  const at::Tensor x = Images();
  at::Tensor expected;
  {
    Approximate mode(net, Uniform("mitchell@bf16"));
    expected = net.forward(x);
    expected.square().sum().backward();
  }
  // Some runs before the mode begins and many in it: TorchScript's optimiser changes what it runs
  // once it has seen a few, and must not change what the mode sees.
  for (int i = 0; i < 3; ++i) loaded.forward({x}).toTensor().square().sum().backward();
  Approximate mode(loaded, Uniform("mitchell@bf16"));
  for (int i = 0; i < 5; ++i) {
    for (const at::Tensor& parameter : loaded.parameters()) {
      parameter.mutable_grad() = at::Tensor();
    }
    const at::Tensor y = loaded.forward({x}).toTensor();
    y.square().sum().backward();
    EXPECT_TRUE(SameBits(y, expected)) << i;
    EXPECT_TRUE(SameBits(loaded.attr("fc1").toModule().attr("weight").toTensor().grad(),
                         net.fc1->weight.grad()));
    EXPECT_TRUE(SameBits(loaded.attr("conv1").toModule().attr("weight").toTensor().grad(),
                         net.conv1->weight.grad()));
  }
  EXPECT_EQ(Lines(mode.Report()), SmallNetLines("mitchell@bf16", 5));
}

// TorchScript differentiates runs of layers like these by formulas of its own, once it has seen
// them a few times: products in those would not be the layers' gradients.
TEST(TorchScriptTest, LayersThatTheOptimiserWouldDifferentiate) {
  torch::manual_seed(1);
  torch::jit::Module script("Perceptron");
  script.register_parameter("w1", torch::randn({16, 12}), false);
  script.register_parameter("w2", torch::randn({16, 16}), false);
  script.register_parameter("w3", torch::randn({16, 4}), false);
  script.define(R"(
    def forward(self, x):
      x = torch.sigmoid(torch.linear(x, self.w1))
      x = torch.sigmoid(torch.matmul(x, self.w2))
      x = torch.tanh(x) * x + x
      return torch.matmul(x, self.w3)
  )");
  for (const at::Tensor& parameter : script.parameters()) parameter.requires_grad_();
  const at::Tensor x = torch::randn({8, 12});
  Approximate mode(script, Uniform("mitchell@bf16"));
  for (int i = 0; i < 5; ++i) script.forward({x}).toTensor().square().sum().backward();
  const auto line = [](const char* layer, Pass pass, int64_t macs) {
    return fmt::format("{} linear {} mitchell@bf16 5 {}", layer, Name(pass), 5 * macs);
  };
  EXPECT_EQ(
      Lines(mode.Report()),
      (std::vector<std::string>{
          line("w1", Pass::kForward, 8 * 12 * 16), line("w2", Pass::kForward, 8 * 16 * 16),
          line("w3", Pass::kForward, 8 * 16 * 4), line("w3", Pass::kInputGradient, 8 * 16 * 4),
          line("w3", Pass::kWeightGradient, 8 * 16 * 4),
          line("w2", Pass::kInputGradient, 8 * 16 * 16),
          line("w2", Pass::kWeightGradient, 8 * 16 * 16),
          line("w1", Pass::kWeightGradient, 8 * 12 * 16)}));
}

// A traced module calls aten::_convolution with a dozen arguments.
TEST(TorchScriptTest, ConvolutionsOfTracedModules) {
  torch::manual_seed(1);
  SmallNet net;
  torch::jit::Module traced("Traced");
  traced.register_parameter("weight", net.conv1->weight.detach().clone(), false);
  traced.define(R"(
    def forward(self, x):
      a = torch._convolution(x, self.weight, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1, False, False, True, True)
      b = torch._convolution(x, self.weight, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1, False, False, True)
      return a + b
  )");
  const at::Tensor x = Images();
  Approximate mode(traced, Uniform("mitchell@bf16"));
  const at::Tensor y = traced.forward({x}).toTensor();
  EXPECT_TRUE(SameBits(y, 2 * torch::conv2d(x, traced.attr("weight").toTensor())));
  EXPECT_EQ(Lines(mode.Report()), std::vector<std::string>{fmt::format(
                                      "weight conv2d forward mitchell@bf16 3 {}", 3 * kConvMacs)});
}

}  // namespace
}  // namespace mulberry
