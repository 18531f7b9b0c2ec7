// Histograms, traces and shapes against counts by hand, product by product.
#include "mulberry/nn/operand_recorder.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <bit>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"
#include "mulberry/nn/approximate.h"

namespace mulberry {
namespace {

struct LinearNet : torch::nn::Module {
  LinearNet() : fc(register_module("fc", torch::nn::Linear(3, 2))) {}
  torch::nn::Linear fc;
};
struct ConvNet : torch::nn::Module {
  ConvNet()
      : conv(register_module(
            "conv",
            torch::nn::Conv2d(torch::nn::Conv2dOptions(2, 4, 3).stride(2).padding(1).groups(2)))) {}
  torch::nn::Conv2d conv;
};

Approximate::Options Recording(std::shared_ptr<OperandRecorder> recorder) {
  Approximate::Options options;
  options.recorder = std::move(recorder);
  return options;
}

uint64_t Sum(const std::vector<uint64_t>& counts) {
  uint64_t sum = 0;
  for (const uint64_t count : counts) sum += count;
  return sum;
}

const OperandHistogram& Of(const std::vector<OperandRecorder::Recorded>& all, Pass pass) {
  for (const OperandRecorder::Recorded& recorded : all) {
    if (recorded.pass == pass) return recorded.histogram;
  }
  throw Error("no such pass");
}

TEST(OperandRecorder, CountsEachProductOfALinearLayer) {
  LinearNet net;
  const auto recorder = std::make_shared<OperandRecorder>();
  torch::NoGradGuard no_grad;
  // One scale a tensor: 127 is 127, and -1 stays -1.
  net.fc->weight.copy_(torch::tensor({{127.0f, 1.0f, 0.0f}, {-1.0f, 1.0f, 5.0f}}));
  const at::Tensor x =
      torch::tensor({{127.0f, -2.0f, 3.0f}, {0.0f, -2.0f, 1.0f}, {9.0f, 8.0f, -127.0f}});
  {
    Approximate mode(net, Policy::Uniform(ParseArithmetic("exact@int8")), Recording(recorder));
    net.fc(x);
  }
  const auto all = recorder->All();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].layer, "fc");
  const OperandHistogram& histogram = Of(all, Pass::kForward);
  EXPECT_EQ(histogram.operands, OperandSet::kSigned);
  EXPECT_EQ(histogram.source, "fc forward exact@int8");
  std::vector<uint64_t> a(256), b(256);
  for (int row = 0; row < 3; ++row) {
    for (int out = 0; out < 2; ++out) {
      for (int l = 0; l < 3; ++l) {  // The activation is the first operand.
        ++a[static_cast<size_t>(128 + x[row][l].item<float>())];
        ++b[static_cast<size_t>(128 + net.fc->weight[out][l].item<float>())];
      }
    }
  }
  EXPECT_EQ(histogram.a, a);
  EXPECT_EQ(histogram.b, b);
}

// Posits are counted by their significands, as floats are: of 1 to 4 fraction bits, in 16ths.
TEST(OperandRecorder, CountsTheSignificandsOfPosits) {
  LinearNet net;
  const auto recorder = std::make_shared<OperandRecorder>();
  torch::NoGradGuard no_grad;
  net.fc->weight.fill_(1.5f);
  {
    const Arithmetic posits = ParseArithmetic("exact@posit(8,1)");
    Approximate mode(net, Policy::Uniform(posits), Recording(recorder));
    net.fc(torch::tensor({{1.0625f, 48.0f, 0.0f}}));
  }
  const auto all = recorder->All();
  const OperandHistogram& histogram = Of(all, Pass::kForward);
  EXPECT_EQ(histogram.operands, OperandSet::kSignificand);
  EXPECT_EQ(histogram.a_bits, 5);
  std::vector<uint64_t> a(16), b(16);
  a[1] = a[8] = 2;  // Of either output; zero has no significand.
  b[8] = 6;
  EXPECT_EQ(histogram.a, a);
  EXPECT_EQ(histogram.b, b);
}

