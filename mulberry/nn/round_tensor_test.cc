// Tensors in formats of every kind, against the scalar roundings; batch normalisation's rounding
// points.
#include "mulberry/nn/round_tensor.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "mulberry/base/error.h"
#include "mulberry/nn/approximate.h"
#include "mulberry/nn/test_products.h"

namespace mulberry {
namespace {

const TensorName kName = [] { return "x"; };

/// RoundTensor, and the same element by element.
void ExpectRounded(const char* text, const at::Tensor& tensor,
                   const std::function<float(float)>& expected) {
  const TensorFormat format = ParseTensorFormat(text);
  const at::Tensor rounded = RoundTensor(format, tensor, {}, kName);
  const at::Tensor plain = tensor.contiguous(), result = rounded.contiguous();
  for (int64_t i = 0; i < plain.numel(); ++i) {
    ASSERT_EQ(result.data_ptr<float>()[i], expected(plain.data_ptr<float>()[i])) << text;
  }
}

TEST(RoundTensorTest, EqualsTheScalarRoundings) {
  torch::manual_seed(1);
  using enum Rounding;
  const at::Tensor x = torch::randn({5, 7}) * 3;
  for (const at::Tensor& tensor : {x, x.t(), x.slice(1, 0, 7, 2), x[0]}) {
    const float largest = tensor.abs().max().item<float>();
    ExpectRounded("bf16", tensor, [](float v) { return Round(kBf16, kNearestEven, v); });
    ExpectRounded("posit(8,1)+round=zero", tensor, [](float v) {
      return Round(PositFormat{8, 1}, kTowardZero, v);
    });
    ExpectRounded("posit(8,1)+scale=power(3)", tensor, [](float v) {
      return Round(PositFormat{8, 1}, kNearestEven, v / 8) * 8;
    });
    ExpectRounded("int8", tensor, [&](float v) {
      const float step = largest / 127;
      return Round(IntegerFormat{8, true}, kNearestEven, v / step) * step;
    });
    const Quantizer affine = FitQuantizer(
        {8, false}, {Scaling::Kind::kAffine},
        {std::min(0.0f, tensor.min().item<float>()), std::max(0.0f, tensor.max().item<float>())});
    ExpectRounded("uint8+scale=affine", tensor, [&](float v) {
      return (Quantize(affine, kNearestEven, v) - static_cast<float>(affine.zero)) * affine.step;
    });
    ExpectRounded("int8+scale=power(-4)+round=half-up", tensor, [&](float v) {
      return Round(IntegerFormat{8, true}, kNearestUp, v * 16) / 16;
    });
    ExpectRounded("fixed(4,11)", tensor, [](float v) {
      return Round(FixedFormat{4, 11}, kNearestEven, v);
    });
    ExpectRounded("fixed(8,23)", tensor, [](float v) {
      return Round(FixedFormat{8, 23}, kNearestEven, v);
    });
    for (const int bits : {8, 24}) {
      const FixedFormat fitted =
          FittedTo({bits}, tensor.min().item<float>(), tensor.max().item<float>());
      ExpectRounded(bits == 8 ? "dfx(8)" : "dfx(24)", tensor,
                    [&](float v) { return Round(fitted, kNearestEven, v); });
    }
  }
  const at::Tensor row = torch::randn({32});
  at::Tensor block = row.clone();
  RoundBlock(*FindBlockFormat("mxfp4"), kNearestEven, row.data_ptr<float>(),
             block.data_ptr<float>(), 32);
  EXPECT_TRUE(SameBits(RoundTensor(ParseTensorFormat("mxfp4"), row, {}, kName), block));
}

TEST(RoundTensorTest, SaysWhatCannotBeQuantised) {
  const auto message = [](const char* text, const at::Tensor& tensor) {
    try {
      RoundTensor(ParseTensorFormat(text), tensor, {}, [] { return "the weight of conv1"; });
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const at::Tensor infinite = torch::tensor({1.0f, INFINITY});
  for (const char* text : {"int8", "fixed(8,23)", "fixed(3,4)", "dfx(8)", "dfx(32)"}) {
    EXPECT_NE(message(text, infinite).find("conv1"), std::string::npos) << text;
  }
  EXPECT_NE(message("uint8", -torch::ones({2})).find("no negative values"), std::string::npos);
  EXPECT_EQ(message("bf16", infinite), "no error");
  EXPECT_EQ(message("posit(8,1)+scale=center", infinite), "no error");
}

struct Normalised : torch::nn::Module {
  torch::nn::BatchNorm2d norm = register_module("norm", torch::nn::BatchNorm2d(3));
};

// Rounding points on both sides of LibTorch's own normalisation, forward and backward.
TEST(BatchNormTest, PassesInputsOutputsAndTheirGradients) {
  torch::manual_seed(1);
  const at::Tensor x = torch::randn({4, 3, 5, 5}), dy = torch::randn({4, 3, 5, 5});
  const auto forward = [](const at::Tensor& t) {
    return RoundTensor(ParseTensorFormat("float(5,3)"), t, {}, kName);
  };
  const auto backward = [](const at::Tensor& t) {
    return RoundTensor(ParseTensorFormat("float(5,1)"), t, {}, kName);
  };
  Normalised plain;
  const at::Tensor inside = forward(x).requires_grad_();
  const at::Tensor normal = plain.norm(inside);
  normal.backward(backward(dy));

  Normalised model;
  Approximate::Options options;
  options.batch_norm_point = std::make_shared<RoundingPoint>(RoundingPoint{forward, backward});
  Approximate mode(model, Uniform("fp32"), options);
  const at::Tensor input = x.clone().requires_grad_();
  const at::Tensor output = model.norm(input);
  output.backward(dy);
  EXPECT_TRUE(SameBits(output, forward(normal.detach())));
  EXPECT_TRUE(SameBits(input.grad(), backward(inside.grad())));
  EXPECT_TRUE(SameBits(model.norm->weight.grad(), plain.norm->weight.grad()));
  EXPECT_TRUE(SameBits(model.norm->running_mean, plain.norm->running_mean));
}

}  // namespace
}  // namespace mulberry
