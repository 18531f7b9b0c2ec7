// Gradients by an estimator against sums over scalar products.
#include "mulberry/nn/gradient_model.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "mulberry/analysis/slopes.h"
#include "mulberry/base/error.h"
#include "mulberry/nn/test_products.h"

namespace mulberry {
namespace {

using enum OperandIndex;

constexpr const char* kEstimators[] = {"straight-through", "slopes",
                                       "differences(tolerance=0.01%)"};

struct Conv : torch::nn::Module {
  torch::nn::Conv2d conv;
  explicit Conv(const torch::nn::Conv2dOptions& options)
      : conv(register_module("conv", torch::nn::Conv2d(options))) {}
};

Policy ForwardOnly(const std::string& arithmetic) {
  return Policy::Uniform(ParseNetworkArithmetic(arithmetic + " | fp32"));
}

// What is known of an operand: its integers, and what they stand for.
struct Integers {
  at::Tensor values;
  std::vector<double> steps;
  std::vector<double> zeros;
};

Integers IntegersOf(const at::Tensor& tensor, const Arithmetic& arithmetic, OperandIndex index,
                    int64_t channel_dim, const Range* range = nullptr) {
  const auto& format = std::get<IntegerFormat>(arithmetic.format_of(index));
  const Scaling& scaling = arithmetic.scaling[index];
  Integers result{torch::empty_like(tensor), {}, {}};
  const auto parts =
      scaling.per_channel ? tensor.split(1, channel_dim) : tensor.split(tensor.size(0), 0);
  const auto into = scaling.per_channel ? result.values.split(1, channel_dim)
                                        : result.values.split(tensor.size(0), 0);
  for (size_t i = 0; i < parts.size(); ++i) {
    const Range own{std::min(0.0f, parts[i].min().item<float>()),
                    std::max(0.0f, parts[i].max().item<float>())};
    const Quantizer quantizer = FitQuantizer(format, scaling, range ? *range : own);
    result.steps.push_back(quantizer.step);
    result.zeros.push_back(quantizer.zero);
    const at::Tensor from = parts[i].contiguous();
    at::Tensor to = torch::empty_like(from);
    for (int64_t j = 0; j < from.numel(); ++j) {
      to.data_ptr<float>()[j] =
          Quantize(quantizer, arithmetic.rounding[index], from.data_ptr<float>()[j]);
    }
    into[i].copy_(to);
  }
  return result;
}

// Of a convolution with stride 1 and padding 1.
struct Gradients {
  at::Tensor x, w;
};
Gradients ByScalars(const GradientModel& model, const Integers& x, const Integers& w,
                    const at::Tensor& dy) {
  Gradients sums{torch::zeros_like(x.values, torch::kDouble),
                 torch::zeros_like(w.values, torch::kDouble)};
  const auto q = x.values.accessor<float, 4>(), v = w.values.accessor<float, 4>();
  const auto g = dy.accessor<float, 4>();
  auto dx = sums.x.accessor<double, 4>(), dw = sums.w.accessor<double, 4>();
  for (int64_t n = 0; n < g.size(0); ++n) {
    for (int64_t o = 0; o < g.size(1); ++o) {
      const auto channel = static_cast<size_t>(w.steps.size() > 1 ? o : 0);
      for (int64_t i = 0; i < g.size(2); ++i) {
        for (int64_t j = 0; j < g.size(3); ++j) {
          for (int64_t c = 0; c < q.size(1); ++c) {
            for (int64_t k = 0; k < 3; ++k) {
              for (int64_t l = 0; l < 3; ++l) {
                const int64_t row = i + k - 1, column = j + l - 1;
                const bool inside =
                    row >= 0 && row < q.size(2) && column >= 0 && column < q.size(3);
                const auto a = static_cast<int64_t>(inside ? q[n][c][row][column] : x.zeros[0]);
                const auto b = static_cast<int64_t>(v[o][c][k][l]);
                const double of_y = g[n][o][i][j];
                if (inside) {
                  dx[n][c][row][column] +=
                      of_y * w.steps[channel] * (model.Slope(kFirst, a, b) - w.zeros[channel]);
                }
                dw[o][c][k][l] += of_y * x.steps[0] * (model.Slope(kSecond, a, b) - x.zeros[0]);
              }
            }
          }
        }
      }
    }
  }
  return sums;
}

void ExpectNear(const at::Tensor& found, const at::Tensor& expected) {
  const double scale = expected.abs().max().item<double>();
  EXPECT_LT((found.to(torch::kDouble) - expected).abs().max().item<double>(), 1e-4 * scale);
}

TEST(GradientModel, OfAConvolutionIsTheSumOverItsProducts) {
  torch::manual_seed(1);
  for (const char* spec : {"mitchell@int8", "bam(v=6,h=0)@uint8xint8+scale=affine/max(channel)",
                           "drum(k=3)@uint8+scale=affine/affine(channel)"}) {
    const Arithmetic arithmetic = ParseArithmetic(spec);
    Conv model(torch::nn::Conv2dOptions(3, 4, 3).padding(1).bias(false));
    const at::Tensor dy = torch::randn({2, 4, 5, 6});
    for (const char* text : kEstimators) {
      const GradientEstimator estimator = ParseGradientEstimator(text);
      at::Tensor x = torch::randn({2, 3, 5, 6}).add_(0.5).requires_grad_();
      model.zero_grad();
      {
        const Approximate mode(model, ForwardOnly(spec), {.estimator = estimator});
        model.conv->forward(x).backward(dy);
      }
      const Gradients expected = ByScalars(
          *GradientModel::Of(estimator, arithmetic), IntegersOf(x.detach(), arithmetic, kFirst, 1),
          IntegersOf(model.conv->weight.detach(), arithmetic, kSecond, 0), dy);
      SCOPED_TRACE(std::string(spec) + " " + text);
      ExpectNear(x.grad(), expected.x);
      ExpectNear(model.conv->weight.grad(), expected.w);
    }
  }
}

TEST(GradientModel, StraightThroughIsTheExactProductOfTheRoundedOperands) {
  torch::manual_seed(2);
  const Arithmetic arithmetic = ParseArithmetic("mitchell@uint8xint8+scale=affine/max(channel)");
  struct Case {
    std::vector<int64_t> kernel, stride, padding, dilation;
    int64_t groups;
  };
  for (const Case& c :
       {Case{{3, 3}, {2, 2}, {1, 1}, {1, 1}, 2}, Case{{2, 2}, {1, 1}, {0, 1}, {2, 2}, 1}}) {
    Conv model(torch::nn::Conv2dOptions(4, 6, c.kernel)
                   .stride(c.stride)
                   .padding({c.padding[0], c.padding[1]})
                   .dilation(c.dilation)
                   .groups(c.groups)
                   .bias(false));
    at::Tensor x = torch::randn({3, 4, 9, 8}).requires_grad_();
    {
      const Approximate mode(model, ForwardOnly(Print(arithmetic)),
                             {.estimator = GradientEstimator{}});
      model.conv->forward(x).square().sum().backward();
    }
    const at::Tensor y = [&] {
      const torch::NoGradGuard no_grad;
      const Approximate mode(model, ForwardOnly(Print(arithmetic)));
      return model.conv->forward(x);
    }();
    const at::Tensor a = Quantised(x.detach(), arithmetic, kFirst, 1).requires_grad_();
    const at::Tensor w =
        Quantised(model.conv->weight.detach(), arithmetic, kSecond, 0).requires_grad_();
    torch::conv2d(a, w, {}, c.stride, c.padding, c.dilation, c.groups)
        .backward(2 * y.to(torch::kDouble));
    ExpectNear(x.grad(), a.grad());
    ExpectNear(model.conv->weight.grad(), w.grad());
  }
}

TEST(GradientModel, OfATransposedConvolutionIsStraightThroughToo) {
  torch::manual_seed(3);
  struct Transposed : torch::nn::Module {
    torch::nn::ConvTranspose2d conv{
        torch::nn::ConvTranspose2dOptions(3, 4, 3).stride(2).bias(false)};
    Transposed() { register_module("conv", conv); }
  } model;
  const Arithmetic arithmetic = ParseArithmetic("mitchell@int8+scale=max/max(channel)");
  at::Tensor x = torch::randn({2, 3, 4, 4}).requires_grad_();
  const at::Tensor dy = torch::randn({2, 4, 9, 9});
  {
    const Approximate mode(model, ForwardOnly(Print(arithmetic)),
                           {.estimator = GradientEstimator{}});
    model.conv->forward(x).backward(dy);
  }
  const at::Tensor a = Quantised(x.detach(), arithmetic, kFirst, 1).requires_grad_();
  const at::Tensor w =
      Quantised(model.conv->weight.detach(), arithmetic, kSecond, 1).requires_grad_();
  torch::conv_transpose2d(a, w, {}, 2).backward(dy.to(torch::kDouble));
  ExpectNear(x.grad(), a.grad());
  ExpectNear(model.conv->weight.grad(), w.grad());

  const Approximate mode(model, ForwardOnly("mitchell@uint8+scale=affine"),
                         {.estimator = GradientEstimator{}});
  const at::Tensor y = model.conv->forward(x);
  EXPECT_THROW(y.backward(dy), Error);
}

TEST(GradientModel, OfLinearLayersAndOfProductsWithoutWeights) {
  torch::manual_seed(4);
  const std::string spec = "drum(k=3)@uint8xint8+scale=affine/max";
  const Arithmetic arithmetic = ParseArithmetic(spec);
  for (const char* text : kEstimators) {
    const GradientEstimator estimator = ParseGradientEstimator(text);
    const auto model = GradientModel::Of(estimator, arithmetic);
    torch::nn::Linear linear(torch::nn::LinearOptions(7, 5).bias(false));
    for (const bool has_weight : {true, false}) {
      at::Tensor x = torch::randn({6, 7}).requires_grad_();
      at::Tensor w = has_weight ? linear->weight : torch::randn({5, 7}).requires_grad_();
      const at::Tensor dy = torch::randn({6, 5});
      {
        const Approximate mode(*linear, ForwardOnly(spec), {.estimator = estimator});
        (has_weight ? linear->forward(x) : torch::mm(x, w.t())).backward(dy);
      }
      const Integers a = IntegersOf(x.detach(), arithmetic, kFirst, 0);
      const Integers b = IntegersOf(w.detach(), arithmetic, kSecond, 0);
      at::Tensor dx = torch::zeros({6, 7}, torch::kDouble);
      at::Tensor dw = torch::zeros({5, 7}, torch::kDouble);
      for (int64_t i = 0; i < 6; ++i) {
        for (int64_t j = 0; j < 5; ++j) {
          for (int64_t k = 0; k < 7; ++k) {
            const auto first = static_cast<int64_t>(a.values[i][k].item<float>());
            const auto second = static_cast<int64_t>(b.values[j][k].item<float>());
            const double of_y = dy[i][j].item<double>();
            dx[i][k] += of_y * b.steps[0] * (model->Slope(kFirst, first, second) - b.zeros[0]);
            dw[j][k] += of_y * a.steps[0] * (model->Slope(kSecond, first, second) - a.zeros[0]);
          }
        }
      }
      SCOPED_TRACE(std::string(text) + (has_weight ? " linear" : " matmul"));
      ExpectNear(x.grad(), dx);
      ExpectNear(w.grad(), dw);
      linear->zero_grad();
    }
  }
}

TEST(GradientModel, DifferencesComeWithinTheirTolerance) {
  for (const char* spec : {"mitchell@uint8", "kulkarni@int8", "exact@int8"}) {
    const Arithmetic arithmetic = ParseArithmetic(spec);
    const ErrorSubject subject = SubjectOf(arithmetic);
    size_t terms_before = 0;
    for (const double tolerance : {10.0, 1.0, 0.1}) {
      const GradientEstimator estimator{GradientEstimator::Kind::kDifferences, 4, tolerance};
      const auto model = GradientModel::Of(estimator, arithmetic);
      const std::vector<double> table = SmoothedDifferences(subject, kFirst, 4);
      double off = 0, whole = 0;
      for (int64_t i = 0; i < 256; ++i) {
        for (int64_t j = 0; j < 256; ++j) {
          const double exact = table[static_cast<size_t>(i * 256 + j)];
          const double used =
              model->Slope(kFirst, subject.a_range().lowest + i, subject.b_range().lowest + j);
          off += (used - exact) * (used - exact);
          whole += exact * exact;
        }
      }
      EXPECT_LE(std::sqrt(off / whole), tolerance / 100 * 1.001) << spec;
      EXPECT_GE(model->terms(kFirst), std::max<size_t>(1, terms_before)) << spec;
      terms_before = model->terms(kFirst);
    }
    if (std::string(spec) == "exact@int8") {
      EXPECT_EQ(terms_before, 1u);
    }
  }
}

TEST(GradientModel, ActivationsBeyondTheirRangeAreClippedAndHaveNoGradient) {
  const std::string spec = "exact@uint8xint8+scale=affine/max";
  const Arithmetic arithmetic = ParseArithmetic(spec);
  torch::nn::Sequential model(torch::nn::Linear(torch::nn::LinearOptions(4, 1).bias(false)));
  model[0]->as<torch::nn::Linear>()->weight.data().fill_(1);
  const Range range{-1, 2};
  at::Tensor x = torch::tensor({{-3.0f, -0.5f, 1.5f, 7.0f}}).requires_grad_();
  at::Tensor y;
  {
    const Approximate mode(*model, ForwardOnly(spec),
                           {.ranges = {{"0", range}}, .estimator = GradientEstimator{}});
    y = model->forward(x);
    y.sum().backward();
  }
  const Quantizer quantizer = FitQuantizer({8, false}, arithmetic.scaling.first, range);
  double expected = 0;
  for (const float value : {-3.0f, -0.5f, 1.5f, 7.0f}) {
    expected +=
        quantizer.step * (Quantize(quantizer, Rounding::kNearestEven, value) - quantizer.zero);
  }
  EXPECT_NEAR(y.item<double>(), expected, 1e-5);
  EXPECT_NEAR(y.item<double>(), -1 - 0.5 + 1.5 + 2, 0.03);
  EXPECT_TRUE(torch::allclose(x.grad(), torch::tensor({{0.0f, 1.0f, 1.0f, 0.0f}}), 1e-5, 1e-5));
}

TEST(GradientModel, RefusesWhatItCannotEstimate) {
  torch::nn::Sequential model(torch::nn::Linear(4, 1));
  const auto mode = [&](const std::string& spec, const char* estimator) {
    Approximate(*model, ForwardOnly(spec), {.estimator = ParseGradientEstimator(estimator)});
  };
  EXPECT_THROW(mode("exact@int8+round=stochastic", "straight-through"), UsageError);
  EXPECT_THROW(mode("exact@int16", "slopes"), UsageError);
  EXPECT_NO_THROW(mode("exact@int16", "straight-through"));
  EXPECT_NO_THROW(mode("mitchell@bf16", "slopes"));
  EXPECT_THROW(Approximate(*model, ForwardOnly("exact@int8"), {.ranges = {{"fc", {}}}}),
               UsageError);
}

TEST(GradientModel, ObserversSeeActivationsOfLayers) {
  torch::nn::Sequential model(torch::nn::Linear(4, 3), torch::nn::Linear(3, 2));
  std::vector<std::string> seen;
  const at::Tensor x = torch::randn({5, 4});
  {
    const Approximate mode(
        *model, Policy{}, {.observer = [&](const std::string& layer, const at::Tensor& activation) {
          seen.push_back(fmt::format("{} {}", layer, activation.size(1)));
        }});
    model->forward(x);
    torch::mm(x.t(), x);
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"0 4", "1 3"}));
}

}  // namespace
}  // namespace mulberry