// By way of the patches that LibTorch itself makes, padding included.
TEST(OperandRecorder, CountsEachProductOfAConvolution) {
  torch::manual_seed(3);
  ConvNet net;
  const auto recorder = std::make_shared<OperandRecorder>();
  const at::Tensor x = torch::randn({2, 2, 5, 7});
  int64_t macs = 0;
  {
    torch::NoGradGuard no_grad;
    Approximate mode(net, Policy::Uniform(ParseArithmetic("exact@bf16")), Recording(recorder));
    net.conv(x);
    for (const LayerRun& line : mode.Report().lines) macs += line.macs;
  }
  const OperandHistogram histogram = Of(recorder->All(), Pass::kForward);
  EXPECT_EQ(histogram.operands, OperandSet::kSignificand);
  EXPECT_EQ(histogram.a_bits, 8);
  const auto count = [](const at::Tensor& values, uint64_t times) {
    std::vector<uint64_t> counts(128);
    const at::Tensor flat = values.to(torch::kBFloat16).to(torch::kFloat).flatten().contiguous();
    for (int64_t i = 0; i < flat.numel(); ++i) {
      const uint32_t bits = std::bit_cast<uint32_t>(flat.data_ptr<float>()[i]);
      if (bits << 1 != 0) counts[bits >> 16 & 0x7f] += times;
    }
    return counts;
  };
  // Each patch element meets the two output channels of its group, each weight all 2·3·4 outputs.
  const at::Tensor patches = torch::nn::functional::unfold(
      x, torch::nn::functional::UnfoldFuncOptions({3, 3}).stride(2).padding(1));
  EXPECT_EQ(histogram.a, count(patches, 2));
  EXPECT_EQ(histogram.b, count(net.conv->weight.detach(), 2 * 3 * 4));
  EXPECT_EQ(Sum(histogram.b), static_cast<uint64_t>(macs));
}

TEST(OperandRecorder, CountsBothGradients) {
  torch::manual_seed(4);
  LinearNet net;
  const auto recorder = std::make_shared<OperandRecorder>();
  const at::Tensor x = torch::randn({5, 3}).requires_grad_();
  {
    Policy policy = Policy::Uniform(ParseArithmetic("mitchell@bf16"));
    policy.rules.push_back(ParseRule("fc:weight_gradient=exact@int12"));
    Approximate mode(net, policy, Recording(recorder));
    net.fc(x).sum().backward();
  }
  const auto all = recorder->All();
  ASSERT_EQ(all.size(), 3u);
  for (const OperandRecorder::Recorded& recorded : all) {
    EXPECT_EQ(Sum(recorded.histogram.b), 5u * 3 * 2) << recorded.histogram.source;
  }
  // In gradients the first operand is the output's gradient: ones.
  EXPECT_EQ(Of(all, Pass::kInputGradient).a[0], 30u);
  const OperandHistogram& weight = Of(all, Pass::kWeightGradient);
  EXPECT_EQ(weight.a_bits, 12);
  EXPECT_EQ(weight.a[2048 + 2047], 30u);
}

TEST(OperandRecorder, EachOperandHasItsFormat) {
  torch::manual_seed(5);
  const TestFolder folder;
  ConvNet net;
  const auto recorder = std::make_shared<OperandRecorder>();
  Approximate mode(net, Policy::Uniform(ParseArithmetic("exact@uint8xint4")), Recording(recorder));
  const torch::NoGradGuard no_grad;
  const at::Tensor x = torch::rand({2, 2, 5, 7});
  net.conv(x);
  const OperandHistogram histogram = Of(recorder->All(), Pass::kForward);
  EXPECT_EQ(histogram.operands, OperandSets(OperandSet::kUnsigned, OperandSet::kSigned));
  EXPECT_EQ(histogram.a_bits, 8);
  EXPECT_EQ(histogram.b_bits, 4);
  ASSERT_EQ(histogram.a.size(), 256u);
  ASSERT_EQ(histogram.b.size(), 16u);
  EXPECT_EQ(Sum(histogram.a), Sum(histogram.b));
  EXPECT_GT(histogram.a[255], 0u);                                   // The largest activation.
  EXPECT_GT(histogram.b[0] + histogram.b[1] + histogram.b[15], 0u);  // The largest weight, ±7.
  recorder->Write(folder.path());
  EXPECT_EQ(ReadHistogram(folder.path() / "conv.forward.json"), histogram);
}

