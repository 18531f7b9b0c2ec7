// Error models in layers: that errors of weights are those of all products of the weight, against
// LibTorch's autograd of w·(1 + e); which errors are the same and which are not; and that errors of
// products have the mean and the variance of independent ones.
#include "mulberry/nn/error_product.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "mulberry/analysis/error_file.h"
#include "mulberry/base/error.h"
#include "mulberry/base/threads.h"
#include "mulberry/nn/test_products.h"

namespace mulberry {
namespace {

constexpr const char* kOnWeights = "noise(mre=9.6%)@fp32";
constexpr const char* kOnSteps = "noise(mre=9.6%,on=steps)@fp32";
constexpr const char* kOnProducts = "noise(sd=12%,bias=-5%,on=products)@fp32";

/// One weight, and what is computed with it.
struct OneLayer : torch::nn::Module {
  OneLayer(at::Tensor w, std::function<at::Tensor(at::Tensor, at::Tensor)> function)
      : op(std::move(function)) {
    weight = register_parameter("weight", std::move(w));
  }
  at::Tensor forward(const at::Tensor& x) const { return op(x, weight); }

  at::Tensor weight;
  std::function<at::Tensor(at::Tensor, at::Tensor)> op;
};

struct Passes {
  at::Tensor y, dx, dw;
};

Passes RunPasses(const std::function<at::Tensor(at::Tensor, at::Tensor)>& op, const at::Tensor& x,
                 const at::Tensor& w) {
  const at::Tensor input = x.detach().clone().requires_grad_();
  const at::Tensor y = op(input, w);
  torch::manual_seed(8);
  const std::vector<at::Tensor> gradients =
      torch::autograd::grad({y}, {input, w}, {torch::randn(y.sizes())});
  return {y.detach(), gradients[0], gradients[1]};
}

struct LayerCase {
  const char* name;
  std::vector<int64_t> x, w;
  std::function<at::Tensor(at::Tensor, at::Tensor)> op;
};

const std::vector<LayerCase>& Cases() {
  static const std::vector<LayerCase> cases = {
      {"linear", {5, 7}, {4, 7}, [](auto x, auto w) { return torch::linear(x, w); }},
      {"linear of sequences",
       {2, 3, 7},
       {4, 7},
       [](auto x, auto w) { return torch::linear(x, w); }},
      {"weight on the left", {7, 5}, {4, 7}, [](auto x, auto w) { return torch::mm(w, x); }},
      {"a part of the weight",
       {5, 7},
       {4, 9},
       [](auto x, auto w) { return torch::linear(x, w.slice(0, 1, 3).slice(1, 2)); }},
      {"weight for each of a batch",
       {2, 5, 7},
       {7, 4},
       [](auto x, auto w) {
         return torch::bmm(x, w.expand({2, 7, 4}));
       }},
      {"conv1d", {2, 3, 9}, {4, 3, 3}, [](auto x, auto w) { return torch::conv1d(x, w); }},
      {"conv2d with groups",
       {2, 4, 6, 5},
       {6, 2, 3, 2},
       [](auto x, auto w) {
         return torch::conv2d(x, w, {}, /*stride=*/2, /*padding=*/1, /*dilation=*/1, /*groups=*/2);
       }},
      {"conv_transpose2d",
       {2, 3, 4, 4},
       {3, 5, 3, 3},
       [](auto x, auto w) { return torch::conv_transpose2d(x, w, {}, /*stride=*/2); }},
  };
  return cases;
}

/// 1 + e of the weight's elements that take part: what its gradient is multiplied by.
at::Tensor Factors(const Passes& with_errors, const Passes& exact) {
  return torch::where(exact.dw == 0, torch::ones_like(exact.dw), with_errors.dw / exact.dw);
}

TEST(ErrorProductTest, WeightsHaveTheirErrorsInEveryPass) {
  for (const char* spec : {kOnWeights, kOnSteps}) {
    for (const LayerCase& c : Cases()) {
      SCOPED_TRACE(std::string(spec) + ", " + c.name);
      torch::manual_seed(4);
      const OneLayer layer(torch::randn(c.w), c.op);
      const at::Tensor x = torch::randn(c.x);
      const Passes exact = RunPasses(c.op, x, layer.weight);
      Passes noisy;
      {
        Approximate mode(layer, Uniform(spec));
        noisy = RunPasses(c.op, x, layer.weight);
        EXPECT_EQ(mode.Report().native_macs(), 0);
        EXPECT_EQ(mode.Report().lines.size(), 3u);
      }
      const at::Tensor factors = Factors(noisy, exact);
      EXPECT_GT((factors - 1).abs().max().item<float>(), 0.01f);
      EXPECT_LT((factors - 1).abs().max().item<float>(), 0.12f * 5);
      // The chain rule, by LibTorch.
      const Passes expected =
          RunPasses([&](auto input, auto w) { return c.op(input, w * factors); }, x, layer.weight);
      EXPECT_TRUE(torch::allclose(noisy.y, expected.y, 1e-4, 1e-5));
      EXPECT_TRUE(torch::allclose(noisy.dx, expected.dx, 1e-4, 1e-5));
      EXPECT_TRUE(torch::allclose(noisy.dw, expected.dw, 1e-4, 1e-5));
    }
  }
}

struct TwoLayers : torch::nn::Module {
  TwoLayers() {
    first = register_module("first", torch::nn::Linear(6, 6));
    second = register_module("second", torch::nn::Linear(6, 6));
    for (const auto& parameter : parameters()) torch::nn::init::ones_(parameter);
  }
  torch::nn::Linear first{nullptr}, second{nullptr};
};

/// 1 + e of a layer whose weight is all ones: its products with the unit matrix.
at::Tensor FactorsOf(const torch::nn::Linear& layer) {
  const torch::NoGradGuard no_gradients;
  return (torch::matmul(torch::eye(6), layer->weight.t())).t();
}

TEST(ErrorProductTest, ErrorsOfWeightsAreFixedByTheSeedAndTheNameOfTheLayer) {
  const TwoLayers net, clone;
  const Policy policy = Uniform(kOnWeights);
  at::Tensor first, second;
  {
    Approximate mode(net, policy, {.seed = 5});
    first = FactorsOf(net.first);
    second = FactorsOf(net.second);
    EXPECT_TRUE(SameBits(FactorsOf(net.first), first));  // In each step.
    EXPECT_EQ(mode.random_position(), 0u);
  }
  EXPECT_FALSE(SameBits(first, second));
  EXPECT_NE(first.min().item<float>(), first.max().item<float>());
  {
    const int threads = Threads();
    SetThreads(threads == 1 ? 2 : 1);
    Approximate again(clone, policy, {.seed = 5});
    EXPECT_TRUE(SameBits(FactorsOf(clone.second), second));  // In any order, at any address.
    EXPECT_TRUE(SameBits(FactorsOf(clone.first), first));
    SetThreads(threads);
  }
  Approximate other_seed(net, policy, {.seed = 6});
  EXPECT_FALSE(SameBits(FactorsOf(net.first), first));
}

// Errors belong to a weight's indices, not to its place in memory.
TEST(ErrorProductTest, LayoutsOfMemoryDoNotMatter) {
  const TwoLayers net;
  Approximate mode(net, Uniform(kOnWeights));
  const at::Tensor first = FactorsOf(net.first);
  net.first->weight.set_data(torch::ones({6, 6}).t().contiguous().t());
  EXPECT_TRUE(SameBits(FactorsOf(net.first), first));
}

TEST(ErrorProductTest, ErrorsOfStepsAreFreshInEachAndRepeatable) {
  const TwoLayers net;
  const Policy policy = Uniform(kOnSteps);
  at::Tensor second;
  uint64_t position = 0;
  {
    Approximate mode(net, policy, {.seed = 5});
    const at::Tensor first = FactorsOf(net.first);
    position = mode.random_position();
    EXPECT_EQ(position, 1u);
    second = FactorsOf(net.first);
    EXPECT_FALSE(SameBits(first, second));
  }
  Approximate resumed(net, policy, {.seed = 5});
  resumed.set_random_position(position);
  EXPECT_TRUE(SameBits(FactorsOf(net.first), second));
}

// Also where another forward product of the layer comes in between.
TEST(ErrorProductTest, GradientsHaveTheErrorsOfTheirForwardProduct) {
  const TwoLayers net;
  Approximate mode(net, Uniform(kOnSteps));
  const at::Tensor x = torch::eye(6).requires_grad_();
  const at::Tensor y = torch::matmul(x, net.first->weight.t());
  FactorsOf(net.first);
  const auto gradients = torch::autograd::grad({y}, {x, net.first->weight}, {torch::eye(6)});
  EXPECT_TRUE(SameBits(gradients[0], y.t()));
  EXPECT_TRUE(SameBits(gradients[1], torch::eye(6) * y.t()));
}

TEST(ErrorProductTest, NoErrorsGiveTheNativeBits) {
  for (const char* on : {"weights", "steps", "products"}) {
    for (const LayerCase& c : Cases()) {
      torch::manual_seed(4);
      const OneLayer layer(torch::randn(c.w), c.op);
      const at::Tensor x = torch::randn(c.x);
      const Passes native = RunPasses(c.op, x, layer.weight);
      Approximate mode(layer, Uniform(fmt::format("noise(mre=0%,on={})@fp32", on)));
      const Passes mine = RunPasses(c.op, x, layer.weight);
      EXPECT_TRUE(SameBits(mine.y, native.y)) << c.name;
      EXPECT_TRUE(SameBits(mine.dx, native.dx)) << c.name;
      EXPECT_TRUE(SameBits(mine.dw, native.dw)) << c.name;
    }
  }
}

TEST(ErrorProductTest, EachPassMayHaveAnotherModelAndMeasuredErrors) {
  const std::string path = testing::TempDir() + "/nn_errors.json";
  ErrorRecord record{.source = "x", .operands = "uniform", .pairs = 2};
  record.errors = {-0.125, 0.375, {-0.5, 0.25}};
  WriteErrors(record, path);
  const TwoLayers net;
  Policy policy = Uniform("fp32");
  policy.rules.push_back(ParseRule("first:forward=noise(file=" + path + ")@fp32"));
  policy.rules.push_back(ParseRule("first:weight_gradient=noise(sd=0%,bias=100%)@fp32"));
  Approximate mode(net, policy);
  const at::Tensor factors = FactorsOf(net.first);
  EXPECT_TRUE(((factors == 0.5) | (factors == 1.25)).all().item<bool>());
  EXPECT_TRUE((factors == 0.5).any().item<bool>() && (factors == 1.25).any().item<bool>());
  const at::Tensor x = torch::eye(6).requires_grad_();
  const at::Tensor y = torch::matmul(x, net.first->weight.t());
  const auto gradients = torch::autograd::grad({y}, {x, net.first->weight}, {torch::eye(6)});
  EXPECT_TRUE(SameBits(y, factors.t()));
  EXPECT_TRUE(SameBits(gradients[0], torch::ones({6, 6})));
  EXPECT_TRUE(SameBits(gradients[1], 2 * torch::eye(6)));
}

/// The mean and the standard deviation of each element over many draws.
struct Moments {
  at::Tensor sum, squares;
  int64_t count = 0;

