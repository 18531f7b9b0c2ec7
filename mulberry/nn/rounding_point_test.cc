// Rounding points: on a tensor alone, and on the outputs of a model's layers under the mode.
#include "mulberry/nn/rounding_point.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <array>

#include "mulberry/base/error.h"
#include "mulberry/nn/approximate.h"
#include "mulberry/nn/test_products.h"

namespace mulberry {
namespace {

/// Doubles tensors and makes gradients four times as large, and counts its calls.
struct Counting {
  int forward = 0;
  int backward = 0;

  std::shared_ptr<const RoundingPoint> Point() {
    const auto times = [](int& count, double factor) {
      return [&count, factor](const at::Tensor& tensor) {
        EXPECT_FALSE(at::GradMode::is_enabled());
        ++count;
        return tensor * factor;
      };
    };
    return std::make_shared<RoundingPoint>(RoundingPoint{times(forward, 2), times(backward, 4)});
  }
};

TEST(RoundingPointTest, PassesValuesForwardAndGradientsBackward) {
  Counting counting;
  const at::Tensor x = torch::tensor({1.0f, -2.0f}).requires_grad_();
  const at::Tensor y = PassThrough(counting.Point(), x);
  EXPECT_TRUE(y.equal(torch::tensor({2.0f, -4.0f})));
  (y * torch::tensor({5.0f, 7.0f})).sum().backward();
  EXPECT_TRUE(x.grad().equal(torch::tensor({20.0f, 28.0f})));
  EXPECT_EQ(counting.forward, 1);
  EXPECT_EQ(counting.backward, 1);
}

TEST(RoundingPointTest, RecordsNothingWhereThereIsNoGradient) {
  Counting counting;
  EXPECT_FALSE(PassThrough(counting.Point(), torch::ones({2})).requires_grad());
  const torch::NoGradGuard no_grad;
  EXPECT_FALSE(PassThrough(counting.Point(), torch::ones({2}).requires_grad_()).requires_grad());
  EXPECT_EQ(counting.forward, 2);
}

TEST(RoundingPointTest, AFunctionMayReturnItsArgument) {
  const auto same = [](const at::Tensor& tensor) { return tensor; };
  const auto thrice = [](const at::Tensor& tensor) { return tensor * 3; };
  const auto point = std::make_shared<RoundingPoint>(RoundingPoint{same, thrice});
  const at::Tensor x = torch::ones({2}).requires_grad_();
  PassThrough(point, x).sum().backward();
  EXPECT_TRUE(x.grad().equal(torch::full({2}, 3.0f)));
}

TEST(RoundingPointTest, RefusesASecondDerivative) {
  Counting counting;
  const at::Tensor x = torch::ones({2}).requires_grad_();
  const at::Tensor y = PassThrough(counting.Point(), x).square().sum();
  EXPECT_THROW(torch::autograd::grad({y}, {x}, {}, true, /*create_graph=*/true), Error);
}

struct Net : torch::nn::Module {
  Net() {
    conv = register_module("conv", torch::nn::Conv2d(torch::nn::Conv2dOptions(1, 2, 3)));
    fc1 = register_module("fc1", torch::nn::Linear(2 * 2 * 2, 3));
    fc2 = register_module("fc2", torch::nn::Linear(3, 2));
  }
  at::Tensor forward(const at::Tensor& x) { return fc2(fc1(conv(x).flatten(1))); }
  torch::nn::Conv2d conv{nullptr};
  torch::nn::Linear fc1{nullptr}, fc2{nullptr};
};

Approximate::Options WithPoints(RoundingPoints points) {
  Approximate::Options options;
  options.output_points = std::move(points);
  return options;
}

// The outputs, biases included, are doubled, and the gradients with respect to them quadrupled:
// under any arithmetic, and where the layers stay native. No arithmetic minds powers of two.
TEST(RoundingPointTest, StandsAfterTheBiasOfALayer) {
  torch::manual_seed(1);
  Net net;
  const at::Tensor x = torch::randn({4, 1, 4, 4});
  for (const char* arithmetic : {"fp32", "exact@bf16", "mitchell@bf16"}) {
    Counting of_conv, of_fc1;
    const auto run = [&](const RoundingPoints& points) {
      net.zero_grad();
      Approximate mode(net, Uniform(arithmetic), WithPoints(points));
      const at::Tensor hidden = net.conv(x);
      const at::Tensor out = net.fc1(hidden.flatten(1));
      out.sum().backward();
      return std::array{hidden.detach(), out.detach(), net.conv->bias.grad().clone(),
                        net.fc1->bias.grad().clone(), net.fc1->weight.grad().clone()};
    };
    const auto plain = run({});
    const auto both = run({{"conv", of_conv.Point()}, {"fc1", of_fc1.Point()}});
    EXPECT_TRUE(SameBits(both[0], plain[0] * 2)) << arithmetic;
    EXPECT_TRUE(SameBits(both[3], plain[3] * 4)) << arithmetic;
    EXPECT_TRUE(torch::allclose(both[2], plain[2] * 16)) << arithmetic;
    EXPECT_TRUE(torch::allclose(both[4], plain[4] * 8)) << arithmetic;
    const at::Tensor bias = net.fc1->bias.detach();
    // fc1 saw twice the input, and its output, bias included, was doubled.
    EXPECT_TRUE(torch::allclose(both[1], ((plain[1] - bias) * 2 + bias) * 2)) << arithmetic;
    EXPECT_EQ(of_conv.forward, 1);
    EXPECT_EQ(of_fc1.backward, 1);
  }
}

TEST(RoundingPointTest, ServesConvolutionsThatStayNative) {
  torch::nn::Sequential net(torch::nn::Conv3d(torch::nn::Conv3dOptions(1, 1, 1)));
  const at::Tensor x = torch::ones({1, 1, 2, 2, 2});
  const at::Tensor plain = net->forward(x).detach();
  Counting counting;
  const Approximate mode(*net, Uniform("mitchell@bf16"), WithPoints({{"0", counting.Point()}}));
  EXPECT_TRUE(SameBits(net->forward(x), plain * 2));
}

TEST(RoundingPointTest, NamesALayerThatIsNotThere) {
  Net net;
  Counting counting;
  try {
    const Approximate mode(net, Uniform("fp32"), WithPoints({{"fc3", counting.Point()}}));
    FAIL() << "no UsageError";
  } catch (const UsageError& e) {
    EXPECT_STREQ(e.what(),
                 "a rounding point is given to layer \"fc3\", which the model has not; it has: "
                 "conv, fc1, fc2");
  }
}

}  // namespace
}  // namespace mulberry