TEST(OperandRecorder, WritesAFileForEachLayerAndPass) {
  const TestFolder folder;
  LinearNet net;
  const auto recorder = std::make_shared<OperandRecorder>();
  Approximate mode(net, Policy::Uniform(ParseArithmetic("mitchell@int8")), Recording(recorder));
  net.fc(torch::randn({5, 3}));
  const std::string made = folder.path() / "new/folder";
  recorder->Write(made);
  EXPECT_EQ(ReadHistogram(made + "/fc.forward.json"), Of(recorder->All(), Pass::kForward));
}

TEST(OperandRecorder, RefusesOperandsTooWideForAFile) {
  LinearNet net;
  const auto recorder = std::make_shared<OperandRecorder>();
  const auto make = [&](const char* spec) {
    Approximate mode(net, Policy::Uniform(ParseArithmetic(spec)), Recording(recorder));
  };
  try {
    make("exact@fp32");
    FAIL() << "accepted";
  } catch (const UsageError& error) {
    EXPECT_STREQ(
        error.what(),
        "the operands of exact@fp32 have 24 bits, and histograms are of at most 16: record "
        "on a narrower format, such as float(8,15)");
  }
  EXPECT_THROW(make("noise(mre=1.4%)@fp32"), UsageError);
  make("exact@float(8,15)");
  make("fp32");
}

// The first product only, pairs of whole sums, the activation first.
TEST(OperandRecorder, TracesPairsOfWholeOutputs) {
  LinearNet net;
  const auto recorder = std::make_shared<OperandRecorder>(
      OperandRecorder::Wanted{.histograms = false, .trace_pairs = 7});
  torch::NoGradGuard no_grad;
  net.fc->weight.copy_(torch::tensor({{127.0f, 1.0f, 0.0f}, {-1.0f, 1.0f, 5.0f}}));
  {
    Approximate mode(net, Policy::Uniform(ParseArithmetic("exact@int8")), Recording(recorder));
    net.fc(torch::tensor({{127.0f, -2.0f, 3.0f}, {4.0f, 6.0f, 1.0f}}));
    net.fc(torch::ones({2, 3}));
  }
  EXPECT_TRUE(recorder->All().empty());
  const auto traces = recorder->Traces();
  ASSERT_EQ(traces.size(), 1u);
  EXPECT_EQ(traces[0].layer, "fc");
  EXPECT_EQ(traces[0].pass, "forward");
  EXPECT_EQ(traces[0].arithmetic, "exact@int8");
  // 7 pairs have room for two of the four outputs, of 3 terms: the first and the third.
  const std::vector<std::pair<uint32_t, uint32_t>> first = {{127, 127}, {0xfe, 1}, {3, 0}};
  ASSERT_EQ(traces[0].pairs.size(), 6u);
  EXPECT_TRUE(std::equal(first.begin(), first.end(), traces[0].pairs.begin()));
  // Outputs lie by image, or by line of the weight, whichever the product's rows are.
  const std::vector<std::pair<uint32_t, uint32_t>> by_image = {{4, 127}, {6, 1}, {1, 0}};
  const std::vector<std::pair<uint32_t, uint32_t>> by_line = {{127, 0xff}, {0xfe, 1}, {3, 5}};
  const std::vector<std::pair<uint32_t, uint32_t>> second(traces[0].pairs.begin() + 3,
                                                          traces[0].pairs.end());
  EXPECT_TRUE(second == by_image || second == by_line);
}