  void Add(const at::Tensor& t) {
    const at::Tensor x = t.to(torch::kDouble);
    sum = count == 0 ? x : sum + x;
    squares = count == 0 ? x.square() : squares + x.square();
    ++count;
  }
  at::Tensor mean() const { return sum / count; }
  at::Tensor deviation() const { return (squares / count - mean().square()).sqrt(); }
};

/// Of `count` draws: whether the means are `mean` and the deviations `deviation`, within five of
/// their own standard deviations.
void ExpectMoments(const Moments& moments, const at::Tensor& mean, const at::Tensor& deviation) {
  const double n = static_cast<double>(moments.count);
  EXPECT_TRUE(Within(moments.mean(), mean, 5 / std::sqrt(n) * deviation + 1e-6));
  EXPECT_TRUE(Within(moments.deviation(), deviation, 5 / std::sqrt(2 * n) * deviation + 1e-6));
}

// The definition: an error for each of the products that a sum has.
TEST(ErrorProductTest, ErrorsOfProductsHaveTheMomentsOfTheDefinition) {
  constexpr int64_t m = 3, k = 5, n = 4, kDraws = 4000;
  torch::manual_seed(2);
  const at::Tensor a = torch::randn({m, k}), b = torch::randn({k, n});
  const ErrorDistribution errors{-0.05, 0.12, {}};
  Moments defined, drawn;
  const at::Tensor products = a.unsqueeze(2) * b.unsqueeze(0);  // [m, k, n]
  for (uint64_t i = 0; i < kDraws; ++i) {
    defined.Add((products * (1 + DrawErrors(errors, {9, i}, {m, k, n}))).sum(1));
  }
  NoModel model;
  Approximate mode(model, Uniform(kOnProducts), {.seed = 3});
  at::Tensor within = torch::zeros({m, n});
  const at::Tensor mean = 0.95 * torch::mm(a.to(torch::kDouble), b.to(torch::kDouble));
  const at::Tensor deviation =
      0.12 * torch::mm(a.to(torch::kDouble).square(), b.to(torch::kDouble).square()).sqrt();
  for (int64_t i = 0; i < kDraws; ++i) {
    const at::Tensor c = torch::mm(a, b);
    drawn.Add(c);
    within += (c - mean).abs() < deviation;
  }
  ExpectMoments(defined, mean, deviation);
  ExpectMoments(drawn, mean, deviation);
  // Normal: 68.27 % are within one standard deviation.
  EXPECT_NEAR(within.mean().item<double>() / kDraws, 0.6827, 5 * 0.47 / std::sqrt(m * n * kDraws));
}

TEST(ErrorProductTest, ErrorsOfProductsAreInEveryPass) {
  constexpr int64_t kDraws = 1000;
  for (const LayerCase& c : Cases()) {
    SCOPED_TRACE(c.name);
    torch::manual_seed(4);
    const OneLayer layer(torch::randn(c.w), c.op);
    const at::Tensor x = torch::randn(c.x);
    const Passes exact = RunPasses(c.op, x, layer.weight);
    // Sums of squares: those of the same products with squared operands.
    const at::Tensor input = x.square().requires_grad_();
    const at::Tensor w = layer.weight.detach().square().requires_grad_();
    const at::Tensor y = c.op(input, w);
    torch::manual_seed(8);
    const auto squares = torch::autograd::grad({y}, {input, w}, {torch::randn(y.sizes()).square()});
    Moments forward, input_gradient, weight_gradient;
    {
      Approximate mode(layer, Uniform(kOnProducts));
      for (int64_t i = 0; i < kDraws; ++i) {
        const Passes noisy = RunPasses(c.op, x, layer.weight);
        forward.Add(noisy.y);
        input_gradient.Add(noisy.dx);
        weight_gradient.Add(noisy.dw);
      }
      EXPECT_EQ(mode.random_position(), 3u * kDraws);
    }
    ExpectMoments(forward, 0.95 * exact.y, 0.12 * y.detach().sqrt());
    ExpectMoments(input_gradient, 0.95 * exact.dx, 0.12 * squares[0].sqrt());
    // Where a weight is used for each of a batch, autograd sums its gradients: of errors too.
    ExpectMoments(weight_gradient, 0.95 * exact.dw, 0.12 * squares[1].sqrt());
  }
}

TEST(ErrorProductTest, ErrorsOfProductsAreFreshAndRepeatable) {
  const at::Tensor a = torch::randn({3, 4}), b = torch::randn({4, 5});
  NoModel model;
  const Policy policy = Uniform(kOnProducts);
  at::Tensor second;
  {
    Approximate mode(model, policy, {.seed = 1});
    const at::Tensor first = torch::mm(a, b);
    second = torch::mm(a, b);
    EXPECT_FALSE(SameBits(first, second));
  }
  Approximate resumed(model, policy, {.seed = 1});
  resumed.set_random_position(1);
  EXPECT_TRUE(SameBits(torch::mm(a, b), second));
}

TEST(ErrorProductTest, ErrorsOfProductsOutsideOfTheRangeOfSquares) {
  NoModel model;
  Approximate mode(model, Uniform("noise(sd=12%,on=products)@fp32"));
  const at::Tensor one = torch::ones({1, 1});
  const auto product = [&](double a) { return torch::mm(one * a, one).item<float>(); };
  EXPECT_NE(product(1e-18), 1e-18f);
  EXPECT_EQ(product(1e-23), 1e-23f);
  EXPECT_TRUE(std::isfinite(product(1e19)));
  EXPECT_FALSE(std::isfinite(product(1e20)));
}

TEST(ErrorProductTest, ReportCountsTheProductsOnceAsSimulated) {
  TwoLayers net;
  for (const char* spec : {kOnWeights, kOnSteps, kOnProducts}) {
    Approximate mode(net, Uniform(spec));
    net.first->forward(torch::randn({2, 6})).sum().backward();
    const RunReport report = mode.Report();
    EXPECT_EQ(Lines(report), (std::vector<std::string>{
                                 fmt::format("first linear forward {} 1 72", spec),
                                 fmt::format("first linear weight_gradient {} 1 72", spec)}));
    EXPECT_EQ(report.lines[0].strategy, "error model");
    EXPECT_EQ(report.native_macs(), 0);
  }
}

TEST(ErrorProductTest, ProductsWithoutAWeightHaveNoErrorsOfWeights) {
  const at::Tensor a = torch::randn({3, 4}), b = torch::randn({4, 5});
  const at::Tensor native = torch::mm(a, b);
  NoModel model;
  for (const char* spec : {kOnWeights, kOnSteps}) {
    Approximate mode(model, Uniform(spec));
    EXPECT_TRUE(SameBits(torch::mm(a, b), native));
    EXPECT_EQ(
        Lines(mode.Report()),
        (std::vector<std::string>{"matmul matmul forward fp32 1 60 the errors are of weights, "
                                  "and this product has none; on=products has"}));
  }
}

TEST(ErrorProductTest, RefusesGradientsOfGradients) {
  TwoLayers net;
  Approximate mode(net, Uniform(kOnWeights));
  const at::Tensor x = torch::randn({2, 6}).requires_grad_();
  const at::Tensor y = net.first->forward(x).square().sum();
  EXPECT_THROW(torch::autograd::grad({y}, {x}, {}, true, /*create_graph=*/true), Error);
}

}  // namespace
}  // namespace mulberry