TEST(OperandRecorder, TracesFloatsAsEncodedAndBeginningsOfLongSums) {
  LinearNet net;
  const auto recorder = std::make_shared<OperandRecorder>(
      OperandRecorder::Wanted{.histograms = true, .trace_pairs = 2});
  torch::NoGradGuard no_grad;
  net.fc->weight.fill_(-2.0f);
  {
    Approximate mode(net, Policy::Uniform(ParseArithmetic("mitchell@bf16")), Recording(recorder));
    net.fc(torch::tensor({{1.0f, 0.5f, 3.0f}}));
  }
  EXPECT_EQ(recorder->All().size(), 1u);
  const std::vector<std::pair<uint32_t, uint32_t>> pairs = {{0x3f80, 0xc000}, {0x3f00, 0xc000}};
  ASSERT_EQ(recorder->Traces().size(), 1u);
  EXPECT_EQ(recorder->Traces()[0].pairs, pairs);
  const TestFolder folder;
  recorder->WriteTraces(folder.path());
  EXPECT_EQ(ReadTrace((folder.path() / "fc.forward.trace").string()), recorder->Traces()[0]);
}

TEST(OperandRecorder, TracesOnlyOperandsWithEncodings) {
  const OperandRecorder traces({.histograms = false, .trace_pairs = 8});
  EXPECT_NO_THROW(traces.Require(ParseArithmetic("exact@fp32")));  // Too wide for histograms.
  EXPECT_NO_THROW(traces.Require(ParseArithmetic("exact@posit(16,1)")));
  EXPECT_THROW(traces.Require(ParseArithmetic("exact@mxfp8(e4m3)")), UsageError);
  EXPECT_THROW(traces.Require(ParseArithmetic("noise(mre=1.4%)@fp32")), UsageError);
  EXPECT_THROW(OperandRecorder().Require(ParseArithmetic("exact@fp32")), UsageError);
}

TEST(OperandRecorder, KeepsTheShapesOfProducts) {
  LinearNet net;
  ConvNet grouped;
  const auto recorder = std::make_shared<OperandRecorder>();
  const Policy policy = Policy::Uniform(ParseArithmetic("exact@bf16"));
  {
    Approximate mode(net, policy, Recording(recorder));
    net.fc(torch::ones({5, 3}).requires_grad_()).sum().backward();
  }
  {
    Approximate mode(grouped, policy, Recording(recorder));
    const torch::NoGradGuard no_grad;
    grouped.conv(torch::ones({4, 2, 5, 7}));
  }
  const auto shapes = recorder->shapes();
  using Shapes = OperandRecorder::Shapes;
  // Outputs, images, inputs; the weight is the second operand of all but its own gradient.
  EXPECT_EQ(shapes.at({"fc", Pass::kForward}), (Shapes{{{2, 5, 3}, 1}}));
  EXPECT_EQ(shapes.at({"fc", Pass::kInputGradient}), (Shapes{{{3, 5, 2}, 1}}));
  const Shapes& of_weight = shapes.at({"fc", Pass::kWeightGradient});
  ASSERT_EQ(of_weight.size(), 1u);
  EXPECT_EQ(of_weight.begin()->first[2], 5);
  // Two output channels and 1·3·3 taps a group, 3·4 outputs of each of 4 images.
  int64_t macs = 0;
  for (const auto& [shape, count] : shapes.at({"conv", Pass::kForward})) {
    EXPECT_EQ(shape[0], 2);
    EXPECT_EQ(shape[2], 9);
    macs += shape[0] * shape[1] * shape[2] * count;
  }
  EXPECT_EQ(macs, 4 * 4 * 12 * 9);
}

}  // namespace
}  // namespace mulberry
